package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal/table"
	"github.com/millrace/millrace/pipeline/store"
)

// Params are what a release is asked for by: the parameters of its request.
type Params struct {
	// Recipe is what it is made of. Paths in it that are not absolute are relative to Base, a folder of the machine that plans.
	Recipe recipe.Recipe `json:"recipe"`
	Base   string        `json:"base,omitempty"`
	// Out is DIR: a path of the machines that take part, or a URL.
	Out string `json:"out,omitempty"`
	// Dry asks for what would be in the release, and makes none.
	Dry bool `json:"dry,omitempty"`
}

// body is what a plan says of a release. All of it is in the digest.
type body struct {
	// Recipe has digests in place of the files that it names.
	Recipe recipe.Recipe `json:"recipe"`
	Corpus State         `json:"corpus"`
	// About is what people say of the corpus, for the card; nil if that is nothing.
	About *manifest.About `json:"about,omitempty"`
	// Shards have the documents, in their order, and Splits are parts of them, one a task.
	Shards []shard   `json:"shards"`
	Splits [][]piece `json:"splits"`
	// Signals are those that anything asks for, with what is known of them.
	Signals []signalOf `json:"signals,omitempty"`
	// Dry says that nothing is made.
	Dry bool `json:"dry,omitempty"`
	// Index is the digest of the index of the evaluation sets, "" if there are none.
	Index string `json:"index,omitempty"`
	// Counts is the signal that says how many tokens documents have, where the mixture goes by it.
	Counts string `json:"counts,omitempty"`
	// Tokens is the tokenizer, nil if there is none.
	Tokens *tokensOf `json:"tokens,omitempty"`
	// Lines are the counted lines by which some are cut, and LineFiles all files that they are read from; nil and none where no line is cut.
	Lines     *lines.Plan    `json:"lines,omitempty"`
	LineFiles []dataset.File `json:"line_files,omitempty"`
}

// State is what a corpus was like.
type State struct {
	Version   int    `json:"version"`
	Documents int64  `json:"documents"` // that were live
	Bytes     int64  `json:"bytes"`     // of their texts
	Digest    string `json:"digest"`    // sha256 over the numbers and digests of the live versions
}

// shard is a file of documents, and the one that has their signals.
type shard struct {
	dataset.File
	Signals *dataset.File `json:"signals,omitempty"`
}

// piece is documents that lie one behind the other in a shard.
type piece struct {
	Shard int   `json:"shard"`
	First int64 `json:"first"` // row
	Rows  int64 `json:"rows"`
}

// signalOf is a signal, or a number that documents have by themselves.
type signalOf struct {
	Name   string    `json:"name"`
	Unit   rule.Unit `json:"unit,omitempty"`
	Labels []string  `json:"labels,omitempty"`
	// Own says that it is a column of the documents.
	Own bool `json:"own,omitempty"`
}

// own are the numbers that documents have by themselves.
var own = []string{"chars", "bytes", ingest.CopiesColumn}

// local is what has no part in the result.
type local struct {
	Out string `json:"out"`
	// Files are where files lie that the recipe names, by their digests.
	Files map[string]string `json:"files,omitempty"`
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

func localOf(p *pipeline.Plan) (l local, err error) {
	if err := json.Unmarshal(p.Local, &l); err != nil {
		return l, fmt.Errorf("decode what a plan says of this place: %w", err)
	}
	return l, nil
}

// splitBytes of shards are in a task, unless options say otherwise; more where there were more than mostSplits.
const (
	splitBytes = 32 << 20
	mostSplits = 4096
)

// plan plans a release. There is no plan where it is there.
func (k *Kind) plan(ctx context.Context, s *engine.Site, p Params) (d engine.Draft, err error) {
	c := k.Open(s)
	b, l, err := k.settle(ctx, c, &p)
	if err != nil {
		return d, err
	}
	if d.Plan, err = folder.PlanOf(Name, b, l); err != nil {
		return d, err
	}
	if b.Dry {
		return d, nil
	}
	d.Room = b.Corpus.Bytes * 3 / 2 // what encode scatters, and the rows of all documents
	return folder.Unmade(ctx, s, d, func(p *pipeline.Plan) (*engine.Outcome, error) { return k.look(ctx, s, p, true) })
}

// settle is all that a release is made of, held against the corpus.
func (k *Kind) settle(ctx context.Context, c *corpus.Corpus, p *Params) (*body, *local, error) {
	v, err := c.ViewAt(ctx, p.Recipe.Version)
	if err != nil {
		return nil, nil, err
	}
	if v.Newest == nil {
		return nil, nil, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	if p.Recipe.Version == 0 {
		if err := c.Present(ctx); err != nil {
			return nil, nil, err
		}
	}
	b := &body{Recipe: p.Recipe, Dry: p.Dry, Corpus: State{Version: v.Newest.Version, Digest: manifest.DigestOf(v.Versions)}}
	b.Recipe.Corpus, b.Recipe.Version = "", v.Newest.Version
	if a := v.About(); !reflect.ValueOf(a).IsZero() {
		b.About = &a
	}
	l := &local{Out: p.Out, Files: map[string]string{}}
	columns, err := b.find(ctx, c, &v)
	if err != nil {
		return nil, nil, err
	}
	b.Splits = cut(b.Shards, k.options.SplitBytes)
	t := v.Totals()
	b.Corpus.Bytes = t.KeptBytes - t.Withdrawn.Bytes
	files := &recipeFiles{base: p.Base, local: l}
	return b, l, errors.Join(b.countLines(&v), b.tokenize(ctx, c, &v, files), b.ask(columns, k.options.Presets), b.freeze(ctx, k.options.Access, files), b.evaluate(ctx, files),
		k.formats(b))
}

// find finds the documents, and the signals that all of them have.
func (b *body) find(ctx context.Context, c *corpus.Corpus, v *manifest.View) (known []signalOf, err error) {
	beside := map[string]*dataset.File{}
	for _, t := range v.Twins(&pipeline.SignalTable) {
		if t.Documents != nil && t.Same {
			beside[t.Documents.Path] = &t.File
		}
	}
	want := int64(0)
	for _, m := range v.Live {
		want += v.Documents(m)
	}
	var paths []string
	for _, f := range v.Shards() {
		b.Shards = append(b.Shards, shard{f, beside[f.Path]})
		b.Corpus.Documents += f.Rows
		if s := beside[f.Path]; s != nil {
			paths = append(paths, s.Path)
		}
	}
	switch {
	case want == 0:
		return nil, fmt.Errorf("%w: version %d of the corpus has no document", pipeline.ErrUsage, v.Newest.Version)
	case want != b.Corpus.Documents:
		return nil, pipeline.WithHint(fmt.Errorf("%w: %d of %d documents are in no format that can be read here, so no release can be made of them",
			pipeline.ErrUsage, want-b.Corpus.Documents, want), corpus.WriteAnew)
	}
	columns, err := table.Union(ctx, c.Files(), paths)
	if err != nil {
		return nil, err
	}
	for _, s := range columns {
		if !s.Partial && len(paths) == len(b.Shards) {
			known = append(known, signalOf{Name: s.Name, Unit: s.Unit, Labels: s.Labels})
		}
	}
	for _, name := range own {
		copies := name == ingest.CopiesColumn
		if copies && slices.ContainsFunc(v.Read, func(s manifest.Shard) bool { return !corpus.SaysCopies(s.Maker) }) {
			continue
		}
		known = append(known, signalOf{Name: name, Own: true})
	}
	return known, nil
}

// cut cuts shards into tasks of about so many bytes: of whole shards, or of parts of them.
func cut(shards []shard, bytes int64) (splits [][]piece) {
	sum := int64(0)
	for i := range shards {
		sum += shards[i].Bytes
	}
	per := max(bytes, sum/mostSplits)
	full := per // of the last split
	for i := range shards {
		s := &shards[i]
		rowBytes := max(1, s.Bytes/max(1, s.Rows))
		for first := int64(0); first < s.Rows; {
			if full >= per {
				splits, full = append(splits, nil), 0
			}
			rows := min(s.Rows-first, max(1, (per-full)/rowBytes))
			if left := s.Rows - first - rows; left*rowBytes < per/8 {
				rows += left // no task of a few rows
			}
			last := len(splits) - 1
			splits[last] = append(splits[last], piece{i, first, rows})
			first, full = first+rows, full+rows*rowBytes
		}
	}
	return splits
}

// rules are the signals as rules know them.
func rulesOf(list []signalOf) (s rule.Signals) {
	for i := range list {
		s = append(s, rule.Signal{Name: list[i].Name, Unit: list[i].Unit, Labels: list[i].Labels})
	}
	return s
}

// ask leaves those of the signals that anything asks for.
func (b *body) ask(known []signalOf, presets []rule.Preset) error {
	all := rulesOf(known)
	needed := map[int]bool{}
	conditions, err := conditionsOf(b.Recipe.Select, all, presets)
	for _, c := range conditions {
		for _, i := range c.Signals {
			needed[i] = true
		}
	}
	problems := []error{err}
	for _, name := range asked(&b.Recipe) {
		i, err := all.Find(name)
		if err != nil {
			problems = append(problems, notKnown(err))
			continue
		}
		needed[i] = true
	}
	if i, ok := b.counts(all); ok {
		b.Counts = all[i].Name
		needed[i] = true
	}
	for i := range known {
		if needed[i] {
			b.Signals = append(b.Signals, known[i])
		}
	}
	return errors.Join(problems...)
}

// counts finds the signal that says how many tokens documents have, where the mixture goes by it: that of the tokenizer, of texts of which no line is cut, and
// in which special tokens are text.
func (b *body) counts(all rule.Signals) (at int, ok bool) {
	m, e := b.Recipe.Mix, b.Recipe.Encode
	if m == nil || b.Tokens == nil || m.Unit != recipe.UnitTokens || b.Lines != nil || e.Special != recipe.SpecialText || e.TooLong == recipe.TooLongLeaveOut {
		return 0, false
	}
	at = slices.IndexFunc(all, func(s rule.Signal) bool { return s.Name == "tokens_"+b.Tokens.Digest[:8] })
	return at, at >= 0
}

// notKnown adds what to do about a signal that the documents lack.
func notKnown(err error) error {
	return pipeline.WithHint(fmt.Errorf("%w: %w", pipeline.ErrUsage, err),
		"millrace signals OUT --add FAMILY measures the documents of a corpus; millrace signals OUT lists what it has of all of them")
}

// asked are the signals that a recipe names beside its rules.
func asked(r *recipe.Recipe) (names []string) {
	if m := r.Mix; m != nil {
		switch {
		case m.By.Signal != "":
			names = append(names, m.By.Signal)
		case m.By.Field == recipe.FieldLanguage || m.By.Field == recipe.FieldScript:
			names = append(names, m.By.Field)
		}
		if len(m.ByCopies) > 0 {
			names = append(names, ingest.CopiesColumn)
		}
	}
	if r.Order.How == recipe.OrderSignal {
		names = append(names, r.Order.Signal)
	}
	return names
}

// recipeFiles are the files that a recipe names.
type recipeFiles struct {
	base  string
	local *local
}

// path is where a file lies.
func (f *recipeFiles) path(name string) string {
	if filepath.IsAbs(name) || store.IsRemote(name) {
		return name
	}
	return filepath.Join(f.base, filepath.FromSlash(name))
}

// note remembers where the file of a digest lies.
func (f *recipeFiles) note(digest, path string) { f.local.Files[digest] = path }

// unreadable is an error of a file that a recipe names.
func unreadable(what string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "no such file") {
		return pipeline.WithHint(fmt.Errorf("%w: %s: %w", pipeline.ErrUsage, what, err), "paths in a recipe are relative to its file")
	}
	return fmt.Errorf("%w: %s: %w", pipeline.ErrUsage, what, err)
}

// columns are those of the documents that formats of documents write, each once.
func (b *body) columns() (list []string) {
	for _, w := range b.Recipe.Write {
		for _, name := range w.Columns {
			if _, ok := documentColumn(name); ok && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// documentColumn returns a column of documents by its name.
func documentColumn(name string) (columnar.Column, bool) {
	for _, c := range ingest.DocumentSchema() {
		if c.Name == name {
			return c, true
		}
	}
	return columnar.Column{}, false
}
