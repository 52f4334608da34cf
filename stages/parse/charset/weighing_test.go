package charset

import (
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// plainCompare is compare by way of weigh, which decodes.
func plainCompare(names []string, sample []byte, last bool, hint string) (best, second evidence) {
	random, declared := plainMeaningless(sample, costHighByte), plainMeaningless(sample, costDeclaredByte)
	for _, name := range names {
		limit := random
		e := weigh(name, sample, last, math.MaxInt)
		if name == hint {
			limit = declared
			bytes := declared
			if name != UTF16LE && name != UTF16BE {
				bytes -= plainMeaningless(sample, 0)
			}
			e.cost -= bytes / 20
		}
		e.words = 0
		switch {
		case e.cost > limit:
		case best.name == "" || e.cost < best.cost:
			best, second = e, best
		case second.name == "" || e.cost < second.cost:
			second = e
		}
	}
	return best, second
}

func plainMeaningless(data []byte, highByte int) int {
	cost := 0
	for _, b := range data {
		if b < 0x80 {
			cost += int(costs()[b])
		} else {
			cost += highByte
		}
	}
	return cost
}

// plainMixed is mixed for characters of three bytes, one byte at a time.
func plainMixed(head []byte) bool {
	high, formed := 0, 0
	for i := 0; i < len(head); {
		n := 1
		if head[i] >= 0x80 {
			if head[i]&0xF0 == 0xE0 && i+3 <= len(head) && continued(head[i+1:i+3]) {
				n = 3
				formed += n
			}
			high += n
		}
		i += n
	}
	return formed >= mixedBytes && formed*mixedShare > high
}

var weighed = []string{UTF8, UTF16LE, UTF16BE, GB18030, Big5}

func checkWeighing(t *testing.T, sample []byte, last bool, hint string) {
	t.Helper()
	wedged := wedges(sample)
	for _, name := range weighed {
		want := weigh(name, sample, last, math.MaxInt)
		want.words = 0
		if got := quickly(name, sample, wedged, last, math.MaxInt); got != want {
			t.Fatalf("%s, last %v, of %q: %+v, want %+v", name, last, sample, got, want)
		}
	}
	for _, names := range [][]string{weighed, weighed[:3], {UTF8, GB18030, Big5}} {
		best, second := compare(names, sample, last, hint)
		wantBest, wantSecond := plainCompare(names, sample, last, hint)
		if best != wantBest || second != wantSecond {
			t.Fatalf("%q of %q: %+v, %+v, want %+v, %+v", names, sample, best, second, wantBest, wantSecond)
		}
	}
	if got, want := mixed(sample, 3), plainMixed(sample); got != want {
		t.Fatalf("mixed %v, want %v, of %q", got, want, sample)
	}
}

// oddBytes are what the encodings do not agree on.
var oddBytes = []string{
	"\x80", "\xFF", "\x00", "\x7F", "\x1b", "\n", "\r", "\t", " ", "~", "\x81\x30\x81\x30", "\x84\x31\xA4\x37", "\x90\x30\x81\x30", "\xE3\x32\x9A\x36", "\xFD\xFF", "\xFF\xFD",
	"\xEF\xBF\xBD", "\xEE\x80\x80", "\xF3\xB0\x80\x80", "\xF0\x9F\x98\x80", "\x3D\xD8\x00\xDE", "\xD8\x3D\xDE\x00", "\x3D\xD8", "\xDE\x00", "\x88\x62", "\x87\x45", "\xC7\xE9",
	"\xA1\xA1", "\xA1\x40", "\xAA\xA1", "\xA2\xAB", "\xC2\xB7", "\xA4\xA2", "\x82\xA0", "\xE3\x81\x82", "\x42\x30", "\x30\x42", "\xFA\x40", "\xE4\xB8", "\xE4", "a\xD6b", "\xD6\xD0A",
}

func TestWeighing(t *testing.T) {
	all := chinese(1<<14, func(rune) bool { return true })
	base := [][]byte{
		[]byte(all), []byte(encoded(t, simplifiedchinese.GB18030, all)), []byte(utf16Text(all, false)), []byte(utf16Text(all, true)),
		[]byte(encoded(t, traditionalchinese.Big5, chinese(1<<14, func(r rune) bool {
			_, err := traditionalchinese.Big5.NewEncoder().String(string(r))
			return err == nil
		}))),
		[]byte(encoded(t, charmap.Windows1252, "Le café est fermé. ")), []byte("plain words, and 12 of them\n"),
	}
	rng := rand.New(rand.NewPCG(7, 8))
	hints := append([]string{"", "", "koi8-r"}, weighed...)
	for range 4000 {
		var sample []byte
		for size := 1 << rng.IntN(13); len(sample) < size; {
			from := base[rng.IntN(len(base))]
			start := rng.IntN(len(from))
			part := from[start:min(len(from), start+rng.IntN(1<<rng.IntN(12)+1))]
			sample = append(sample, part...)
			switch rng.IntN(6) {
			case 0:
				sample = append(sample, oddBytes[rng.IntN(len(oddBytes))]...)
			case 1:
				for range rng.IntN(20) {
					sample = append(sample, byte(rng.Uint32()))
				}
			case 2:
				for n := rng.IntN(400); n > 0; n-- {
					sample = append(sample, oddBytes[rng.IntN(len(oddBytes))]...)
				}
			}
		}
		checkWeighing(t, sample[:min(len(sample), sampleBytes)], rng.IntN(2) == 0, hints[rng.IntN(len(hints))])
	}
}

// TestEveryPair weighs every pair of bytes, between others and at the end.
func TestEveryPair(t *testing.T) {
	for lead := range 256 {
		for trail := range 256 {
			pair := []byte{byte(lead), byte(trail)}
			for _, name := range weighed {
				for _, last := range []bool{true, false} {
					for _, in := range [][]byte{pair, append([]byte{0xD6, 0xD0}, pair...), append(pair, 'a', 0xD6, 0xD0, 'b')} {
						want := weigh(name, in, last, math.MaxInt)
						want.words = 0
						if got := quickly(name, in, wedges(in), last, math.MaxInt); got != want {
							t.Fatalf("%s, last %v, of %x: %+v, want %+v", name, last, in, got, want)
						}
					}
				}
			}
		}
	}
}

func TestComposition(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 20000 {
		in := make([]byte, rng.IntN(40))
		low := rng.IntN(2) == 0
		for i := range in {
			if in[i] = byte(rng.Uint32()); low && rng.IntN(10) > 0 {
				in[i] = "\t\n\r \x1f!@AZ[`az{~\x7f\x80\xff"[rng.IntN(18)]
			}
		}
		var want composition
		want.add(in, true)
		want.bytes = len(in)
		if got := compositionOf(in); got != want {
			t.Fatalf("%+v, want %+v, of %q", got, want, in)
		}
	}
}

// FuzzWeighing holds that looking characters up finds what decoding finds.
func FuzzWeighing(f *testing.F) {
	f.Add([]byte(simplified), true, uint8(0))
	f.Add([]byte(utf16Text(simplified, true)), false, uint8(1))
	for _, odd := range oddBytes {
		f.Add([]byte(odd+"\xD6\xD0"+odd), true, uint8(4))
	}
	f.Fuzz(func(t *testing.T, sample []byte, last bool, hint uint8) {
		checkWeighing(t, sample[:min(len(sample), sampleBytes)], last, weighed[int(hint)%len(weighed)])
	})
}
