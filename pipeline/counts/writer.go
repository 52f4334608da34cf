package counts

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// magic is of files of items: a token, its count, and documents. The key of a block is the hash of its first token.
const magic = "MRCOUNT2"

// Writer writes a file of items. It is used by one goroutine.
type Writer struct {
	*blockWriter
	last  Item
	token []byte // of last
}

// Create begins a file of the version that a job makes.
func Create(ctx context.Context, job *pipeline.Job, name string) (*Writer, error) {
	out, err := pipeline.CreateOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	return &Writer{blockWriter: newBlockWriter(out, magic, false)}, nil
}

// CreateWork begins a work file of a job.
func CreateWork(ctx context.Context, job *pipeline.Job, name string) (*Writer, error) {
	out, err := pipeline.CreateWork(ctx, job, name)
	if err != nil {
		return nil, err
	}
	return &Writer{blockWriter: newBlockWriter(out, magic, true)}, nil
}

// Add appends an item, which must come behind the one before.
func (w *Writer) Add(i *Item) error {
	switch {
	case len(i.Token) == 0 || len(i.Token) > MaxToken:
		return fmt.Errorf("a token of %d bytes cannot be counted", len(i.Token))
	case w.items > 0 && w.last.compare(i) >= 0:
		return fmt.Errorf("token %.40q is out of order", i.Token)
	}
	w.token = append(w.token[:0], i.Token...)
	w.last = Item{Hash: i.Hash, Token: w.token}
	w.block = appendToken(w.block, i.Token)
	w.block = binary.AppendVarint(w.block, i.Count)
	w.block = binary.AppendVarint(w.block, i.Documents)
	w.end(i.Hash)
	return nil
}

func appendToken(b, token []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(token))), token...)
}

// Close removes what was written, unless it was committed. A nil one can be closed.
func (w *Writer) Close() error {
	if w == nil {
		return nil
	}
	return w.blockWriter.Close()
}
