package tokens

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// checked is a store with a shard of some documents, and a table of their words in order.
func checked(t *testing.T, texts, metas []string, rows []tally, tokens ...string) pipeline.Store {
	t.Helper()
	s := pipelinetest.NewMemory()
	write := func(name string, schema []columnar.Column, meta map[string]string, columns ...any) {
		var file bytes.Buffer
		w, err := columnar.NewParquetWriter(&file, schema, columnar.TableOptions{Metadata: meta})
		pipelinetest.Must(t, err)
		pipelinetest.Must(t, w.Write(columns...))
		_, err = w.Finish()
		pipelinetest.Must(t, err)
		pipelinetest.Must(t, pipeline.WriteAll(t.Context(), s, name, file.Bytes()))
	}
	column := func(list []string) *columnar.Strings {
		var c columnar.Strings
		for _, v := range list {
			c.Append([]byte(v))
		}
		return &c
	}
	var documents []columnar.Column
	for _, name := range []string{"text", "source", "metadata"} {
		documents = append(documents, columnar.Column{Name: name, Type: columnar.String})
	}
	write("data/x.parquet", documents, nil, column(texts), column(texts), column(metas))
	var counts, in []int64
	for _, r := range rows {
		counts, in = append(counts, r.count), append(in, r.documents)
	}
	write("table", schema, map[string]string{metaLeast: "2", metaTokens: "5", metaCount: "11"}, column(tokens), counts, in, counts, in)
	return s
}

// The words of documents, their own where they came in words, are held against a table in any number of parts.
func TestCheck(t *testing.T) {
	texts := []string{"新闻联播", "新闻联播 今天", "新闻 ok新闻", "荆楚荆楚"}
	metas := []string{"{}", `{"words":[2,2,-1,2]}`, "{}", "{}"}
	whole := []ingest.LivePiece{{LiveRows: ingest.LiveRows{Rows: 2}}, {LiveRows: ingest.LiveRows{Rows: 1}, Row: 2}}
	for _, test := range []struct {
		rows   []tally
		tokens string
		pieces []ingest.LivePiece
		want   string // of one part
	}{
		{[]tally{{3, 2}}, "新闻", whole, ""},
		{[]tally{{3, 3}}, "新闻", whole, "3 times in 3 documents, the live documents have it 3 times in 2"},
		{[]tally{{4, 2}}, "新闻", whole, "4 times in 2 documents, the live documents have it 3 times in 2"},
		{nil, "", whole, `does not have "新闻"`},
		{[]tally{{3, 2}, {2, 1}}, "新闻 没有", whole, "the live documents have it 0 times"},
		{[]tally{{3, 2}, {3, 2}}, "新闻 新闻", whole, "row 1 is out of order"},
		{[]tally{{3, 2}}, "新闻", []ingest.LivePiece{{LiveRows: ingest.LiveRows{Rows: 9}}}, "has no row 4"},
	} {
		s := checked(t, texts, metas, test.rows, strings.Fields(test.tokens)...)
		for _, parts := range []uint64{1, 3} {
			var all strings.Builder
			for part := range parts {
				c := NewCheck(ingest.KindWords, part, parts)
				err := c.Count(t.Context(), s, &pipeline.ParquetTable, "data/x.parquet", test.pieces)
				if err == nil {
					err = c.Compare(t.Context(), s, "table")
				}
				if err != nil {
					all.WriteString(err.Error())
				}
			}
			got := all.String()
			// 新闻联播, 新闻, 联播, 今天 and ok are 7 words, of which the footer says otherwise: one part alone can tell.
			if test.want == "" && parts == 1 {
				if !strings.Contains(got, "says that there are 5 tokens, 11 times in all; the live documents have 5, 7 times") {
					t.Errorf("%v: %s", test.rows, got)
				}
				continue
			}
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("%v of %s in %d parts: %q, want %q", test.rows, test.tokens, parts, got, test.want)
			}
		}
	}
	if err := NewCheck("letters", 0, 1).Count(t.Context(), pipelinetest.NewMemory(), &pipeline.ParquetTable, "data/x.parquet", nil); err == nil {
		t.Error("a kind that is none was counted")
	}
}

// N-grams are counted from several shards at once as one after the other.
func TestCheckGrams(t *testing.T) {
	s := checked(t, []string{"荆楚荆楚、大地a1", "地a 葛\U000e0100飾区"}, []string{"", ""}, []tally{{2, 1}, {2, 2}}, "荆楚", "地a")
	c := NewCheck(ingest.GramsKind(2), 0, 1)
	var working sync.WaitGroup
	for row := range int64(2) {
		working.Go(func() {
			err := c.Count(t.Context(), s, &pipeline.ParquetTable, "data/x.parquet", []ingest.LivePiece{{LiveRows: ingest.LiveRows{Rows: 1}, Row: row}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	working.Wait()
	want := map[string]tally{"荆楚": {2, 1}, "楚荆": {1, 1}, "大地": {1, 1}, "地a": {2, 2}, "飾区": {1, 1}}
	for token, n := range want {
		if c.sums[token] != n {
			t.Errorf("%s: %v", token, c.sums[token])
		}
	}
	if len(c.sums) != len(want) {
		t.Errorf("%v", c.sums)
	}
}
