package vocab

import (
	"encoding/binary"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
)

func decodeAll(b []byte) (list []count, err error) {
	err = decodeCounts(b, func(c count) error {
		list = append(list, c)
		return nil
	})
	return list, err
}

func someCounts() []count {
	return []count{
		{0, 1, 1},
		{'\n', 70000, 300},
		{0xd7ff, 2, 1},
		{0xe000, maxCount, 1},
		{utf8.MaxRune, 3, 3},
	}
}

func TestCountsRoundTrip(t *testing.T) {
	for _, want := range [][]count{nil, someCounts()} {
		got, err := decodeAll(encodeCounts(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCountsDamaged(t *testing.T) {
	whole := encodeCounts(someCounts())
	for i := range whole {
		if list, err := decodeAll(whole[:i]); err == nil || list != nil {
			t.Errorf("cut at %d: %v, %v", i, list, err)
		}
		for bit := range 8 {
			flipped := append([]byte(nil), whole...)
			flipped[i] ^= 1 << bit
			if list, err := decodeAll(flipped); err == nil || list != nil {
				t.Errorf("bit %d of byte %d: %v, %v", bit, i, list, err)
			}
		}
	}
}

// sealed is a file whose checksum is right, whatever is in it.
func sealed(body []byte) []byte {
	b := append([]byte(countsMagic), body...)
	return binary.LittleEndian.AppendUint64(b, xxh3.Hash(b))
}

func TestCountsThatCannotBe(t *testing.T) {
	tests := map[string][]uint64{
		"distance 0":          {1, 1, 1, 0, 1, 1},
		"beyond Unicode":      {utf8.MaxRune + 2, 1, 1},
		"distance overflows":  {5, 1, 1, 1<<62 - 1, 1, 1},
		"surrogate":           {0xd801, 1, 1},
		"count 0":             {1, 0, 0},
		"documents 0":         {1, 1, 0},
		"more documents":      {1, 1, 2},
		"count too large":     {1, maxCount + 1, 1},
		"number out of range": {1, 1 << 63, 1},
		"cut off":             {1, 1},
	}
	for name, numbers := range tests {
		t.Run(name, func(t *testing.T) {
			var body []byte
			for _, n := range numbers {
				body = binary.AppendUvarint(body, n)
			}
			if list, err := decodeAll(sealed(body)); err == nil {
				t.Errorf("decoded %v", list)
			}
		})
	}
}

func FuzzDecodeCounts(f *testing.F) {
	whole := encodeCounts(someCounts())
	f.Add(whole[len(countsMagic) : len(whole)-countsChecksum])
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = decodeAll(body)
		list, err := decodeAll(sealed(body))
		if err != nil {
			return
		}
		for i, c := range list {
			if !utf8.ValidRune(c.Rune) || c.Documents < 1 || c.Documents > c.Count || i > 0 && list[i-1].Rune >= c.Rune {
				t.Fatalf("decoded %v", list)
			}
		}
		again, err := decodeAll(encodeCounts(list))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, again); diff != "" {
			t.Error(diff)
		}
	})
}
