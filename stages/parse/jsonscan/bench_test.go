package jsonscan

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// chinese makes text of about n bytes, like that of a newspaper: common characters, punctuation, figures, some Latin.
func chinese(rng *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		for range 4 + rng.IntN(16) {
			b.WriteRune(rune(0x4E00 + int(rng.ExpFloat64()*800)%0x5000))
		}
		switch rng.IntN(12) {
		case 0:
			fmt.Fprintf(&b, "%d年", 1900+rng.IntN(130))
		case 1:
			b.WriteString("“" + string(rune(0x4E00+rng.IntN(0x2000))) + "”")
		case 2:
			b.WriteString("GDP")
		case 3:
			b.WriteString("\n")
		}
		b.WriteString([]string{"，", "，", "、", "。"}[rng.IntN(4)])
	}
	return b.String()
}

func benchmarkLines(escaped bool) (lines [][]byte, size int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		line, err := json.Marshal(map[string]any{"id": fmt.Sprintf("doc-%06d", i), "text": chinese(rng, 4000), "url": "https://example.com/a"})
		if err != nil {
			panic(err)
		}
		if escaped {
			var b strings.Builder
			for _, r := range string(line) {
				if r < 0x80 {
					b.WriteRune(r)
				} else {
					fmt.Fprintf(&b, `\u%04x`, r)
				}
			}
			line = []byte(b.String())
		}
		lines = append(lines, line)
		size += len(line)
	}
	return lines, size
}

func BenchmarkScan(b *testing.B) {
	for _, escaped := range []bool{false, true} {
		name := "utf8"
		if escaped {
			name = "escaped"
		}
		b.Run(name, func(b *testing.B) {
			lines, size := benchmarkLines(escaped)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			s := New("text")
			var text, rest []byte
			for b.Loop() {
				for _, line := range lines {
					var status Status
					text, rest, status = s.Scan(line, text[:0], rest[:0])
					if status != OK {
						b.Fatal(s.What)
					}
				}
			}
		})
	}
}
