package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/stages/filter"
)

// figures tries rules on documents with all that they ask for, and says of what these are.
type figures func(ctx context.Context, rules *filter.Rules, trial *filter.Trial) (output.Looked, error)

// copiesFigure is the family of filter.Copies, for rules that are tried: the figure is that of the document at hand, as a corpus has it.
type copiesFigure struct{ n int64 }

func (c *copiesFigure) family() signal.Family {
	return signal.Family{
		Name: "duplicates", Columns: []signal.Column{{Name: filter.Copies, Note: "documents that it stands for, as its version was made"}},
		New: func() signal.Measurer { return c },
	}
}

// Measure implements signal.Measurer.
func (c *copiesFigure) Measure(_ *signal.Document, out []int64) { out[0] = c.n }

// askCopies says whether a rule asks for filter.Copies.
func askCopies(rules *filter.Rules) bool {
	return slices.ContainsFunc(rules.Needed(), func(i int) bool { return rules.Signals[i].Name == filter.Copies })
}

// figuresOf are those of what the arguments name: a corpus, or files and folders. copies gets that of the document at hand.
func (a *app) figuresOf(ctx context.Context, c config.Config, args []string, sample int, copies *copiesFigure) (figures, error) {
	if len(args) == 1 {
		held, err := holdsCorpus(ctx, c, args[0])
		if err != nil {
			return nil, err
		}
		if held {
			return func(ctx context.Context, rules *filter.Rules, trial *filter.Trial) (looked output.Looked, err error) {
				err = a.withCorpus(ctx, args[0], func(of *corpus.Corpus) error {
					looked, err = figuresOfCorpus(ctx, show.Of(of), sample, rules, trial, copies)
					return err
				})
				looked.What = args[0]
				return looked, err
			}, nil
		}
	}
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && !store.IsRemote(arg) {
			return nil, usageError("name a corpus, or files or folders", "%w", err)
		}
	}
	c.Filters = filter.List{} // what they would drop is to be seen
	o, err := engineOptions(c)
	if err != nil {
		return nil, err
	}
	if o.Log, err = a.logger(); err != nil {
		return nil, err
	}
	o.Paths = args
	return func(ctx context.Context, rules *filter.Rules, trial *filter.Trial) (looked output.Looked, err error) {
		if askCopies(rules) {
			return looked, usageError("name a corpus", "copies is known of documents of a corpus, and not of files")
		}
		if err := rules.CheckDocuments(); err != nil {
			return looked, usageError("try them on a corpus that has these signals", "%w", err)
		}
		list, all, err := intake.Documents(ctx, o.Options, sample)
		m := newMeasuring(rules, trial.Add)
		for i := range list {
			d := &list[i]
			m.add(output.Place{ID: d.ID, Source: d.Source, Path: d.Path, Offset: d.Offset}, d.Chars, d.Text, d.Meta)
		}
		return output.Looked{What: strings.Join(args, ", "), All: all}, err
	}, nil
}

// holdsCorpus says whether a version was committed in a place.
func holdsCorpus(ctx context.Context, c config.Config, at string) (held bool, err error) {
	if _, err := os.Stat(at); err != nil && !store.IsRemote(at) {
		return false, nil // whoever reads it says what is wrong
	}
	abs, err := store.Absolute(at)
	if err != nil {
		return false, err
	}
	if info, err := os.Stat(abs); !store.IsRemote(abs) && (err != nil || !info.IsDir()) {
		return false, nil // likewise
	}
	s, err := store.Open(ctx, abs, store.Options{Access: access(c)})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	manifests, err := s.List(ctx, pipeline.ManifestsFolder)
	return len(manifests) > 0, err
}

// figuresOfCorpus are what rules ask for of all documents of a corpus, if that is there, or else of a sample, by its texts.
func figuresOfCorpus(ctx context.Context, c *show.Corpus, sample int, rules *filter.Rules, trial *filter.Trial, copies *copiesFigure) (looked output.Looked, err error) {
	columns, err := columnsOf(ctx, c, rules, trial)
	if err != nil {
		return looked, err
	}
	if columns != nil {
		return output.Looked{All: true, Signals: columns.Signals}, columns.try(ctx, rules, trial)
	}
	for _, name := range rules.OfCorpus() {
		return looked, usageError("measure it with millrace signals OUT --add lines; --by, and rules on fields of documents, need signals of documents alone",
			"%s follows from all documents of the corpus, and cannot be told of some of them", name)
	}
	m, asked := newMeasuring(rules, trial.Add), askCopies(rules)
	looked.Of, err = c.Sample(ctx, int64(sample), func(d *show.Sampled) error {
		if copies.n = d.Copies; asked && copies.n == ingest.UnknownCopies {
			return usageError("millrace compact writes them anew, with their copies", "copies is not known of all documents: some shards are of an earlier format")
		}
		m.add(output.Place{ID: d.ID, Source: d.Source, Path: d.Path, Offset: d.Offset}, d.Chars, d.Text, d.Meta)
		return ctx.Err()
	})
	looked.All = looked.Of <= int64(sample)
	return looked, err
}

// measuring measures documents one by one: each is a block of its own.
type measuring struct {
	tester *filter.Tester
	doc    filter.Document
	place  output.Place
	block  filter.Block
	yield  func(*filter.Block)
}

func newMeasuring(rules *filter.Rules, yield func(*filter.Block)) *measuring {
	m := &measuring{tester: rules.Tester(), yield: yield}
	values := m.tester.Values()
	m.block = filter.Block{
		Len: 1, Columns: make([][]int64, len(values)),
		File: func(int) (string, string, []byte) { return m.doc.Source, m.doc.Path, m.doc.Meta },
		Place: func(int) any {
			p := m.place
			p.Text = pipeline.Excerpt(string(m.doc.Text[:min(len(m.doc.Text), excerptBytes+8)]), excerptBytes)
			return p
		},
	}
	for i := range values {
		m.block.Columns[i] = values[i : i+1]
	}
	return m
}

// excerptBytes is how much of a text an example keeps.
const excerptBytes = 600

func (m *measuring) add(at output.Place, chars int, text, meta []byte) {
	m.place = at
	m.doc = filter.Document{Text: text, Chars: chars, Meta: meta, Source: at.Source, Path: at.Path}
	m.tester.Next(&m.doc)
	m.tester.MeasureAll()
	m.yield(&m.block)
}
