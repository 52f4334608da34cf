package rows

import (
	"errors"
	"fmt"
)

// arrowDictionary is the values that a column of indices refers to, as JSON.
type arrowDictionary struct {
	json []byte
	ends []int64 // of the values; one that is too large is empty
	cost int64   // of the memory of the file
}

// append appends value i. JSON is never empty, so that what is empty was too large.
func (d *arrowDictionary) append(o *object, i uint64) error {
	if i >= uint64(len(d.ends)) {
		return fmt.Errorf("value %d of a dictionary of %d", int64(i), len(d.ends))
	}
	from := int64(0)
	if i > 0 {
		from = d.ends[i-1]
	}
	v := d.json[from:d.ends[i]]
	if len(v) == 0 {
		if o.err == nil {
			o.err = fmt.Errorf("a value of a dictionary: %w", ErrTooLarge)
		}
		return nil
	}
	if int64(len(o.buf)+len(v)) > o.limits.RowBytes {
		o.refuse(int64(len(o.buf)+len(v)), o.limits.RowBytes)
		return nil
	}
	o.buf = append(o.buf, v...)
	return nil
}

// loadDictionaries brings the dictionaries to where they are at a record batch.
func (a *arrowFile) loadDictionaries(group int, row *object) error {
	want := a.before[group]
	if a.file {
		want = len(a.updates)
	}
	if want < a.applied || a.dicts == nil {
		a.dicts, a.applied, a.pool.limit = map[int64]*arrowDictionary{}, 0, a.dictPool.limit
	}
	for ; a.applied < want; a.applied++ {
		m := &a.updates[a.applied]
		if err := a.update(m, row); err != nil {
			a.dicts = nil // whatever is read next starts again
			return damaged(m.at, fmt.Errorf("dictionary: %w", err))
		}
	}
	return nil
}

// update applies a dictionary batch: it replaces what the dictionary was, or adds to it.
func (a *arrowFile) update(m *message, row *object) error {
	header, err := m.header(a.in)
	if err != nil {
		return err
	}
	id, added := header.int64(0), header.byte(2) != 0
	node := a.dictOf[id]
	if node == nil {
		return fmt.Errorf("number %d, which no column has", id)
	}
	batch := header.child(1)
	if !batch.valid() {
		return errors.New("it has no values")
	}
	columns, err := a.bind(&a.dictPool, m, batch, []*arrowNode{node}, row)
	if err != nil {
		return err
	}
	defer func() { a.dictPool.held, a.dictPool.big, a.dictPool.row = 0, nil, nil }()
	d := a.dicts[id]
	if d == nil || !added {
		if d != nil {
			a.pool.limit += d.cost
		}
		d = new(arrowDictionary)
		a.dicts[id] = d
	}
	// The row group's account pays for one dictionary after the other, and for what they are as JSON.
	values := object{limits: row.limits, ctx: row.ctx, budget: max(row.budget, freeExpansion+m.bytes*row.limits.Expansion)}
	for i := range columns[0].length {
		if err := values.begin(); err != nil {
			return err
		}
		if err := columns[0].append(&values, i); err != nil {
			return err
		}
		v, refused := values.take()
		if refused != nil {
			v = nil
		}
		cost := int64(len(v)) + 8
		if cost > a.pool.limit/2 {
			return fmt.Errorf("%d bytes of dictionaries: %w", int64(len(d.json)), ErrMemory)
		}
		a.pool.limit -= cost
		d.cost += cost
		d.json = append(d.json, v...)
		d.ends = append(d.ends, int64(len(d.json)))
	}
	return nil
}
