package show

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// Signals are the signals of the live documents of a corpus.
type Signals struct {
	Documents int64         `json:"documents"` // that are live
	Every     int64         `json:"every"`     // quantiles are of every so many documents: 1 is all
	Signals   []SignalRange `json:"signals"`
}

// SignalRange is how a signal is distributed over the documents that have it. Shares and means are in millionths.
type SignalRange struct {
	Name      string   `json:"name"`
	Unit      string   `json:"unit"` // count, share, mean, or label
	Note      string   `json:"note"`
	Documents int64    `json:"documents"`           // that have it
	Quantiles []int64  `json:"quantiles,omitempty"` // the least, then as in SignalQuantiles, then the greatest
	Labels    []string `json:"labels,omitempty"`    // the most frequent words of a label, the first one first
	Counts    []int64  `json:"counts,omitempty"`    // and of how many documents

	unit rule.Unit
}

// SignalQuantiles are the shares of documents whose signal is at most that, in percent.
var SignalQuantiles = []int{1, 10, 25, 50, 75, 90, 99}

const (
	mostValues = 16 << 20 // of a signal, in memory
	mostLabels = 8
)

// Signals reads the signals of the live documents: one column after the other, in the memory of a number a document, or of mostValues.
func (c *Corpus) Signals(ctx context.Context) (*Signals, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	s := &Signals{Every: 1, Signals: []SignalRange{}}
	for _, m := range h.Live {
		s.Documents += h.Documents(m)
	}
	s.Every = max(1, (s.Documents+mostValues-1)/mostValues)
	var files []dataset.File
	var names []string
	for _, f := range h.In(&pipeline.SignalTable) {
		files, names = append(files, f.File), append(names, f.Path)
	}
	columns, err := table.Union(ctx, c.store, names)
	if err != nil {
		return nil, err
	}
	for _, column := range columns {
		r := SignalRange{Name: column.Name, Unit: unitName(&column), Note: column.Note, unit: column.Unit}
		if err := c.distribute(ctx, files, &column, s.Every, &r); err != nil {
			return nil, err
		}
		s.Signals = append(s.Signals, r)
	}
	return s, nil
}

func unitName(c *table.Column) string {
	switch {
	case len(c.Labels) > 0:
		return "label"
	case c.Unit == rule.Share:
		return "share"
	case c.Unit == rule.Mean:
		return "mean"
	}
	return "count"
}

// distribute reads one signal.
func (c *Corpus) distribute(ctx context.Context, files []dataset.File, column *table.Column, every int64, r *SignalRange) error {
	var values []int64
	labels := make([]int64, len(column.Labels))
	row := int64(0)
	for _, f := range files {
		err := pipeline.SignalTable.ReadTable(ctx, c.store, f.Path, columnar.Selection{IntOr: map[string]int64{column.Name: table.Missing}}, nil, func(d *columnar.Frame) error {
			for _, n := range d.Int(column.Name) {
				if row++; n == table.Missing {
					continue
				}
				r.Documents++
				switch {
				case len(labels) > 0 && (n < 0 || n >= int64(len(labels))):
					return fmt.Errorf("%s: signal %s is %d, of %d words", f.Path, column.Name, n, len(labels))
				case len(labels) > 0:
					labels[n]++
				case row%every == 0:
					values = append(values, n)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for range min(mostLabels, len(labels)) {
		best := 0
		for i := range labels {
			if labels[i] > labels[best] {
				best = i
			}
		}
		if labels[best] == 0 {
			break
		}
		r.Labels, r.Counts = append(r.Labels, column.Labels[best]), append(r.Counts, labels[best])
		labels[best] = 0
	}
	if len(values) > 0 {
		slices.Sort(values)
		r.Quantiles = []int64{values[0]}
		for _, q := range SignalQuantiles {
			r.Quantiles = append(r.Quantiles, values[(len(values)-1)*q/100])
		}
		r.Quantiles = append(r.Quantiles, values[len(values)-1])
	}
	return nil
}

// WriteText writes the signals for people, a line each.
func (s *Signals) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	if len(s.Signals) == 0 {
		p.printf("none of %s has a signal: millrace signals OUT --add text,repetition,script measures them\n", pipeline.Counted(s.Documents, "document"))
		return b.Flush()
	}
	head := []string{"signal", "documents", "least"}
	for _, q := range SignalQuantiles {
		head = append(head, strconv.Itoa(q)+" %")
	}
	rows := [][]string{append(head, "greatest", "words")}
	for i := range s.Signals {
		r := &s.Signals[i]
		row := []string{r.Name, pipeline.Thousands(r.Documents)}
		for k := range len(SignalQuantiles) + 2 {
			value := ""
			if len(r.Quantiles) > k {
				value = figure(r.Quantiles[k], r.unit)
			}
			row = append(row, value)
		}
		var words []string
		for k, label := range r.Labels {
			words = append(words, label+" "+pipeline.Thousands(r.Counts[k]))
		}
		rows = append(rows, append(row, strings.Join(words, ", ")))
	}
	p.table("signal words", rows)
	if s.Every > 1 {
		p.printf("quantiles are those of one document in %d\n", s.Every)
	}
	return b.Flush()
}

// figure is a signal for people, with three decimals if it has some.
func figure(n int64, unit rule.Unit) string {
	if unit == rule.Count {
		return pipeline.Thousands(n)
	}
	if n == math.MaxInt64 {
		return "more"
	}
	return strconv.FormatFloat(float64(n)/signal.Millionths, 'f', 3, 64)
}
