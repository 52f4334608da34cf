package intake

import (
	"context"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
)

// Formats is what is known of file formats: see package parse. Its methods are called by several goroutines at a time.
type Formats interface {
	// Detect looks at the name and the first bytes of a stored file of a source.
	Detect(source, name string, head []byte) ingest.Detection
	// Cut cuts a compressed file of the plan into pieces of about so many stored bytes: nil, or one piece, if there is no
	// place. A *pipeline.RejectError means that the file cannot be read.
	Cut(ctx context.Context, in ingest.Input, file int, size int64) ([]ingest.Piece, error)
	// Expected says how many bytes of decoded text a file of the plan is expected to hold, and how many it holds at least,
	// without reading its content.
	Expected(ctx context.Context, in ingest.Input, file int) (bytes, least int64, err error)
	// Line says in which line of a file of the plan an offset of its decoded text lies, 0 if it has none.
	Line(ctx context.Context, in ingest.Input, file int, offset int64) (int64, error)
	// Open reads the raw records of a split.
	Open(ctx context.Context, in ingest.Input, split int) (pipeline.Reader, error)
}
