package parse

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/stages/parse/codec"
)

// The line of an offset is that of the decoded text, however the file is stored; a table has none.
func TestLine(t *testing.T) {
	long := strings.Repeat("一", lineBuffer) // over several reads
	lines := []string{"第一行", "", "第三行 ", long, "第五行"}
	text := strings.Join(lines, "\n") + "\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	recoded := one(Text, RuleLine, "", gbk)
	recoded.from.Plan.Files[0].Encoding = "gb18030"
	for name, in := range map[string]*input{
		"plain": one(Text, RuleLine, "", []byte(text)), "gzip": one(JSONL, RuleLine, codec.Gzip, gzipped(t, text)), "recoded": recoded,
	} {
		for number, line := range lines {
			offset := int64(strings.Index(text, line))
			if line == "" {
				offset = int64(len(lines[0]) + 1)
			}
			got, err := NewFormats(in.cfg).Line(t.Context(), in.from, 0, offset)
			if err != nil || got != int64(number+1) {
				t.Errorf("%s: offset %d is in line %d, %v; want %d", name, offset, got, err, number+1)
			}
		}
		if _, err := NewFormats(in.cfg).Line(t.Context(), in.from, 0, int64(len(text))+1); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: behind the end: %v", name, err)
		}
	}
	table := one(Parquet, RuleRecord, "", bytes.Repeat([]byte("\n"), 9))
	if got, err := NewFormats(table.cfg).Line(t.Context(), table.from, 0, 5); got != 0 || err != nil {
		t.Errorf("a table has line %d, %v", got, err)
	}
}
