package table

import (
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/signal"
)

// Rows makes the columns of a file, batch by batch, by measuring documents. It is for one goroutine, which has others help, and reuses its
// memory.
type Rows struct {
	helpers []*helper
	ids     columnar.Strings
	columns [][]int64
	values  []any
}

// helper measures documents.
type helper struct {
	measurers []signal.Measurer
	widths    []int
	figures   []int64
	document  signal.Document
}

const (
	mostHelpers = 4  // of one file: several are written at the same time
	turn        = 16 // documents that a helper takes at once
)

// NewRows measures by families, in their order.
func NewRows(families []signal.Family) *Rows {
	r := &Rows{}
	for range min(runtime.GOMAXPROCS(0), mostHelpers) {
		h := &helper{}
		for _, f := range families {
			h.measurers = append(h.measurers, f.New())
			h.widths = append(h.widths, len(f.Columns))
		}
		r.helpers = append(r.helpers, h)
	}
	for _, f := range families {
		r.columns = append(r.columns, make([][]int64, len(f.Columns))...)
	}
	for _, h := range r.helpers {
		h.figures = make([]int64, len(r.columns))
	}
	return r
}

// Measure returns the columns of n documents, valid until the next call. of puts a document into d and returns its id; several goroutines call it
// at the same time. What it says depends on the documents alone.
func (r *Rows) Measure(n int, of func(i int, d *signal.Document) (id [16]byte, err error)) ([]any, error) {
	ids := make([][16]byte, n)
	for k := range r.columns {
		if cap(r.columns[k]) < n {
			r.columns[k] = make([]int64, n)
		}
		r.columns[k] = r.columns[k][:n]
	}
	var next atomic.Int64
	errs := make([]error, len(r.helpers))
	var all sync.WaitGroup
	for w, h := range r.helpers[:min(len(r.helpers), (n+turn-1)/turn)] {
		all.Go(func() {
			for {
				first := int(next.Add(turn)) - turn
				if first >= n {
					return
				}
				for i := first; i < min(first+turn, n); i++ {
					if errs[w] = h.measure(r, i, ids, of); errs[w] != nil {
						return
					}
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r.ids.Reset()
	for _, id := range ids {
		r.ids.Data = hex.AppendEncode(r.ids.Data, id[:])
		r.ids.Seal()
	}
	r.values = append(r.values[:0], &r.ids)
	for _, c := range r.columns {
		r.values = append(r.values, c)
	}
	return r.values, nil
}

func (h *helper) measure(r *Rows, i int, ids [][16]byte, of func(i int, d *signal.Document) ([16]byte, error)) (err error) {
	if ids[i], err = of(i, &h.document); err != nil {
		return err
	}
	at := 0
	for k, m := range h.measurers {
		m.Measure(&h.document, h.figures[at:at+h.widths[k]])
		at += h.widths[k]
	}
	for k, n := range h.figures {
		if n < 0 {
			return fmt.Errorf("signal %d of document %x is %d: none is negative", k, ids[i], n)
		}
		r.columns[k][i] = n
	}
	return nil
}
