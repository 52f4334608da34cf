package rows

import (
	"errors"
	"fmt"
	"io"
)

// arrowFile reads Arrow IPC.
type arrowFile struct {
	in      *input
	nodes   []*arrowNode
	dictOf  map[int64]*arrowNode
	groups  []Group
	batches []message
	damage  error
	file    bool // dictionaries apply to all batches, not only to those behind them

	updates []message // dictionaries, in the order of the file
	before  []int     // by batch: how many updates are in front of it
	applied int       // updates
	dicts   map[int64]*arrowDictionary

	pool     bufferPool // of the batch
	dictPool bufferPool
	current  []arrowColumn
	left     []bool // by column: it has no part in the objects; nil for none
	row      int64
}

func openArrow(in *input, limits *Limits) (*arrowFile, error) {
	w, err := newMessageWalker(in)
	if err != nil {
		return nil, err
	}
	a := &arrowFile{in: in, file: w.file, dictOf: map[int64]*arrowNode{}}
	a.pool = bufferPool{in: in, limit: limits.MemoryBytes}
	a.dictPool = a.pool
	s := arrowSchema{depth: limits.Depth, dicts: a.dictOf}
	if schema := w.footer.child(1); schema.valid() {
		if a.nodes, err = s.read(schema); err != nil {
			return nil, err
		}
		a.list(w)
		return a, nil
	}
	first, header, err := w.next()
	if err == nil && first.kind != messageSchema {
		err = errors.New("it does not begin with a schema")
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, damaged(first.at, err)
	}
	if a.nodes, err = s.read(header); err != nil {
		return nil, err
	}
	a.walk(w)
	return a, nil
}

// list finds record batches and dictionaries by the index of a file.
func (a *arrowFile) list(w *messageWalker) {
	for i, kind := range []byte{messageDictionary, messageBatch} {
		blocks, _ := w.footer.vector(2+i, 24)
		for ; len(blocks) >= 24; blocks = blocks[24:] {
			m, header, err := w.indexed(blocks)
			if err == nil && m.kind != kind {
				err = fmt.Errorf("a message of type %d, by the index %d", m.kind, kind)
			}
			if a.damage = damaged(m.at, err); err == nil {
				a.damage = a.add(&m, header)
			}
			if a.damage != nil {
				return
			}
		}
	}
}

// walk finds them one behind the other.
func (a *arrowFile) walk(w *messageWalker) {
	for a.damage == nil {
		m, header, err := w.next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			a.damage = damaged(m.at, err)
		default:
			a.damage = a.add(&m, header)
		}
	}
}

// add takes a message into the list.
func (a *arrowFile) add(m *message, header table) error {
	rows := header.int64(0)
	switch {
	case len(a.batches)+len(a.updates) == maxMessages:
		return damaged(m.at, fmt.Errorf("more than %d messages", maxMessages))
	case m.kind == messageDictionary:
		a.updates = append(a.updates, *m)
	case m.kind != messageBatch:
		return damaged(m.at, fmt.Errorf("unexpected message of type %d", m.kind))
	case rows < 0 || rows > maxGroupRows:
		return damaged(m.at, fmt.Errorf("a record batch of %d rows", rows))
	default:
		first := int64(0)
		if n := len(a.groups); n > 0 {
			last := a.groups[n-1]
			if first = last.First + last.Rows; m.at < last.Offset+last.Bytes {
				return damaged(m.at, fmt.Errorf("a record batch within the one at %d", last.Offset))
			}
		}
		a.groups = append(a.groups, Group{Offset: m.at, Bytes: m.end() - m.at, First: first, Rows: rows})
		a.batches = append(a.batches, *m)
		a.before = append(a.before, len(a.updates))
	}
	return nil
}

func (a *arrowFile) columns() []string {
	names := make([]string, len(a.nodes))
	for i, n := range a.nodes {
		names[i] = n.path
	}
	return names
}

func (a *arrowFile) open(group int, row *object) error {
	if err := a.loadDictionaries(group, row); err != nil {
		return err
	}
	m := &a.batches[group]
	header, err := m.header(a.in)
	if err != nil {
		return err
	}
	a.row = 0
	a.current, err = a.bind(&a.pool, m, header, a.nodes, row)
	if err != nil {
		return err
	}
	for i := range a.current {
		if n := a.current[i].length; n != a.groups[group].Rows {
			return fmt.Errorf("column %s has %d values, the record batch %d rows", a.nodes[i].path, n, a.groups[group].Rows)
		}
	}
	if a.left != nil {
		kept := a.current[:0]
		for i, c := range a.current {
			if !a.left[i] {
				kept = append(kept, c)
			}
		}
		a.current = kept
	}
	return nil
}

// bind finds the columns in a record batch, of which a dictionary is one too.
func (a *arrowFile) bind(pool *bufferPool, m *message, batch table, nodes []*arrowNode, row *object) ([]arrowColumn, error) {
	b := batchReader{pool: pool, body: m.body, bytes: m.bytes, dicts: a.dicts}
	b.nodes, _ = batch.vector(1, 16)
	b.buffers, _ = batch.vector(2, 16)
	b.counts, _ = batch.vector(4, 8)
	pool.row, pool.codec = row, arrowUncompressed
	if c := batch.child(3); c.valid() {
		pool.codec = int(c.byte(0))
		if pool.codec != arrowLZ4 && pool.codec != arrowZstd || c.byte(1) != 0 {
			return nil, fmt.Errorf("compression %d is %w", pool.codec, ErrUnsupported)
		}
	}
	share := pool.limit / 4 / int64(len(b.buffers)/16+1)
	pool.window, pool.whole = min(max(share, 4<<10), 256<<10), min(max(share, 4<<10), 1<<20)
	columns := make([]arrowColumn, len(nodes))
	for i, n := range nodes {
		c, err := b.column(n)
		if err != nil {
			return nil, err
		}
		columns[i] = c
	}
	return columns, nil
}

func (a *arrowFile) next(o *object) error {
	err := appendStruct(o, a.current, a.row)
	a.row++
	return err
}

func (a *arrowFile) finish() error { return nil }

func (a *arrowFile) close() {
	a.current = nil
	a.pool.held, a.pool.big, a.pool.row = 0, nil, nil
}
