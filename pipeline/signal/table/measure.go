package table

import (
	"encoding/hex"
	"fmt"

	"millrace/pipeline/columnar"
	"millrace/pipeline/signal"
)

// Rows makes the columns of a file, batch by batch, by measuring documents. It is for one goroutine, and reuses its memory.
type Rows struct {
	measurers []signal.Measurer
	widths    []int
	ids       columnar.Strings
	columns   [][]int64
	figures   []int64
}

// NewRows measures by families, in their order.
func NewRows(families []signal.Family) *Rows {
	r := &Rows{}
	for _, f := range families {
		r.measurers = append(r.measurers, f.New())
		r.widths = append(r.widths, len(f.Columns))
		for range f.Columns {
			r.columns = append(r.columns, nil)
		}
	}
	r.figures = make([]int64, len(r.columns))
	return r
}

// Reset forgets all rows.
func (r *Rows) Reset() {
	r.ids.Reset()
	for i := range r.columns {
		r.columns[i] = r.columns[i][:0]
	}
}

// Add measures a document.
func (r *Rows) Add(id [16]byte, d *signal.Document) error {
	r.ids.Data = hex.AppendEncode(r.ids.Data, id[:])
	r.ids.Seal()
	at := 0
	for i, m := range r.measurers {
		m.Measure(d, r.figures[at:at+r.widths[i]])
		at += r.widths[i]
	}
	for i, n := range r.figures {
		if n < 0 {
			return fmt.Errorf("signal %d of document %x is %d: none is negative", i, id, n)
		}
		r.columns[i] = append(r.columns[i], n)
	}
	return nil
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.ids.Len() }

// Columns are those of a file: valid until the next call.
func (r *Rows) Columns() []any {
	columns := []any{&r.ids}
	for _, c := range r.columns {
		columns = append(columns, c)
	}
	return columns
}
