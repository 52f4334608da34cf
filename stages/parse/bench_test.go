package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// newspaper makes text of about n bytes: common characters, punctuation, figures, some Latin, short paragraphs.
func newspaper(rng *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		for range 4 + rng.IntN(16) {
			b.WriteRune(rune(0x4E00 + int(rng.ExpFloat64()*800)%0x5000))
		}
		switch rng.IntN(20) {
		case 0, 1:
			fmt.Fprintf(&b, "%d年", 1900+rng.IntN(130))
		case 2:
			b.WriteString("GDP")
		case 3:
			b.WriteString("。\n")
		}
		b.WriteString([]string{"，", "，", "、", "。"}[rng.IntN(4)])
	}
	return b.String()
}

// benchmarkBytes is about the size of the file of each format.
func benchmarkBytes() int {
	if testing.Short() {
		return 1 << 20
	}
	return 8 << 20
}

// benchmarkFiles has about size bytes of each format.
func benchmarkFiles(size int) map[string][]byte {
	rng := rand.New(rand.NewPCG(3, 4))
	text := newspaper(rng, size)
	files := map[string][]byte{Text: []byte(text)}
	var chars, lines bytes.Buffer
	for line := range strings.Lines(text[:size/3]) {
		chars.WriteString("<BOS>")
		for _, r := range strings.TrimSpace(line) {
			chars.WriteString("  ")
			chars.WriteRune(r)
		}
		chars.WriteString("  <EOS>\n")
	}
	files[Chars] = chars.Bytes()
	for i := 0; lines.Len() < size; i++ {
		line, err := json.Marshal(map[string]any{"id": fmt.Sprintf("doc-%06d", i), "text": newspaper(rng, 4000), "url": "https://example.com/a"})
		if err != nil {
			panic(err)
		}
		lines.Write(append(line, '\n'))
	}
	files[JSONL] = lines.Bytes()
	return files
}

func escaped(data []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(data) {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.Bytes()
}

// BenchmarkRead measures the reader alone, in decoded bytes.
func BenchmarkRead(b *testing.B) {
	files := benchmarkFiles(benchmarkBytes())
	lines := files[JSONL]
	run := func(name, format, rule, codec string, data []byte, size int) {
		b.Run(name, func(b *testing.B) {
			in := one(format, rule, codec, data)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				in.bench(b, nil)
			}
		})
	}
	run("file", Text, RuleFile, "", files[Text], len(files[Text]))
	run("lines", JSONL, RuleLine, "", lines, len(lines))
	run("blank_line", Text, RuleBlankLine, "", files[Text], len(files[Text]))
}

// bench reads the only split once.
func (in *input) bench(b *testing.B, stage pipeline.Stage) {
	r, err := NewFormats(in.cfg).Open(b.Context(), in.from, 0)
	if err != nil {
		b.Fatal(err)
	}
	batch := &benchBatch
	for {
		batch.Reset()
		err := r.Read(b.Context(), batch)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && stage != nil {
			_, err = stage.Process(b.Context(), batch)
		}
		if err != nil || len(batch.Rejects) > 0 {
			b.Fatal(err, batch.Rejects)
		}
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
}

// benchBatch is used by one benchmark after the other, as a slot of a worker does.
var benchBatch columnar.Batch

// BenchmarkWrapWidth measures the look at the lines of a text that every document gets: of one that is not wrapped, and of
// one that is.
func BenchmarkWrapWidth(b *testing.B) {
	text := newspaper(rand.New(rand.NewPCG(5, 6)), 4000)
	for name, data := range map[string][]byte{"not": []byte(text), "wrapped": []byte(wrap(text, 64))} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				wrapWidth(data)
			}
		})
	}
}
