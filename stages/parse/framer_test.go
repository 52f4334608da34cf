package parse

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// TestFramedMetadata mixes rows with metadata of a framer and rows without any in one batch.
func TestFramedMetadata(t *testing.T) {
	in := newInput()
	add := func(path, format, rule, data string) {
		in.add(ingest.File{Path: path, Format: format, Document: rule}, newObject([]byte(data)))
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

// TestHugeFramed reads records of 200 MB with little memory, and goes on behind them.
func TestHugeFramed(t *testing.T) {
	tests := []struct {
		format, rule, before, after string
		want                        []record
		bytes                       int64 // of the record besides what is endless
	}{
		{JSON, RuleRecord, `[{"text":"a"},{"text":"`, `"},{"text":"b"}]`, []record{{1, "a"}, {0, "b"}}, int64(len(`{"text":""}`))},
		{CSVFormat, RuleRecord, "text\na\n\"", "\"\nb\n", []record{{5, "a"}, {0, "b"}}, int64(len("\"\"\n"))},
		{Segmented, RuleID, "一/n\n\n", "\n\nb/n\n", []record{{0, "一"}, {0, "b"}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			file := endless{200 << 20 / hugeShare(), tt.before, tt.after}
			in := newInput()
			in.cfg.MaxDocumentBytes = 1 << 20
			in.add(ingest.File{Path: "file", Format: tt.format, Document: tt.rule}, file)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, _, rejects, _ := in.documents(t)
			runtime.ReadMemStats(&after)
			if len(got) != 2 || got[0].Text != tt.want[0].Text || got[1].Text != tt.want[1].Text {
				t.Errorf("documents %v", got)
			}
			want := []columnar.Reject{{Bytes: file.size + tt.bytes, Reason: ingest.ReasonTooLarge}}
			if diff := cmp.Diff(want, rejects, noDetail, cmpopts.IgnoreFields(columnar.Reject{}, "Offset")); diff != "" {
				t.Error(diff)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
				t.Errorf("%d bytes allocated", used)
			}
		})
	}
}
