package show

import (
	"context"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Sampled is a document of a sample, as the corpus holds it. Texts are valid until the callback returns.
type Sampled struct {
	ID, Source, Path string
	Offset           int64
	Chars            int
	Copies           int64 // as its shard says, ingest.UnknownCopies if it does not
	Text, Meta       []byte
}

// Sample hands over so many of the live documents, all of them if there are no more: runs of documents that follow each other, from places that
// hashes tell, so that few parts of few shards are read. The same corpus gives the same documents. total is how many there are.
func (c *Corpus) Sample(ctx context.Context, n int64, yield func(*Sampled) error) (total int64, err error) {
	list, err := c.corpus.Versions(ctx)
	if err != nil {
		return 0, err
	}
	v := manifest.ViewOf(list)
	shards := v.Shards()
	_, total = dataset.Sum(shards)
	columns := columnar.Selection{
		Text: []string{"id", "source", "path", "text", "metadata"}, Int: []string{"offset", "chars"},
		IntOr: map[string]int64{ingest.CopiesColumn: ingest.UnknownCopies},
	}
	base := int64(0)
	for _, shard := range shards {
		rows := dataset.SampleRows(total, base, shard.Rows, n)
		base += shard.Rows
		if len(rows) == 0 {
			continue
		}
		err := c.format(shard).ReadRows(ctx, c.store, shard.Path, columns, rows, func(_ int, f *columnar.Frame, row int) error {
			text := func(column string) string { return string(f.Text(column).At(row)) }
			return yield(&Sampled{
				ID: text("id"), Source: text("source"), Path: text("path"), Offset: f.Int("offset")[row], Chars: int(f.Int("chars")[row]),
				Copies: f.Int(ingest.CopiesColumn)[row], Text: f.Text("text").At(row), Meta: f.Text("metadata").At(row),
			})
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
