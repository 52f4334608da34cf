package release

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/store"
)

// partKey names what a split has of a stratum.
type partKey struct{ split, stratum string }

// Report makes the report of a release: of its manifest, and of the tables of what is released. Its name is that of the recipe, or else the given one.
func Report(ctx context.Context, at, name string, access store.Access) (*report.Report, error) {
	r := report.New(report.OfRelease)
	_, err := readRelease(ctx, access, at, func(s pipeline.Store, m *Manifest) error {
		r.Name, r.Digest, r.Tool = cmp.Or(m.Name, name), m.Digest, "code version "+m.Code
		t := &m.Totals
		disk, _ := dataset.Sum(m.Files)
		r.Facts = append(r.Facts,
			report.Fact{Label: "documents", Value: t.Released, Unit: report.Count, Note: "each once"},
			report.Fact{Label: "with their repeats", Value: t.Copies, Unit: report.Count},
			report.Fact{Label: "version of the corpus", Value: int64(m.Corpus.Version), Unit: report.Count},
			report.Fact{Label: "on the disk", Value: disk, Unit: report.Bytes})
		tokens := int64(0)
		for i := range t.Splits {
			tokens += t.Splits[i].Tokens
		}
		if m.Tokens != nil {
			r.Facts = append(r.Facts, report.Fact{Label: "tokens", Value: tokens, Unit: report.Count, Note: "without padding"},
				report.Fact{Label: "ids of the tokenizer", Value: int64(m.Tokens.Size), Unit: report.Count})
		}
		leftOut := report.Step{Name: "released", Documents: t.Released, Out: t.Documents - t.Released, Reasons: []report.Reason{}}
		for _, reason := range slices.Sorted(maps.Keys(t.LeftOut)) {
			leftOut.Reasons = append(leftOut.Reasons, report.Reason{Name: reason, Documents: t.LeftOut[reason]})
		}
		slices.SortStableFunc(leftOut.Reasons, func(a, b report.Reason) int { return cmp.Compare(b.Documents, a.Documents) })
		r.Funnel = append(r.Funnel, report.Step{Name: "in the corpus", Documents: t.Documents, Reasons: []report.Reason{}}, leftOut)
		sizes := map[string]int64{}
		for _, f := range m.Files {
			folder, _, ok := strings.Cut(f.Path, "/")
			if ok {
				folder += "/"
			}
			sizes[folder] += f.Bytes
		}
		for _, folder := range slices.Sorted(maps.Keys(sizes)) {
			r.Cost = append(r.Cost, report.Fact{Label: folder, Value: sizes[folder], Unit: report.Bytes, Note: "on the disk"})
		}
		return reportParts(ctx, s, m, r)
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	return r, nil
}

// reportParts counts what is released, by split and stratum.
func reportParts(ctx context.Context, s pipeline.Store, m *Manifest, r *report.Report) error {
	parts := map[partKey]*report.Part{}
	tokens, copies := columnar.NewHistogram(columnar.Log), columnar.NewHistogram(columnar.Log)
	none := int64(0)
	if m.Tokens == nil {
		none = -1
	}
	columns := columnar.Selection{Text: []string{"split", "stratum"}, Int: []string{"copies", "tokens"}}
	for _, path := range m.paths(releasedFolder) {
		err := pipeline.ParquetTable.ReadTable(ctx, s, path, columns, nil, func(t *columnar.Frame) error {
			splits, strata, times, lengths := t.Text("split"), t.Text("stratum"), t.Int("copies"), t.Int("tokens")
			for i, n := range times {
				key := partKey{string(splits.At(i)), string(strata.At(i))}
				p := parts[key]
				if p == nil {
					p = &report.Part{Split: key.split, Name: key.stratum, Weight: -1, Chars: -1, Tokens: none}
					parts[key] = p
				}
				p.Documents++
				p.Copies += n
				copies.Add(n)
				if m.Tokens != nil {
					p.Tokens += n * lengths[i]
					tokens.Add(lengths[i])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	targets := int64(0)
	for i := range m.Totals.Strata {
		targets += m.Totals.Strata[i].Target
	}
	for i := range m.Totals.Strata {
		st := &m.Totals.Strata[i]
		if p := parts[partKey{recipe.Train, st.Name}]; p != nil && targets > 0 {
			p.Weight = int64(float64(st.Target) / float64(targets) * 1e6)
		}
	}
	for i := range m.Totals.Splits {
		name := m.Totals.Splits[i].Name
		for _, key := range slices.SortedFunc(maps.Keys(parts), func(a, b partKey) int { return cmp.Compare(a.stratum, b.stratum) }) {
			if key.split == name {
				r.Parts = append(r.Parts, *parts[key])
			}
		}
	}
	if m.Tokens != nil {
		r.Histograms = append(r.Histograms, report.HistogramOf("tokens", "tokens of one copy of a document, with bos and eos", report.Count, tokens))
	}
	r.Histograms = append(r.Histograms, report.HistogramOf("copies", "how often a document is in the release", report.Count, copies))
	return nil
}
