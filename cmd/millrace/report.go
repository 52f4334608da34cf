package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/jobs/release"
	reports "github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/corpusreport"
	"github.com/millrace/millrace/pipeline/report/page"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/store"
)

// reportFlags are those of report.
type reportFlags struct {
	html    string
	presets []string
	noText  bool
}

func newReport(a *app) *cobra.Command {
	o := &reportFlags{}
	cmd := &cobra.Command{
		Use:   "report OUT[@VERSION]|RELEASE",
		Short: "Write a page that shows a corpus or a release: figures, histograms, samples",
		Long: `Writes one HTML file that opens anywhere, without a network: what became of all documents and why, sources, nights, how every figure of the
documents is distributed, duplicates, vocabulary, samples, cost. OUT@7 is the corpus as it was at version 7. Of a release it is
what was released and left out, and the parts of its mixture.

It reads tables, not texts, but for the samples: --no-text leaves these out, and all other excerpts. Bounds of --preset are drawn into the
histograms of signals, and documents near them are shown; without it those of the presets that the config filters by. With --json all
of its figures are printed, and no file is written unless --html names one.`,
		Example: "  millrace report corpus\n  millrace report corpus@7 --html night-7.html --no-text\n  millrace report corpus --preset zh --json",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.report(cmd.Context(), o, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.html, "html", "", "`FILE` of the page (default NAME.html, after the folder)")
	f.StringArrayVar(&o.presets, "preset", nil, "`NAME` of a list of rules whose bounds are drawn; may be repeated")
	completes(cmd, "preset", presetNames())
	a.completesVersions(cmd)
	f.BoolVar(&o.noText, "no-text", false, "show nothing of any document's text")
	return cmd
}

func (a *app) report(ctx context.Context, o *reportFlags, place string) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	lists, err := o.rules(c)
	if err != nil {
		return err
	}
	side := sideOf(place)
	name := nameOf(side.out)
	r, err := a.reportOn(ctx, c, side, corpusreport.Options{
		Name: name, Version: side.version, Presets: lists, Alarms: c.Alarms.Limits(), NoText: o.noText,
	})
	if err != nil {
		return err
	}
	if a.json && o.html == "" {
		return a.tell(r, nil)
	}
	file := o.html
	if file == "" {
		file = name + ".html"
		if side.version != 0 {
			file = fmt.Sprintf("%s-%06d.html", name, side.version)
		}
	}
	if err := writePage(ctx, file, r); err != nil {
		return err
	}
	return a.tell(r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: open it in any browser\n", file)
		return err
	})
}

// reportOn makes the report of a corpus, or of a release.
func (a *app) reportOn(ctx context.Context, c config.Config, side diffSide, o corpusreport.Options) (r *reports.Report, err error) {
	if side.version == 0 && release.Is(ctx, side.out, access(c)) {
		return release.Report(ctx, side.out, o.Name, access(c))
	}
	err = a.withCorpus(ctx, side.out, func(of *corpus.Corpus) error {
		r, err = corpusreport.Of(ctx, of, o)
		return err
	})
	return r, err
}

// rules are the lists of rules whose bounds are drawn: those that are named, or else what the config filters by.
func (o *reportFlags) rules(c config.Config) (lists []rule.Preset, err error) {
	names, own := o.presets, rule.Preset{Name: "filter"}
	if len(names) == 0 {
		for _, e := range c.Filters {
			switch name := strings.TrimSpace(e.Rule); {
			case name == "":
			case slices.ContainsFunc(presets(), func(p rule.Preset) bool { return p.Name == name }):
				names = append(names, name)
			default:
				own.Rules = append(own.Rules, rule.Named{Name: cmp.Or(e.Name, name), Rule: e.Rule})
			}
		}
	}
	for _, name := range names {
		p, err := presetOf(name)
		if err != nil {
			return nil, err
		}
		lists = append(lists, p)
	}
	if len(own.Rules) > 0 {
		lists = append(lists, own)
	}
	return lists, nil
}

// presetOf is the preset of a name.
func presetOf(name string) (rule.Preset, error) {
	for _, p := range presets() {
		if p.Name == name {
			return p, nil
		}
	}
	return rule.Preset{}, usageError("known are "+strings.Join(presetNames(), ", "), "unknown preset %q", name)
}

// presetNames are those of all presets.
func presetNames() (names []string) {
	for _, p := range presets() {
		names = append(names, p.Name)
	}
	return names
}

// nameOf is what a folder or a prefix of a bucket is called.
func nameOf(place string) string {
	if abs, err := filepath.Abs(place); err == nil && !store.IsRemote(place) {
		place = abs
	}
	place = strings.TrimRight(filepath.ToSlash(place), "/")
	return place[strings.LastIndexByte(place, '/')+1:]
}

// writePage writes the page of a report, whole or not at all.
func writePage(ctx context.Context, file string, r *reports.Report) (err error) {
	var b bytes.Buffer
	if err := page.Write(&b, r); err != nil {
		return err
	}
	folder, err := store.Open(ctx, filepath.Dir(file), store.Options{Write: true})
	if err == nil {
		err = errors.Join(pipeline.WriteAll(ctx, folder, filepath.Base(file), b.Bytes()), folder.Close())
	}
	if err != nil {
		return pipeline.WithHint(fmt.Errorf("write %s: %w", file, err), "--html names another file")
	}
	return nil
}
