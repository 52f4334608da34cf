package normalize

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

func TestPlainWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.OneOf(
			rapid.SampledFrom([]byte("abcXYZ_~!? ")), rapid.SampledFrom([]byte("abcXYZ_~!? ")), rapid.Byte(),
		), 8, 8).Draw(t, "word")
		want := 8
		for i, c := range b {
			switch {
			case c < 0x20 || c > 0x7E, c == ' ' && (i == 0 || b[i-1] == ' '):
				want = 0
			case c == ' ' && i == 7 && want > 0:
				want = 7
			}
			if want == 0 {
				break
			}
		}
		if got := plainWord(binary.LittleEndian.Uint64(b)); got != want {
			t.Fatalf("%q: %d, want %d", b, got, want)
		}
	})
}
