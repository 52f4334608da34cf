// Package corpusreport makes the report of a corpus, or of what it was at one of its versions.
//
// It reads manifests, ledgers, the vocabulary, and of shards and signals what their footers say of the columns: how the figures of all
// documents are distributed stands there, in buckets that are added. Only files that were written without, and shards that are no
// Parquet, are read for it, and of these the columns of numbers alone. Texts are read of samples. So a corpus of a thousand
// nights costs what its tables cost. Ids of documents are read where duplicates are asked who they lost to, in as many passes as it
// takes to hold mostWinners at a time.
package corpusreport

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/rule"
)

// Options say what a report has.
type Options struct {
	Name    string // of the corpus, for people
	Version int    // the corpus as it was at this one; 0: as it is
	// Presets are the lists of rules whose bounds are drawn into histograms, and near which documents are sampled.
	Presets []rule.Preset
	// Alarms are held against every night that there was; nil: none.
	Alarms *corpus.Alarms
	// NoText leaves out whatever shows a part of a document: samples, lines, excerpts.
	NoText bool
}

// maker gathers a report.
type maker struct {
	Options
	corpus *corpus.Corpus
	show   *show.Corpus
	store  pipeline.Store
	view   manifest.View
	totals manifest.Totals
	out    *report.Report

	found    []columnar.Histograms // of the shards, in their order
	gone     map[string]int64      // documents that were withdrawn, by the reason
	measured []*measured           // signals
	drawn    []drawn               // bounds on them
}

// Of makes the report of a corpus. The same corpus and options give the same one. A version that is not there, or of which something was
// freed, is a pipeline.ErrUsage; so is a corpus without a version.
func Of(ctx context.Context, c *corpus.Corpus, o Options) (*report.Report, error) {
	v, err := c.ViewAt(ctx, o.Version)
	if err != nil {
		return nil, err
	}
	if v.Newest == nil {
		return nil, fmt.Errorf("%w: there is no version to report of", pipeline.ErrUsage)
	}
	r := report.New(report.OfCorpus)
	r.Name, r.Digest, r.Tool, r.When = o.Name, v.Newest.Digest, v.Newest.Run.Tool, v.Newest.Run.Committed()
	if o.Version != 0 {
		r.Of = report.OfVersion
	}
	m := &maker{Options: o, corpus: c, show: show.Of(c), store: c.Files(), view: v, totals: v.Totals(), out: r}
	for _, part := range []func(context.Context) error{
		m.sources, m.nights, m.signals, m.duplicates, m.vocabulary, m.lines, m.samples,
	} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	m.facts()
	m.funnel()
	m.cost()
	return r, nil
}

// openFiles is how many files are looked at, at least, at the same time: in a far store reading is mostly waiting.
const openFiles = 8

// each calls f with every element, several at the same time, and returns the first error.
func each[T any](ctx context.Context, list []T, f func(ctx context.Context, i int, v T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(openFiles, runtime.GOMAXPROCS(0)))
	for i, v := range list {
		g.Go(func() error { return f(ctx, i, v) })
	}
	return g.Wait()
}

func (m *maker) facts() {
	live := m.totals.Live()
	disk, _ := dataset.Sum(m.view.Files())
	m.out.Facts = []report.Fact{
		{Label: "documents", Value: live.Documents, Unit: report.Count},
		{Label: "characters", Value: live.Chars, Unit: report.Chars},
		{Label: "text", Value: live.Bytes, Unit: report.Bytes},
		{Label: "different characters", Value: m.totals.VocabularyChars, Unit: report.Count},
		{Label: "sources", Value: int64(len(m.out.Sources)), Unit: report.Count},
		{Label: "versions", Value: int64(len(m.view.Versions)), Unit: report.Count, Note: "that make up the corpus"},
		{Label: "newest version", Value: int64(m.view.Newest.Version), Unit: report.Count, Note: kindOf(m.view.Newest)},
		{Label: "on the disk", Value: disk, Unit: report.Bytes},
	}
}

// kindOf names the kind of job that made a version.
func kindOf(m *manifest.Manifest) string {
	if m.Kind == manifest.KindRun {
		return "run"
	}
	return m.Kind
}

// funnel is the way of documents, from the files that were listed to what is live.
func (m *maker) funnel() {
	d, why := m.totals.Documents, m.view.Reasons()
	left := d.Read
	step := func(name string, out int64, reasons []report.Reason) {
		left -= out
		m.out.Funnel = append(m.out.Funnel, report.Step{Name: name, Documents: left, Out: out, Reasons: reasons})
	}
	step("read", 0, []report.Reason{})
	step("not rejected", d.Rejected, reasons(why.Rejected))
	step("not filtered", d.Filtered, reasons(why.Filtered))
	step("kept", d.Duplicates(), m.out.Duplicates.Kinds)
	withdrawn := m.totals.Withdrawn.Documents
	step("in the corpus", withdrawn, reasons(m.gone))
	if files := reasons(why.Files); len(files) > 0 {
		var parts []string
		for _, r := range files {
			parts = append(parts, pipeline.Thousands(r.Documents)+" "+r.Name)
		}
		m.out.Notes = append(m.out.Notes, "Files, or parts of them, that could not be read, and whose documents nobody could count: "+strings.Join(parts, ", ")+".")
	}
}

// reasons are counts by reason, the most first.
func reasons(counts map[string]int64) []report.Reason {
	list := []report.Reason{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[name]; n > 0 {
			list = append(list, report.Reason{Name: name, Documents: n})
		}
	}
	slices.SortStableFunc(list, func(a, b report.Reason) int { return cmp.Compare(b.Documents, a.Documents) })
	return list
}

// nights are all versions that there are manifests of up to the one that is reported.
func (m *maker) nights(ctx context.Context) error {
	list, err := m.corpus.Versions(ctx)
	if err != nil {
		return err
	}
	var runs []*manifest.Manifest // that are live, before the one that is looked at
	chars := int64(0)
	for _, v := range list {
		if v.Version > m.view.Newest.Version {
			break
		}
		t := &v.Totals
		disk, _ := dataset.Sum(v.Files)
		n := report.Night{
			Version: v.Version, Kind: kindOf(v), When: v.Run.Committed(), Live: m.view.Made[v.Version] != nil,
			Read: t.Documents.Read, Kept: t.Documents.Kept, Duplicates: t.Documents.Duplicates(), Filtered: t.Documents.Filtered,
			Rejected: t.Documents.Rejected, Withdrawn: t.Withdrawn.Documents, Chars: t.Chars, InputBytes: t.InputBytes, Disk: disk,
			Millis: int64(v.Run.Seconds * 1000), Alarms: []string{},
		}
		if n.Live && t.VocabularyChars > 0 {
			n.NewChars, chars = t.VocabularyChars-chars, t.VocabularyChars
		}
		if v.Kind == manifest.KindRun && n.Live {
			n.Alarms = append(n.Alarms, m.Alarms.Of(runs, v)...)
			runs = append(runs, v)
		}
		m.out.Nights = append(m.out.Nights, n)
	}
	return nil
}

// cost is what the corpus took to make, and takes to keep.
func (m *maker) cost() {
	millis, input := int64(0), int64(0)
	for _, v := range m.view.Versions {
		millis += int64(v.Run.Seconds * 1000)
		input += v.Totals.InputBytes
	}
	m.out.Cost = append(m.out.Cost,
		report.Fact{Label: "input", Value: input, Unit: report.Bytes, Note: "of files that were read, as they are stored"},
		report.Fact{Label: "time of its jobs", Value: millis, Unit: report.Millis, Note: "by the clock, from planning to commit, of the versions that make up the corpus"})
	sizes := map[string]int64{}
	for _, f := range m.view.Files() {
		folder, _, _ := strings.Cut(f.Path, "/")
		sizes[folder] += f.Bytes
	}
	for _, folder := range slices.Sorted(maps.Keys(sizes)) {
		m.out.Cost = append(m.out.Cost, report.Fact{Label: folder + "/", Value: sizes[folder], Unit: report.Bytes, Note: "on the disk"})
	}
}
