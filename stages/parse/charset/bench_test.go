package charset

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// chinese makes text like that of a newspaper out of the common characters that keep lets through.
func chinese(size int, keep func(r rune) bool) string {
	var han []rune
	for _, r := range common {
		if keep(r) {
			han = append(han, r)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < size {
		for range 4 + rng.IntN(16) {
			b.WriteRune(han[int(rng.ExpFloat64()*200)%len(han)])
		}
		switch rng.IntN(12) {
		case 0:
			fmt.Fprintf(&b, "%d年", 1900+rng.IntN(130))
		case 1:
			b.WriteString("GDP ")
		case 2:
			b.WriteString("\n")
		}
		b.WriteString([]string{"，", "，", "、", "。"}[rng.IntN(4)])
	}
	return b.String()
}

func samples(b *testing.B) map[string]string {
	b.Helper()
	all := chinese(4<<20, func(rune) bool { return true })
	inBig5 := chinese(4<<20, func(r rune) bool {
		_, err := traditionalchinese.Big5.NewEncoder().String(string(r))
		return err == nil
	})
	return map[string]string{
		EUCJP: encoded(b, japanese.EUCJP, strings.Repeat(freedom, 1<<16)), "windows-1251": encoded(b, charmap.Windows1251, strings.Repeat(russian, 1<<15)),
		UTF8: all, UTF16LE: utf16Text(all, false), UTF16BE: utf16Text(all, true), GB18030: encoded(b, simplifiedchinese.GB18030, all),
		Big5: encoded(b, traditionalchinese.Big5, inBig5), HZ: encoded(b, simplifiedchinese.HZGB2312, all), Windows1252: strings.Repeat("Le caf\xE9 est ferm\xE9. ", 1<<17),
	}
}

func BenchmarkReader(b *testing.B) {
	benchmarkReader(b, (*Reader).Reset)
}

// BenchmarkLines is BenchmarkReader with a look at every line.
func BenchmarkLines(b *testing.B) {
	benchmarkReader(b, func(r *Reader, name string, src io.Reader) error { return r.ResetLines(name, src, false) })
}

func benchmarkReader(b *testing.B, reset func(*Reader, string, io.Reader) error) {
	all := samples(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			in := all[name]
			src := strings.NewReader(in)
			var r Reader
			p := make([]byte, 256<<10)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				src.Reset(in)
				if err := reset(&r, name, src); err != nil {
					b.Fatal(err)
				}
				var err error
				for err == nil {
					_, err = r.Read(p)
				}
				if !errors.Is(err, io.EOF) || r.Replaced > 0 {
					b.Fatal(err, r.Counts)
				}
			}
		})
	}
}

func BenchmarkDetect(b *testing.B) {
	all := samples(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			head := []byte(all[name][:64<<10])
			b.SetBytes(int64(len(head)))
			for b.Loop() {
				if got, why := Detect(head, false, ""); got != name && got != Unknown {
					b.Fatal(got, why)
				}
			}
		})
	}
}
