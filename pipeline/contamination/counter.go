package contamination

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/millrace/millrace/pipeline"
)

// Counter counts in how many documents each n-gram of an index stands. Counters of parts of a corpus are merged in any order. It takes four
// bytes an n-gram, and some times the units of a document. Not safe for concurrent use.
type Counter struct {
	index     *Index
	documents int64
	counts    []uint32
	scan      scanner
	own       []uint32 // entries of one document
}

// Counter returns one that has counted nothing.
func (x *Index) Counter() *Counter {
	return &Counter{index: x, counts: make([]uint32, x.entries()), scan: newScanner(x)}
}

// Documents is how many were counted.
func (c *Counter) Documents() int64 { return c.documents }

// mostOwn is how many entries of a document are kept before those that it has several times are taken out.
const mostOwn = 1 << 20

// Add counts a document.
func (c *Counter) Add(text []byte) {
	c.documents++
	c.own = c.own[:0]
	limit := mostOwn
	c.scan.each(text, func(entry, _ int) {
		if c.own = append(c.own, uint32(entry)); len(c.own) >= limit {
			c.compact()
			limit = len(c.own) + mostOwn
		}
	}, func(p uint32, _ int) {
		c.own = append(c.own, uint32(len(c.index.grams.hashes))+uint32(c.index.parts[p].whole))
	})
	c.compact()
	for _, entry := range c.own {
		c.counts[entry]++
	}
}

func (c *Counter) compact() {
	slices.Sort(c.own)
	c.own = slices.Compact(c.own)
}

// Merge adds what another Counter of the same index has counted. That of another index is an error.
func (c *Counter) Merge(o *Counter) error {
	if c.index.digest != o.index.digest {
		return errOtherIndex
	}
	c.documents += o.documents
	for i, n := range o.counts {
		c.counts[i] += n
	}
	return nil
}

var errOtherIndex = errors.New("counts of other evaluation sets or settings")

// counterMagic begins the counts of a Counter, counterSum has their length with the digest of the index.
const counterMagic = "MRDECON1"

// Write writes the counts: the same bytes for the same counts. They are the digest of the index, the documents, and each n-gram that any of them has as the
// distance from the one before and the count, as varints.
func (c *Counter) Write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 64<<10)
	b := append([]byte(counterMagic), c.index.digest...)
	b = binary.AppendUvarint(b, uint64(c.documents))
	before := -1
	for i, n := range c.counts {
		if n == 0 {
			continue
		}
		b = binary.AppendUvarint(b, uint64(i-before))
		b = binary.AppendUvarint(b, uint64(n))
		before = i
		if len(b) > 32<<10 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	if _, err := w.Write(append(b, 0)); err != nil {
		return err
	}
	return w.Flush()
}

// ReadCounter reads what Write has written, to the end. Counts of another index are an error, as is damage.
func (x *Index) ReadCounter(from io.Reader) (*Counter, error) {
	c := x.Counter()
	if err := c.read(bufio.NewReaderSize(from, 64<<10)); err != nil {
		return nil, pipeline.Permanent(fmt.Errorf("counts of evaluation sets: %w", err))
	}
	return c, nil
}

func (c *Counter) read(r *bufio.Reader) error {
	head := make([]byte, len(counterMagic)+len(c.index.digest))
	if _, err := io.ReadFull(r, head); err != nil {
		return unexpected(err)
	}
	if string(head[:len(counterMagic)]) != counterMagic {
		return errors.New("they are something else")
	}
	if string(head[len(counterMagic):]) != c.index.digest {
		return errOtherIndex
	}
	documents, err := binary.ReadUvarint(r)
	if err != nil {
		return unexpected(err)
	}
	if documents > 1<<62 {
		return errors.New("damaged: too many documents")
	}
	c.documents = int64(documents)
	for at := -1; ; {
		distance, err := binary.ReadUvarint(r)
		if err != nil {
			return unexpected(err)
		}
		if distance == 0 {
			break
		}
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return unexpected(err)
		}
		if distance > uint64(len(c.counts)-1-at) || n == 0 || n > documents || n > 1<<32-1 {
			return fmt.Errorf("damaged behind n-gram %d", at)
		}
		at += int(distance)
		c.counts[at] = uint32(n)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.New("damaged: something stands behind them")
	}
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
