package parse

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// referenceRecords cuts a file the slow and obvious way. Records come without their last line end.
func referenceRecords(data []byte, rule string) (records []record) {
	offset := int64(0)
	if bytes.HasPrefix(data, []byte(bom)) {
		offset, data = int64(len(bom)), data[len(bom):]
	}
	var open *record
	for line := range bytes.Lines(data) {
		switch {
		case isBlank(line):
			open = nil
		case open == nil || rule == RuleLine:
			records = append(records, record{offset, string(line)})
			open = &records[len(records)-1]
		default:
			open.Text += string(line)
		}
		offset += int64(len(line))
	}
	for i := range records {
		records[i].Text = strings.TrimSuffix(records[i].Text, "\n")
	}
	return records
}

func trimRecords(records []record) []record {
	for i := range records {
		records[i].Text = strings.TrimSuffix(records[i].Text, "\n")
	}
	return records
}

// checkSplits reads data cut at the offsets and compares with the reference: the same records, once each, and rejects for
// those that are too large.
func checkSplits(t testing.TB, data []byte, rule string, limit int64, at []int64) {
	t.Helper()
	in := one(Text, rule, "", data)
	in.cfg.MaxDocumentBytes = limit
	in.cut(at...)
	got, rejects, _, stored := in.raw(t)
	var want []record
	var wantRejects []columnar.Reject
	for _, r := range referenceRecords(data, rule) {
		if int64(len(r.Text)) <= limit {
			want = append(want, r)
			continue
		}
		wantRejects = append(wantRejects, columnar.Reject{
			Offset: r.Offset, Bytes: int64(len(r.Text)), Reason: ingest.ReasonTooLarge,
		})
	}
	for i := range rejects {
		rejects[i].Detail = ""
	}
	if diff := cmp.Diff(want, trimRecords(got)); diff != "" {
		t.Fatalf("%s, cut at %v: %s", rule, at, diff)
	}
	if diff := cmp.Diff(wantRejects, rejects); diff != "" {
		t.Fatalf("%s, cut at %v: rejects: %s", rule, at, diff)
	}
	if stored != int64(len(data)) {
		t.Fatalf("%s, cut at %v: consumed %d of %d bytes", rule, at, stored, len(data))
	}
}

func TestEveryCut(t *testing.T) {
	pipelinetest.Long(t)
	texts := map[string]string{
		"lines":          "一\n二二\n\n\n三\r\n \u3000\r\n四 \n",
		"no end":         "a\n\nb\nc",
		"only blank":     "\n\n \n",
		"starts blank":   "\n\na\nb\n\nc\n",
		"bom":            bom + "a\nb\n\nc",
		"bom and blank":  bom + "\nb\n\nc\n",
		"only bom":       bom,
		"two bytes":      "a\n",
		"long blanks":    "a\n" + strings.Repeat(" ", maxBlank-1) + "\nb\n" + strings.Repeat(" ", maxBlank) + "\nc\n",
		"wide blanks":    "a\n" + strings.Repeat("\u3000", maxBlank/3) + "\nb\n" + strings.Repeat("\u3000", maxBlank/3+1) + "\nc\n",
		"too large":      "a\n" + strings.Repeat("x", 3000) + "\nb\n\n" + strings.Repeat("yy\n", 1000) + "\nc",
		"too large last": "a\n\n" + strings.Repeat("x", 3000),
		"just fits":      strings.Repeat("x", 1500) + "\n\n" + strings.Repeat("x", 1501) + "\n\n" + strings.Repeat("x", 749) + "\n" + strings.Repeat("x", 750),
	}
	for name, text := range texts {
		for _, rule := range []string{RuleLine, RuleBlankLine} {
			t.Run(name+"/"+rule, func(t *testing.T) {
				checkSplits(t, []byte(text), rule, 1500, nil)
				step := max(1, len(text)/300)
				for at := 0; at <= len(text); at += step {
					checkSplits(t, []byte(text), rule, 1500, []int64{int64(at)})
				}
			})
		}
	}
}

func TestAnyCuts(t *testing.T) {
	pieces := []string{"温", "a", "\n", "\n\n", "\r\n", " ", "\u3000", "\xE3\x80", "{}", strings.Repeat("长", 500), strings.Repeat(" ", 700), bom}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(rt, "text"), "")
		rule := rapid.SampledFrom([]string{RuleLine, RuleBlankLine}).Draw(rt, "rule")
		at := rapid.SliceOfN(rapid.Int64Range(0, int64(len(text))), 0, 8).Draw(rt, "cuts")
		slices.Sort(at)
		checkSplits(t, []byte(text), rule, rapid.Int64Range(maxBlank, 4000).Draw(rt, "limit"), at)
	})
}

// TestBatches holds the rule by which batches end: with the record that reaches a limit, wherever chunks end.
func TestBatches(t *testing.T) {
	var text bytes.Buffer
	for i := range 3 * batchRecords {
		text.WriteString(strings.Repeat("文", i%700))
		text.WriteString("x\n")
	}
	in := one(Text, RuleLine, "", text.Bytes())
	var got []record
	last := true
	in.each(t, func(b *columnar.Batch) {
		if !last {
			t.Error("a batch ended too early")
		}
		n := len(b.Text.Data)
		if b.Len() > batchRecords || n-len(b.Text.At(b.Len()-1)) >= batchBytes {
			t.Errorf("a batch of %d records and %d bytes", b.Len(), n)
		}
		last = b.Len() == batchRecords || n >= batchBytes
		for i := range b.Len() {
			got = append(got, record{b.Offset[i], string(b.Text.At(i))})
		}
	})
	if diff := cmp.Diff(referenceRecords(text.Bytes(), RuleLine), trimRecords(got)); diff != "" {
		t.Error(diff[:min(len(diff), 2000)])
	}
}

func FuzzSplits(f *testing.F) {
	f.Add([]byte("a\n\nb\nc\n"), uint16(1), uint16(3), false)
	f.Add([]byte(bom+"\n \n\u3000\nb"), uint16(2), uint16(5), true)
	f.Add(bytes.Repeat([]byte("xyz\n"), 800), uint16(1200), uint16(2900), true)
	f.Fuzz(func(t *testing.T, data []byte, a, b uint16, blank bool) {
		rule := RuleLine
		if blank {
			rule = RuleBlankLine
		}
		at := []int64{min(int64(a), int64(len(data))), min(int64(b), int64(len(data)))}
		slices.Sort(at)
		checkSplits(t, data, rule, 1500, at)
	})
}
