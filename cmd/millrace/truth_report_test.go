package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	reports "github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/corpusreport"
	"github.com/millrace/millrace/pipeline/store"
)

// madeReport is the report of a corpus.
func madeReport(t *testing.T, out string, o corpusreport.Options) *reports.Report {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	r, err := corpusreport.Of(t.Context(), openCorpus(s), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lostRow is a row of duplicates.parquet.
type lostRow struct {
	Source string `parquet:"source"`
	Winner string `parquet:"winner_id"`
	Of     int32  `parquet:"winner_version"`
	Kind   string `parquet:"kind"`
}

// recountReport holds the report against the live documents and the tables, as plain code counts them.
func (c *truth) recountReport(m *manifest.Manifest) {
	t := c.t
	t.Helper()
	r := madeReport(t, c.out, corpusreport.Options{Name: "out"})
	want := reports.Source{Name: "news", Live: int64(len(c.live))}
	buckets := map[int64]reports.Bucket{}
	for _, d := range c.live {
		want.Chars, want.Bytes = want.Chars+d.Chars, want.Bytes+d.Bytes
		from, to := columnar.Log.Bucket(d.Chars)
		buckets[from] = reports.Bucket{From: from, To: to, Documents: buckets[from].Documents + 1}
	}
	var lost []lostRow
	for _, version := range m.Live {
		for _, f := range tableOf[struct {
			Documents int64 `parquet:"documents"`
		}](c, version, "files.parquet") {
			want.Read += f.Documents
		}
		lost = append(lost, tableOf[lostRow](c, version, "duplicates.parquet")...)
		want.Gone += int64(len(tableOf[gone](c, version, "withdrawn.parquet")))
	}
	sizes, unknown := map[string]int64{}, int64(0)
	for _, l := range lost {
		switch l.Kind {
		case "exact":
			want.Exact++
		case "same_key":
			want.SameKey++
		default:
			want.Near++
		}
		sizes[fmt.Sprint(l.Of, " ", l.Winner)]++
		if d, ok := c.live[l.Winner]; !ok || d.Version != l.Of {
			unknown++
		}
	}
	got := reports.Source{Name: "news"} // where all was dropped there is none
	for _, s := range r.Sources {
		got = s
	}
	got.Read -= got.Filtered + got.Rejected // whose recount is that of the totals below
	got.Files, got.Refused, got.Filtered, got.Rejected, got.Lengths = 0, 0, 0, 0, reports.Spread{}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("the source (-recounted +report):\n%s", d)
	}
	list := slices.SortedFunc(maps.Values(buckets), func(a, b reports.Bucket) int { return cmp.Compare(a.From, b.From) })
	for _, h := range r.Histograms {
		if h.Name == "length" && len(list)+len(h.Buckets) > 0 && !slices.Equal(h.Buckets, list) {
			t.Errorf("lengths are %v, recounted %v", h.Buckets, list)
		}
	}
	between := int64(0)
	for _, row := range r.Duplicates.Between {
		for _, n := range row {
			between += n
		}
	}
	if between+r.Duplicates.Unknown != int64(len(lost)) || r.Duplicates.Unknown != unknown {
		t.Errorf("of %d duplicates %d are of live documents and %d of others; recounted %d of others", len(lost), between, r.Duplicates.Unknown, unknown)
	}
	groups := int64(0)
	for _, b := range r.Duplicates.Sizes {
		groups += b.Documents
	}
	if groups != int64(len(sizes)) {
		t.Errorf("%d groups of duplicates, recounted %d", groups, len(sizes))
	}
	for _, g := range r.Duplicates.Groups {
		largest := slices.Max(slices.Collect(maps.Values(sizes)))
		if g.Lost > largest || g.Lost == 0 || g == r.Duplicates.Groups[0] && g.Lost != largest {
			t.Errorf("a group of %d, the largest is of %d", g.Lost, largest)
		}
	}
	last := r.Funnel[len(r.Funnel)-1]
	if last.Documents != want.Live || last.Out != want.Gone {
		t.Errorf("the funnel ends in %d documents, %d withdrawn, recounted %d and %d", last.Documents, last.Out, want.Live, want.Gone)
	}
	for _, s := range r.Funnel[1:] {
		sum := int64(0)
		for _, reason := range s.Reasons {
			sum += reason.Documents
		}
		if sum != s.Out {
			t.Errorf("%s: %d documents are out, and for some reason %d", s.Name, s.Out, sum)
		}
	}
	c.recountVocabulary(m, &r.Vocabulary)
}

// recountVocabulary holds the curves against the table.
func (c *truth) recountVocabulary(m *manifest.Manifest, v *reports.Vocabulary) {
	var counts []int64
	total := int64(0)
	for _, n := range c.vocabulary(m) {
		counts, total = append(counts, n[0]), total+n[0]
	}
	slices.SortFunc(counts, func(a, b int64) int { return cmp.Compare(b, a) })
	if v.Chars != int64(len(counts)) || v.Total != total {
		c.t.Errorf("%d different characters of %d, recounted %d of %d", v.Chars, v.Total, len(counts), total)
	}
	for _, p := range v.Coverage {
		sum := int64(0)
		for _, n := range counts[:p.At] {
			sum += n
		}
		if sum != p.Value {
			c.t.Errorf("the %d most frequent characters cover %d, recounted %d", p.At, p.Value, sum)
		}
	}
}
