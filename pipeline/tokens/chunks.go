package tokens

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/millrace/millrace/pipeline"
)

// ChunkBytes is how large a chunk gets, unless a single item is larger: what MDS and litData do if they are not told otherwise.
const ChunkBytes = 1 << 26

// Chunks write the items of a shard to numbered files of the layout that MDS and litData share: the number of items n, n + 1 offsets from the start of the
// file, all uint32, a head that is the same in each, and the items. One chunk is in memory at a time; it appears when it is full, for its head says how
// many items it has.
type Chunks struct {
	ctx     context.Context
	job     *pipeline.Job
	limit   int64
	name    func(chunk int) string
	head    []byte
	body    []byte
	ends    []uint32 // of the items in body
	done    []pipeline.Output
	scratch []byte
}

// NewChunks starts none yet: a shard without items has no chunks. limit is the most that a chunk of several items has, in bytes: ChunkBytes, but for tests.
func NewChunks(ctx context.Context, job *pipeline.Job, limit int, head []byte, name func(chunk int) string) *Chunks {
	return &Chunks{ctx: ctx, job: job, limit: int64(limit), head: head, name: name}
}

// Begin makes room for an item of so many bytes, and returns where it is to be appended.
func (c *Chunks) Begin(bytes int) ([]byte, error) {
	if len(c.ends) > 0 && c.bytes(1)+int64(bytes) > c.limit {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	if n := c.bytes(1) + int64(bytes); n > math.MaxUint32 {
		return nil, fmt.Errorf("an item of %d bytes: offsets end at 4 GiB", bytes)
	}
	if need := len(c.body) + bytes; need > cap(c.body) { // twice as much each time, and in the end no more than a chunk has
		room := max(need, min(2*cap(c.body), int(c.limit)))
		c.body = append(make([]byte, 0, room), c.body...)
	}
	return c.body, nil
}

// End takes what Begin returned, with the item behind it.
func (c *Chunks) End(body []byte) {
	c.body = body
	c.ends = append(c.ends, uint32(len(body)))
}

// bytes is how large the chunk is with so many items more, but for their bytes.
func (c *Chunks) bytes(more int) int64 {
	return 4 + 4*int64(len(c.ends)+more+1) + int64(len(c.head)) + int64(len(c.body))
}

func (c *Chunks) flush() error {
	out, err := pipeline.CreateOut(c.ctx, c.job, c.name(len(c.done)))
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // of a committed file it does nothing
	first := uint32(4+4*(len(c.ends)+1)) + uint32(len(c.head))
	h := binary.LittleEndian.AppendUint32(c.scratch[:0], uint32(len(c.ends)))
	h = binary.LittleEndian.AppendUint32(h, first)
	for _, end := range c.ends {
		h = binary.LittleEndian.AppendUint32(h, first+end)
	}
	c.scratch = append(h, c.head...)
	if _, err := out.Write(c.scratch); err != nil {
		return err
	}
	if _, err := out.Write(c.body); err != nil {
		return err
	}
	o, err := out.Commit(int64(len(c.ends)))
	if err != nil {
		return err
	}
	c.done = append(c.done, o)
	c.body, c.ends = c.body[:0], c.ends[:0]
	return nil
}

// Commit makes the last chunk appear, and returns all of them.
func (c *Chunks) Commit() ([]pipeline.Output, error) {
	if len(c.ends) > 0 {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	return c.done, nil
}
