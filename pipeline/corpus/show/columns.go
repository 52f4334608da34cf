package show

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/beside"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// Row is a document by where it lies.
type Row struct {
	shard int
	row   int64
}

// Columns are figures and fields of all live documents, which are read without their texts: signals, and columns of the shards that lie beside
// them.
type Columns struct {
	corpus  *Corpus
	shards  []columnShard
	signals []string // figures that are read of files of signals, in the order of figures
	counts  []string // those that are read of shards
	figures []columnPlace
	fields  []string

	// Documents are how many there are. Signals says that some of the figures are signals.
	Documents int64
	Signals   bool
}

// columnShard are the files that the same documents lie in. signals is zero where no signal is read.
type columnShard struct{ signals, documents dataset.File }

// columnPlace is where a figure is among signals or counts.
type columnPlace struct {
	ofShard bool
	at      int
}

// ColumnBlock is some documents that follow each other, valid until the callback returns.
type ColumnBlock struct {
	Len     int
	Figures [][]int64 // in the order in which they were asked for
	Row     func(i int) Row

	fields []*columnar.Strings
	first  int // of the frame of fields
}

// Field is the k-th field of the i-th document, as bytes that must not be changed.
func (b *ColumnBlock) Field(k, i int) []byte { return b.fields[k].At(b.first + i) }

// shardFigures are the figures of documents that a shard has by itself.
var shardFigures = []string{"chars", ingest.CopiesColumn}

// Columns finds figures, which are signals or shardFigures, and fields (source, path, metadata) of the live documents. It is nil if one of them is
// not known of all.
func (c *Corpus) Columns(ctx context.Context, figures, fields []string) (*Columns, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	s := &Columns{corpus: c, fields: fields}
	for _, m := range h.Live {
		s.Documents += h.Documents(m)
	}
	beside := h.In(&pipeline.SignalTable)
	known, err := s.measured(ctx, beside)
	if err != nil {
		return nil, err
	}
	for _, name := range figures {
		switch {
		case slices.Contains(known, name):
			s.figures = append(s.figures, columnPlace{at: len(s.signals)})
			s.signals = append(s.signals, name)
		case slices.Contains(shardFigures, name):
			if name == ingest.CopiesColumn && slices.ContainsFunc(h.Read, func(s manifest.Shard) bool { return !corpus.SaysCopies(s.Maker) }) {
				return nil, nil
			}
			s.figures = append(s.figures, columnPlace{ofShard: true, at: len(s.counts)})
			s.counts = append(s.counts, name)
		default:
			return nil, nil
		}
	}
	s.Signals = len(s.signals) > 0
	if _, read := dataset.Sum(manifest.FilesOf(h.Read)); read != s.Documents || read == 0 {
		return nil, nil // some lie in a format that is not read
	}
	s.shards, err = columnShards(&h.View, s.Signals)
	return s, err
}

// measured are the signals that all documents have.
func (s *Columns) measured(ctx context.Context, beside []manifest.Shard) (names []string, err error) {
	files := manifest.FilesOf(beside)
	if _, rows := dataset.Sum(files); rows != s.Documents {
		return nil, nil
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	columns, err := table.Union(ctx, s.corpus.store, paths)
	for _, c := range columns {
		if !c.Partial {
			names = append(names, c.Name)
		}
	}
	return names, err
}

// columnShards are the shards, each with the file of its signals, if these are wanted.
func columnShards(v *manifest.View, signals bool) (list []columnShard, err error) {
	if !signals {
		for _, f := range v.Shards() {
			list = append(list, columnShard{documents: f})
		}
		return list, nil
	}
	for _, t := range v.Twins(&pipeline.SignalTable) {
		if !t.Same {
			return nil, fmt.Errorf("%s has the signals of no shard", t.Path)
		}
		list = append(list, columnShard{t.File, *t.Documents})
	}
	return list, nil
}

// Each hands over all documents, some thousand at a time.
func (s *Columns) Each(ctx context.Context, yield func(*ColumnBlock) error) error {
	for k := range s.shards {
		if err := s.each(ctx, k, yield); err != nil {
			return err
		}
	}
	return nil
}

// each hands over the documents of a shard, with their signals.
func (s *Columns) each(ctx context.Context, k int, yield func(*ColumnBlock) error) error {
	shard := &s.shards[k]
	const signals, documents = 0, 1
	tables := []beside.Table{
		{Format: &pipeline.SignalTable, Path: shard.signals.Path, Columns: columnar.Selection{Int: s.signals}},
		{Format: s.corpus.format(shard.documents), Path: shard.documents.Path, Columns: columnar.Selection{Text: s.fields, Int: s.counts}},
	}
	block := ColumnBlock{Figures: make([][]int64, len(s.figures)), fields: make([]*columnar.Strings, len(s.fields))}
	return beside.Each(ctx, s.corpus.store, beside.Rows{Rows: shard.documents.Rows}, tables, func(b *beside.Block) error {
		block.Len, block.Row = b.Len, func(i int) Row { return Row{k, b.First + int64(i)} }
		for i, place := range s.figures {
			if place.ofShard {
				block.Figures[i] = b.Int(documents, s.counts[place.at])
			} else {
				block.Figures[i] = b.Int(signals, s.signals[place.at])
			}
		}
		for i, name := range s.fields {
			block.fields[i], block.first = b.Text(documents, name)
		}
		return yield(&block)
	})
}

// DocumentsOf reads the documents that rows stand for, with the beginnings of their texts.
func (s *Columns) DocumentsOf(ctx context.Context, rows []Row) ([]Document, error) {
	places := make([]Location, len(rows))
	for i, r := range rows {
		places[i] = Location{s.shards[r.shard].documents, r.row}
	}
	return s.corpus.documents(ctx, places, excerptBytes)
}
