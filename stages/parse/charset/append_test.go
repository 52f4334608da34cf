package charset

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func checkAppend(t *testing.T, name string, data []byte, order bool) {
	t.Helper()
	var r Reader
	if err := r.ResetLines(name, bytes.NewReader(data), order); err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(&r)
	if err != nil {
		t.Fatal(err)
	}
	got, counts, err := AppendLines([]byte("before"), name, data, order)
	if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) || counts != r.Counts {
		t.Fatalf("%s, order %v, of %q: %q %+v %v, want %q %+v", name, order, data, got, counts, err, want, r.Counts)
	}
}

// TestAppendLines compares with a Reader, also where lines are longer than its buffer.
func TestAppendLines(t *testing.T) {
	pipelinetest.Long(t)
	all := chinese(1<<17, func(rune) bool { return true })
	gb := []byte(encoded(t, simplifiedchinese.GB18030, all))
	base := [][]byte{gb, bytes.ReplaceAll(gb, []byte("\n"), nil), []byte(all), []byte("caf\xE9 au lait\r\n"), []byte(byteOrderMark), []byte("plain\n")}
	rng := rand.New(rand.NewPCG(11, 12))
	for range 300 {
		var data []byte
		for size := 1 << rng.IntN(18); len(data) < size; {
			from := base[rng.IntN(len(base))]
			start := rng.IntN(len(from))
			data = append(data, from[start:min(len(from), start+rng.IntN(1<<rng.IntN(17)+1))]...)
			if rng.IntN(3) == 0 {
				data = append(data, oddBytes[rng.IntN(len(oddBytes))]...)
			}
		}
		for _, name := range Names() {
			checkAppend(t, name, data, rng.IntN(2) == 0)
		}
	}
	if _, _, err := AppendLines(nil, "utf-7", nil, false); err == nil {
		t.Error("an unknown encoding is no error")
	}
}

func FuzzAppendLines(f *testing.F) {
	f.Add([]byte(encoded(f, simplifiedchinese.GB18030, simplified)+"caf\xE9\n"+simplified), uint8(4), false)
	f.Add([]byte("a~{VPND~}b~~c~\nd~{VP\nx~{V"), uint8(3), true)
	f.Fuzz(func(t *testing.T, data []byte, name uint8, order bool) {
		checkAppend(t, Names()[int(name)%len(Names())], data, order)
	})
}
