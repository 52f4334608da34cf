package parse

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// TestFramedMetadata mixes rows with metadata of a framer and rows without any in one batch.
func TestFramedMetadata(t *testing.T) {
	in := newInput()
	add := func(path, format, rule, data string) {
		in.add(pipeline.File{Path: path, Format: format, Document: rule}, newObject([]byte(data)))
	}
	add("a", JSONL, RuleLine, `{"text":"一","k":1}`)
	add("b", Segmented, RuleID, "19980101-01-001-001/m 二/n\n")
	add("c", Text, RuleFile, "三")
	add("d", JSONL, RuleLine, "{\"text\":\"四\",\"k\":[2]}\n{\"k\":0}\n")
	add("e", Segmented, RuleID, "没有/v 编号/n\n\n19980101-01-002-001/m 五/n\n")
	for range 2 {
		documents, meta, rejects, _ := in.documents(t)
		if len(rejects) != 1 || len(documents) != 6 {
			t.Fatalf("%d documents, rejects %v", len(documents), rejects)
		}
		if diff := cmp.Diff([]string{`{"k":1}`, `{"id":"19980101-01-001"}`, "", `{"k":[2]}`, "", `{"id":"19980101-01-002"}`}, meta); diff != "" {
			t.Error(diff)
		}
	}
}

func TestMergeObjects(t *testing.T) {
	for _, tt := range []struct{ own, given, want string }{
		{"", "", ""}, {"", "{}", ""}, {`{"a":1}`, "", `{"a":1}`}, {"", `{"b":2}`, `{"b":2}`}, {`{"a":1}`, `{"b":2,"c":3}`, `{"b":2,"c":3,"a":1}`},
	} {
		if got := string(mergeObjects([]byte("x"+tt.own), 1, []byte(tt.given))); got != "x"+tt.want {
			t.Errorf("%s, %s: %s, want %s", tt.own, tt.given, got, tt.want)
		}
	}
}

// TestFramedBatches holds the bounds of batches, rejects included.
func TestFramedBatches(t *testing.T) {
	rows := "text,b\n" + strings.Repeat("1\n", 3*batchRecords) + strings.Repeat("一,2\n", 2*batchRecords)
	total, bad := 0, 0
	one(CSVFormat, RuleRecord, "", []byte(rows)).each(t, func(b *columnar.Batch) {
		if b.Len() > batchRecords || len(b.Rejects) > batchRecords {
			t.Errorf("a batch of %d records and %d rejects", b.Len(), len(b.Rejects))
		}
		total += b.Len()
		bad += len(b.Rejects)
	})
	if total != 2*batchRecords || bad != 3*batchRecords {
		t.Errorf("%d records, %d rejects", total, bad)
	}
}
