package show

import (
	"context"
	"math/bits"

	"github.com/zeebo/xxh3"

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

// sampleRuns is how many places of a corpus a sample is from, at most.
const sampleRuns = 64

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
		rows := sampleRows(total, base, shard.Rows, n)
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

// sampleRows are the rows of a shard, which begins at the document base of total, that are in a sample of n documents.
func sampleRows(total, base, rows, n int64) (list []int64) {
	runs := min(sampleRuns, n)
	if n >= total {
		runs = 1
	}
	for r := range runs {
		from, to := total*r/runs, total*(r+1)/runs // the part of the corpus that the run is from
		length := to - from
		if n < total {
			length = int64(rowsOf(n, to, total) - rowsOf(n, from, total))
		}
		if room := uint64(to - from - length + 1); room > 1 {
			from += int64(xxh3.Hash([]byte{byte(r)}) % room)
		}
		for i := max(from, base); i < min(from+length, base+rows); i++ {
			list = append(list, i-base)
		}
	}
	return list
}

// rowsOf is how many of n rows are before a row of total: of two rows, no more between them than there are.
func rowsOf(n, row, total int64) uint64 {
	high, low := bits.Mul64(uint64(n), uint64(row))
	q, _ := bits.Div64(high, low, uint64(total))
	return q
}
