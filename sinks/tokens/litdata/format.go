// Package litdata writes token files that StreamingDataset of Lightning's litData reads with its TokensLoader: chunks of at most 64 MiB and an index.json of
// all chunks of a split.
//
// An item of a chunk is a sequence, without a head of its own. The loader does not ask where items begin: it cuts the tokens of each chunk into blocks of the
// size that it is given, and passes over what is left at the end of a chunk. Of sequences that are packed to that size nothing is left. Tokens are uint16
// (litData knows them since 0.2.48) or int32. A chunk is in memory at a time.
package litdata

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Format is what the package writes: litdata/train/train-00003-of-00016.00000.bin and litdata/train/index.json.
var Format = formatOf(tokens.ChunkBytes)

// formatOf is the format with chunks of at most so many bytes.
func formatOf(limit int) tokens.Format {
	l := layout{limit}
	return tokens.Format{Name: "litdata", New: l.create, Index: l.index}
}

type layout struct{ limit int }

const (
	ending = ".bin"
	// What litData calls these types of Torch.
	uint16s = "no_header_tensor:20"
	int32s  = "no_header_tensor:16"
	// leaf says in litData's words that an item is a single value.
	leaf = `[1, {"type": null, "context": null, "children_spec": []}]`
)

type writer struct {
	spec   tokens.Spec
	chunks *tokens.Chunks
}

func (l layout) create(ctx context.Context, job *pipeline.Job, folder string, shard tokens.Shard, spec tokens.Spec) (tokens.Writer, error) {
	name := shard.Path(folder)
	chunks := tokens.NewChunks(ctx, job, l.limit, nil, func(chunk int) string { return fmt.Sprintf("%s.%05d%s", name, chunk, ending) })
	return &writer{spec: spec, chunks: chunks}, nil
}

func (w *writer) Write(q *tokens.Sequence) error {
	if err := w.spec.Check(q); err != nil {
		return err
	}
	b, err := w.chunks.Begin(len(q.Tokens) * w.spec.TokenBytes())
	if err != nil {
		return err
	}
	if b, err = w.spec.AppendTokens(b, q.Tokens); err != nil {
		return err
	}
	w.chunks.End(b)
	return nil
}

func (w *writer) Commit() ([]pipeline.Output, error) { return w.chunks.Commit() }

func (w *writer) Close() error { return nil }

// chunkInfo is what the index says of a chunk.
type chunkInfo struct {
	Bytes    int64  `json:"chunk_bytes"`
	Items    int64  `json:"chunk_size"`
	Tokens   int64  `json:"dim"`
	Filename string `json:"filename"`
}

type config struct {
	ChunkBytes  int      `json:"chunk_bytes"`
	ChunkSize   *int     `json:"chunk_size"`
	Compression *string  `json:"compression"`
	DataFormat  []string `json:"data_format"`
	DataSpec    string   `json:"data_spec"`
	Encryption  *string  `json:"encryption"`
	ItemLoader  string   `json:"item_loader"`
}

// index writes the index.json of a split. How many tokens a chunk has follows from its bytes and items.
func (l layout) index(ctx context.Context, job *pipeline.Job, folder, split string, shards [][]pipeline.Output, spec tokens.Spec) ([]pipeline.Output, error) {
	format := int32s
	if spec.TokenBytes() == 2 {
		format = uint16s
	}
	chunks := []chunkInfo{}
	for _, outputs := range shards {
		for _, o := range outputs {
			if strings.HasSuffix(o.Name, ending) {
				count := (o.Bytes - 4*(o.Rows+2)) / int64(spec.TokenBytes())
				chunks = append(chunks, chunkInfo{o.Bytes, o.Rows, count, path.Base(o.Name)})
			}
		}
	}
	data, err := json.Marshal(struct {
		Chunks []chunkInfo `json:"chunks"`
		Config config      `json:"config"`
	}{chunks, config{ChunkBytes: l.limit, DataFormat: []string{format}, DataSpec: leaf, ItemLoader: "TokensLoader"}})
	if err != nil {
		return nil, err
	}
	return tokens.WriteFile(ctx, job, folder+"/"+split+"/index.json", data, int64(len(chunks)))
}
