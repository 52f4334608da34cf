package main

import (
	"context"
	"slices"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/stages/filter"
)

// triedColumns are what rules ask for of the documents of a corpus, which is there already.
type triedColumns struct {
	*show.Columns
	needed []int          // the figures, by position among the signals of the rules
	field  map[string]int // the fields, by name
}

// sameSignals are signals that count what filters of the table do.
var sameSignals = map[string]string{"filter_han_share": "han_share", "filter_digit_share": "digit_share"}

// columnsOf are those of a corpus; nil if it has not all that rules ask for.
func columnsOf(ctx context.Context, c *show.Corpus, rules *filter.Rules, trial *filter.Trial) (*triedColumns, error) {
	s := &triedColumns{needed: rules.Needed(), field: map[string]int{}}
	var figures, fields []string
	for _, i := range s.needed {
		name := rules.Signals[i].Name
		if same, ok := sameSignals[name]; ok {
			name = same
		}
		figures = append(figures, name)
	}
	add := func(field string) {
		if !slices.Contains(fields, field) {
			s.field[field] = len(fields)
			fields = append(fields, field)
		}
	}
	if trial.Sources != nil {
		add("source")
	}
	for i := range rules.All {
		for _, field := range rules.All[i].Condition.Fields {
			add(field)
		}
	}
	of, err := c.Columns(ctx, figures, fields)
	if err != nil || of == nil {
		return nil, err
	}
	s.Columns = of
	return s, nil
}

// try tries all documents.
func (s *triedColumns) try(ctx context.Context, rules *filter.Rules, trial *filter.Trial) error {
	of := filter.Block{Columns: make([][]int64, len(rules.Signals))}
	var source, path textOf
	err := s.Each(ctx, func(block *show.ColumnBlock) error {
		of.Len = block.Len
		for k, i := range s.needed {
			of.Columns[i] = block.Figures[k]
		}
		field := func(name string, i int) []byte {
			if k, ok := s.field[name]; ok {
				return block.Field(k, i)
			}
			return nil
		}
		of.File = func(i int) (string, string, []byte) {
			return source.of(field("source", i)), path.of(field("path", i)), field("metadata", i)
		}
		of.Place = func(i int) any { return block.Row(i) }
		trial.Add(&of)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return s.resolve(ctx, trial)
}

// textOf makes texts of bytes, one for all that are equal and follow each other: documents of a file do.
type textOf struct{ last string }

func (t *textOf) of(b []byte) string {
	if t.last != string(b) {
		t.last = string(b)
	}
	return t.last
}

// resolve reads the documents that stand for examples, where these are rows.
func (s *triedColumns) resolve(ctx context.Context, t *filter.Trial) error {
	var rows []show.Row
	t.Examples(func(place any) any {
		rows = append(rows, place.(show.Row))
		return place
	})
	documents, err := s.DocumentsOf(ctx, rows)
	if err != nil {
		return err
	}
	t.Examples(func(any) any {
		d := documents[0]
		documents = documents[1:]
		return output.Place{ID: d.ID, Source: d.Source, Path: d.Path, Offset: d.Offset, Text: d.Text}
	})
	return nil
}
