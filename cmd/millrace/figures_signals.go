package main

import (
	"context"

	"millrace/cmd/millrace/output"
	"millrace/pipeline/corpus/show"
	"millrace/stages/filter"
)

// signalColumns are the signals of the documents of a corpus that rules ask for.
type signalColumns struct {
	*show.SignalColumns
	needed []int // by position among the signals of the rules
}

// sameSignals are signals that count what filters of the table do.
var sameSignals = map[string]string{"filter_han_share": "han_share", "filter_digit_share": "digit_share"}

// columnsOf are those of a corpus; nil if it has not all that rules ask for, or a rule asks for something else. Sources are not told apart by them
// either.
func columnsOf(ctx context.Context, c *show.Corpus, rules *filter.Rules, trial *filter.Trial) (*signalColumns, error) {
	s := &signalColumns{needed: rules.Needed()}
	if trial.Sources != nil || len(s.needed) == 0 {
		return nil, nil
	}
	for i := range rules.All {
		if rules.All[i].Condition.Fields() {
			return nil, nil
		}
	}
	var names []string
	for _, i := range s.needed {
		name := rules.Signals[i].Name
		if same, ok := sameSignals[name]; ok {
			name = same
		}
		names = append(names, name)
	}
	of, err := c.SignalColumns(ctx, names)
	if err != nil || of == nil {
		return nil, err
	}
	s.SignalColumns = of
	return s, nil
}

// try tries all documents.
func (s *signalColumns) try(ctx context.Context, rules *filter.Rules, trial *filter.Trial) error {
	block := filter.Block{Columns: make([][]int64, len(rules.Signals)), File: func(int) (string, string, []byte) { return "", "", nil }}
	err := s.Each(ctx, func(columns [][]int64, row func(int) show.SignalRow) error {
		for k, i := range s.needed {
			block.Columns[i] = columns[k]
			block.Len = len(columns[k])
		}
		block.Place = func(i int) any { return row(i) }
		trial.Add(&block)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return s.resolve(ctx, trial)
}

// resolve reads the documents that stand for examples, where these are rows of signals.
func (s *signalColumns) resolve(ctx context.Context, t *filter.Trial) error {
	var rows []show.SignalRow
	t.Examples(func(place any) any {
		rows = append(rows, place.(show.SignalRow))
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
