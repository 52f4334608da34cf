package parse

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/archive"
	"github.com/millrace/millrace/stages/parse/codec"
	"github.com/millrace/millrace/stages/parse/rows"
)

// expansions are how many times larger than stored text usually is, where nothing says it: what the tools reach at their
// defaults with Chinese text and the repetitive fields of web pages beside it. Record batches of Arrow may be compressed.
var expansions = map[string]float64{codec.Gzip: 4, codec.Zstd: 5, codec.Bzip2: 5, codec.Xz: 6, codec.Lz4: 3, Arrow: 2}

// recodedExpansion is the growth of Chinese text in UTF-8, with its three bytes for two.
const recodedExpansion = 1.5

// askedBytes is the size from which a compressed file is opened to see what it says of itself.
const askedBytes = 1 << 20

// Expected says how many bytes of decoded text a file of the plan holds: what it is expected to and what
// it has at least. It reads what containers and codecs say of themselves, never the content. What cannot be read is
// expected to be as usual. An error is that of ctx.
func (fs Formats) Expected(ctx context.Context, in ingest.Input, file int) (bytes, least int64, err error) {
	f := &in.Plan.Files[file]
	bytes, least = f.Bytes, f.Bytes
	factor, usual := expansions[f.Compression]
	if !usual {
		factor, usual = expansions[f.Format]
	}
	switch {
	case usual:
		bytes = int64(float64(f.Bytes) * factor)
	case f.Encoding != "":
		bytes = int64(float64(f.Bytes) * recodedExpansion)
	}
	asks := f.Compression != codec.None && f.Bytes >= askedBytes || f.Format == Zip || f.Format == Parquet
	if !asks {
		return bytes, least, ctx.Err()
	}
	object, err := in.Open(ctx, file)
	if err != nil {
		return bytes, least, ctx.Err()
	}
	defer func() { err = errors.Join(err, object.Close()) }()
	switch {
	case f.Compression != codec.None:
		declared := codec.Declared(f.Compression, object, object.Size())
		bytes, least = max(bytes, declared), max(least, declared)
	case f.Format == Zip:
		if declared, ok := zipExpected(ctx, object); ok {
			bytes = declared
		}
	default:
		bytes = max(bytes, tableExpected(f.Format, object))
	}
	bytes = min(bytes, expandedLimit(fs.cfg, object))
	return bytes, min(least, bytes), ctx.Err()
}

// zipExpected sums what the directory of a zip file says of its members.
func zipExpected(ctx context.Context, object pipeline.Object) (bytes int64, ok bool) {
	source := codec.NewSource()
	z, err := archive.OpenZip(object, object.Size(), source)
	if err != nil {
		return 0, false
	}
	for ctx.Err() == nil {
		m, err := z.Next()
		if errors.Is(err, io.EOF) {
			return bytes, true
		}
		if err != nil {
			return 0, false
		}
		if !m.Skip && m.Reject == "" {
			bytes += min(m.Expanded, math.MaxInt64-bytes)
		}
	}
	return 0, false
}

// tableExpected sums what a table says of its row groups; 0 if it cannot be opened.
func tableExpected(format string, object pipeline.Object) (bytes int64) {
	f, err := rows.Open(format, object, object.Size(), rows.Limits{})
	if err != nil {
		return 0
	}
	for _, g := range f.Groups() {
		bytes += min(g.Expanded, math.MaxInt64-bytes)
	}
	return bytes
}
