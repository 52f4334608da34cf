package rows

import (
	"errors"
	"fmt"
	"io"
)

// arrowFile reads Arrow IPC, of which it needs no index: record batches are found by going through the messages.
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
	s := arrowSchema{depth: limits.Depth, dicts: a.dictOf}
	if a.nodes, err = s.read(header); err != nil {
		return nil, err
	}
	a.walk(w)
	return a, nil
}

// walk lists record batches and dictionaries.
func (a *arrowFile) walk(w *messageWalker) {
	rows := int64(0)
	for {
		m, header, err := w.next()
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return
		case err != nil:
		case len(a.batches)+len(a.updates) == maxMessages:
			err = fmt.Errorf("more than %d messages", maxMessages)
		case m.kind == messageDictionary:
			a.updates = append(a.updates, m)
		case m.kind == messageBatch:
			n := header.int64(0)
			if n < 0 || n > maxGroupRows {
				err = fmt.Errorf("a record batch of %d rows", n)
				break
			}
			a.groups = append(a.groups, Group{Offset: m.at, Bytes: m.end() - m.at, First: rows, Rows: n})
			a.batches = append(a.batches, m)
			a.before = append(a.before, len(a.updates))
			rows += n
		default:
			err = fmt.Errorf("unexpected message of type %d", m.kind)
		}
		if err != nil {
			a.damage = damaged(m.at, err)
			return
		}
	}
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
			return nil, fmt.Errorf("compression %d is not supported", pool.codec)
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
