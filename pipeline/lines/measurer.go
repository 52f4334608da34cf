package lines

import (
	"bytes"
	"context"
	"errors"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/signal"
)

// Measurer measures the signals of Family by the keys that a job has found frequent. It is used by one goroutine.
type Measurer struct{ counts *counts }

// NewMeasurer returns a Measurer of a job whose lines are counted.
func NewMeasurer(ctx context.Context, job *pipeline.Job, p *Plan) *Measurer {
	return &Measurer{newCounts(ctx, job, p)}
}

// Close closes the files.
func (m *Measurer) Close() error { return m.counts.close() }

// Measure measures n documents into a column a signal, as long as there are documents. of puts one into d, and is asked twice for each.
func (m *Measurer) Measure(n int, of func(i int, d *signal.Document) error, out [][]int64) error {
	if len(out) != Columns {
		return errors.New("the signals of lines are in other columns")
	}
	m.counts.begin()
	var d signal.Document
	for i := range n {
		if err := of(i, &d); err != nil {
			return err
		}
		m.counts.note(d.Text, d.Meta, d.Source)
	}
	if err := m.counts.find(); err != nil {
		return err
	}
	for i := range n {
		if err := of(i, &d); err != nil {
			return err
		}
		f := figuresOf(d.Text, m.counts.keys(i), m.counts.of)
		out[0][i], out[1][i], out[2][i] = signal.Share(f.boilerplate, int64(d.Chars)), signal.Share(f.edge, int64(d.Chars)), f.copies
	}
	return nil
}

// figures are what is measured of a document, in characters and documents.
type figures struct{ boilerplate, edge, copies int64 }

// figuresOf are those of a document by the keys of its group and of its lines.
func figuresOf(text []byte, keys []uint64, counts map[uint64]int64) (f figures) {
	group := counts[keys[0]]
	behind := int64(0) // boilerplate since the last line that is none
	first := true      // there was none yet
	for _, key := range keys[1:] {
		line := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			line = text[:end+1]
		}
		text = text[len(line):]
		if key == 0 {
			continue
		}
		n, short := counts[key], IsShort(key)
		if !short {
			f.copies = max(f.copies, n)
		}
		switch is := Boilerplate(key, n, group); {
		case !is && short: // which tells nothing
			continue
		case !is:
			if first {
				f.edge = behind
			}
			first, behind = false, 0
			continue
		}
		chars := int64(utf8.RuneCount(line))
		f.boilerplate += chars
		behind += chars
	}
	f.edge += behind
	return f
}
