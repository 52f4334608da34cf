package intake

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// leftOut is what versions left out, and where the kept documents lie.
type leftOut struct {
	left map[int][]leftRow
	kept []leftRow
	err  error
}

type leftRow struct {
	path          string
	offset, bytes int64
	document      bool
}

func (l leftOut) KeptOffsets(_ context.Context, _ []ingest.NamedFile, yield func(source, path []byte, offset int64)) error {
	for _, r := range l.kept {
		yield([]byte("news"), []byte(r.path), r.offset)
	}
	return l.err
}

func (l leftOut) LeftOut(_ context.Context, version int, yield func(source, path []byte, offset, bytes int64, document bool)) error {
	for _, r := range l.left[version] {
		yield([]byte("news"), []byte(r.path), r.offset, r.bytes, r.document)
	}
	return l.err
}

// TestRetry: of files that are taken again only what was left out goes on, of those that are read anew only what is not kept.
func TestRetry(t *testing.T) {
	plan := &ingest.Plan{Sources: []pipeline.Source{{Name: "news"}}, Files: []ingest.File{
		{Path: "plain"},
		{Path: "part", RetriedFrom: 1},
		{Path: "packed", RetriedFrom: 2, Compression: "gzip"},
		{Path: "anew", RetriedFrom: 2, Reread: true},
		{Path: "nothing", RetriedFrom: 2},
		{Path: "numbered", RetriedFrom: 2, Compression: "gzip", Numbered: true},
	}}
	c := leftOut{
		left: map[int][]leftRow{
			1: {{"part", 50, 10, true}, {"part", 10, 100, false}, {"part", 20, 0, true}, {"packed", 0, 99, true}, {"unknown", 0, 99, true}},
			2: {{"packed", 30, 5, false}, {"numbered", 10, 500, true}},
		},
		kept: []leftRow{{path: "anew", offset: 7}, {path: "part", offset: 10}},
	}
	r, err := NewRetry(t.Context(), plan, c)
	if err != nil {
		t.Fatal(err)
	}
	b := &columnar.Batch{}
	for _, row := range []struct {
		file   int32
		offset int64
	}{{0, 0}, {0, 7}, {1, 9}, {1, 10}, {1, 49}, {1, 109}, {1, 110}, {2, 29}, {2, 30}, {2, 1 << 40}, {3, 6}, {3, 7}, {4, 0}, {5, 10}, {5, 11}} {
		b.File, b.Offset = append(b.File, row.file), append(b.Offset, row.offset)
		b.Text.Append(nil)
		b.Meta.Append(nil)
		if row.file == 0 || row.file == 5 {
			b.Pages = append(b.Pages, columnar.Page{File: row.file, Offset: row.offset, Article: row.offset == 11})
		}
	}
	b.Counters = columnar.Counters{ingest.CounterArticles: 1, ingest.CounterNoArticle: 3}
	b.Rejects = []columnar.Reject{
		{File: 0, Offset: 3, Reason: "a"},
		{File: 1, Offset: 5, Reason: "b"},
		{File: 1, Offset: 5, Scope: columnar.ScopeFile, Reason: "c"}, // from there on, and something was left out behind it
		{File: 1, Offset: 60, Reason: "d"},
		{File: 1, Offset: 200, Scope: columnar.ScopeFile, Reason: "e"},
		{File: 3, Offset: 7, Reason: "f"},
		{File: 3, Offset: 7, Scope: columnar.ScopeFile, Reason: "g"},
		{File: 3, Offset: 8, Reason: "h"},
		{File: 4, Offset: 0, Scope: columnar.ScopeFile, Reason: "i"},
	}
	out, err := r.Process(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{0, 0, 1, 1, 1, 2, 2, 3, 5}; !slices.Equal(out.File, want) {
		t.Errorf("rows of files %v, want %v", out.File, want)
	}
	if want := []int64{0, 7, 10, 49, 109, 30, 1 << 40, 6, 10}; !slices.Equal(out.Offset, want) {
		t.Errorf("rows at %v, want %v", out.Offset, want)
	}
	if n, counted := out.Counters[ingest.CounterArticles]; counted || out.Counters[ingest.CounterNoArticle] != 3 || len(out.Pages) != 3 {
		t.Errorf("%d articles, counters %v, pages %+v", n, out.Counters, out.Pages)
	}
	var reasons []string
	for _, reject := range out.Rejects {
		reasons = append(reasons, reject.Reason)
	}
	if want := []string{"a", "c", "d", "g", "h"}; !slices.Equal(reasons, want) {
		t.Errorf("rejects %q, want %q", reasons, want)
	}
}

// TestRetryNothing: a plan that takes no file again has nothing to let through alone, and an error of the corpus is one.
func TestRetryNothing(t *testing.T) {
	plan := &ingest.Plan{Sources: []pipeline.Source{{Name: "news"}}, Files: []ingest.File{{Path: "plain", Found: ingest.Found{Retried: 3}}}}
	broken := leftOut{err: errors.New("no such table")}
	if r, err := NewRetry(t.Context(), plan, broken); r != nil || err != nil {
		t.Errorf("%v, %v", r, err)
	}
	for _, reread := range []bool{false, true} {
		plan.Files[0].RetriedFrom, plan.Files[0].Reread = 1, reread
		if _, err := NewRetry(t.Context(), plan, broken); !errors.Is(err, broken.err) {
			t.Errorf("reread %t: %v", reread, err)
		}
	}
}
