package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each part is as the newest live run says it, and what a drop leaves out is not said any more.
func TestAbout(t *testing.T) {
	run := func(version int, a *About, kept ...SourceTotals) *Manifest {
		m := &Manifest{Version: version, Format: Format, Live: []int{1, 2, 3}[:version], About: a, BySource: kept}
		for _, s := range kept {
			m.Sources = append(m.Sources, s.Name)
			m.Totals.Documents.Kept += s.Kept.Documents
			m.Totals.Chars += s.Kept.Chars
			m.Totals.KeptBytes += s.Kept.Bytes
			m.Totals.Withdrawn.Documents += s.Withdrawn.Documents
			m.Totals.Withdrawn.Chars += s.Withdrawn.Chars
			m.Totals.Withdrawn.Bytes += s.Withdrawn.Bytes
		}
		return m
	}
	list := []*Manifest{
		run(1, &About{Name: "first", License: "MIT", Tags: []string{"a"}, Sources: []AboutSource{{"x", "MIT", "https://x.org"}, {"not here", "MIT", ""}}},
			SourceTotals{Name: "x", Kept: SourceText{5, 50, 150}}, SourceTotals{Name: "y", Kept: SourceText{2, 20, 60}}),
		run(2, nil, SourceTotals{Name: "y", Kept: SourceText{1, 10, 30}, Withdrawn: SourceText{1, 5, 15}}),
		run(3, &About{Name: "third", Sources: []AboutSource{{"x", "CC0-1.0", ""}}}, SourceTotals{Name: "z", Kept: SourceText{1, 1, 1}}),
	}
	v := ViewOf(list)
	want := About{Name: "third", License: "MIT", Tags: []string{"a"}, Sources: []AboutSource{{"not here", "MIT", ""}, {"x", "CC0-1.0", "https://x.org"}}}
	if diff := cmp.Diff(want, v.About()); diff != "" {
		t.Error(diff)
	}
	sources, known := v.Sources()
	if diff := cmp.Diff([]LiveSource{
		{AboutSource{"x", "CC0-1.0", "https://x.org"}, SourceText{5, 50, 150}},
		{AboutSource{Name: "y"}, SourceText{2, 25, 75}},
		{AboutSource{Name: "z"}, SourceText{1, 1, 1}},
	}, sources); diff != "" || !known {
		t.Error(known, diff)
	}
	if p := v.CheckSources(); len(p) > 0 {
		t.Error(p)
	}
	drop := &Manifest{Version: 4, Format: Format, Kind: KindDrop, Live: []int{1, 2}, Drops: []int{3}}
	v = ViewOf(append(list, drop))
	if a := v.About(); a.Name != "first" || a.Sources[1].License != "MIT" {
		t.Errorf("behind the drop: %+v", a)
	}
	list[1].BySource[0].Kept.Chars++
	if p := v.CheckSources(); len(p) != 1 {
		t.Error(p)
	}
	if _, known := v.Sources(); known {
		t.Error("sums that are not all are taken for all")
	}
	list[1].BySource = nil
	if p := v.CheckSources(); len(p) != 0 {
		t.Error(p)
	}
}
