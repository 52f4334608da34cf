package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// expectedSize is how many bytes of text a file holds: it is expected to, and at least.
type expectedSize struct{ bytes, least int64 }

// expectedSizes asks what the files of a plan hold, several at once. Those that are not read hold nothing.
func expectedSizes(ctx context.Context, p *ingest.Plan, o *Options) (sizes []expectedSize, err error) {
	sources, err := store.OpenSources(p.Sources, o.Access)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	in := ingest.Input{Plan: p, Sources: sources}
	sizes = make([]expectedSize, len(p.Files))
	o.Planning.Begin(pipeline.PlanningStep{Name: stepSize, Total: int64(len(p.Files))})
	err = forEach(len(p.Files), func() func(i int) error {
		return func(i int) (err error) {
			defer o.Planning.Done()
			if p.Files[i].Reject != "" {
				return nil
			}
			sizes[i].bytes, sizes[i].least, err = o.Formats.Expected(ctx, in, i)
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	return sizes, nil
}

// tooLargeDocuments stops a plan whose files would mostly be rejected for making one document each. It goes by what they
// hold at least, so that no plan is stopped by a guess.
func tooLargeDocuments(p *ingest.Plan, sizes []expectedSize, limit int64) error {
	var total, bytes int64
	var first string
	for i, f := range p.Files {
		total += sizes[i].least
		if f.Reject == "" && f.Document == "file" && sizes[i].least > limit {
			bytes += sizes[i].least
			if first == "" {
				first = f.Path
			}
		}
	}
	if bytes*2 <= total || bytes == 0 {
		return nil
	}
	return pipeline.WithHint(
		fmt.Errorf("%w: files with %d of %d bytes of text would be one document each and larger than max_document_bytes (%d), such as %s",
			pipeline.ErrUsage, bytes, total, limit, first),
		"set parse.document, or document of the source: line, or blank_line, for what is one document")
}

// spillEstimate is how much disk the run's spills and outputs may take, in bytes.
func spillEstimate(sizes []expectedSize) (bytes int64) {
	for _, s := range sizes {
		bytes += s.bytes
	}
	return bytes + bytes/2 // spills, and shards, index and ledger beside them
}
