package columnar

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v17/parquet"
)

// pageBytes is where data pages are cut: a page is larger only if it holds a single value. (The Arrow library looks at the
// size only now and then, and has made pages beyond 2 GiB.)
const pageBytes = 1 << 20

// rowGroup is a row group whose pages are compressed, or being compressed.
type rowGroup struct {
	rows    int
	columns []columnChunk
	work    sync.WaitGroup
}

// columnChunk is what a row group holds of one column.
type columnChunk struct {
	dictionary []byte // the distinct values in PLAIN encoding; nil if there is no dictionary
	entries    int
	pages      []*dataPage
	bounds     bounds
}

// dataPage is one data page. Whoever compresses it owns raw until it is done, and then gives it back.
type dataPage struct {
	raw        *[]byte
	compressed []byte // no longer than it must be: a group waits in memory until it is written
	rawBytes   int
	values     int
	encoding   parquet.Encoding
	err        error
}

// compress is called once, by one goroutine.
func (p *dataPage) compress(codec Codec, level int) {
	scratch := pageBuffers.get()
	p.err = protect("compress a page", func() error {
		*scratch = codec.encode(*scratch, *p.raw, level)
		p.compressed = bytes.Clone(*scratch)
		return nil
	})
	pageBuffers.put(scratch)
	pageBuffers.put(p.raw)
	p.raw = nil
}

// bufferPool keeps buffers for one raw or compressed page from being made again and again.
type bufferPool struct{ pool sync.Pool }

var pageBuffers bufferPool

func (b *bufferPool) get() *[]byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		*buf = (*buf)[:0]
		return buf
	}
	buf := make([]byte, 0, pageBytes)
	return &buf
}

// put takes a buffer back; one that grew for a giant document is left to the garbage collector.
func (b *bufferPool) put(buf *[]byte) {
	if buf != nil && cap(*buf) <= 4*pageBytes {
		b.pool.Put(buf)
	}
}

// release gives all buffers of a group back, after its work has ended.
func (g *rowGroup) release() {
	for i := range g.columns {
		for _, p := range g.columns[i].pages {
			pageBuffers.put(p.raw)
			p.raw, p.compressed = nil, nil
		}
	}
}

// wait returns when all pages are compressed, with the first error.
func (g *rowGroup) wait(schema []Column) error {
	g.work.Wait()
	for i := range g.columns {
		for n, p := range g.columns[i].pages {
			if p.err != nil {
				return fmt.Errorf("column %s, page %d: %w", schema[i].Name, n, p.err)
			}
		}
	}
	return nil
}
