package compact

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
)

// check reads the shards that were written, and returns what they hold: each run must have the documents, in
// number, order, characters and bytes, that its manifest says (invariant 7).
func check(ctx context.Context, out pipeline.Store, v *manifest.View, m *manifest.Manifest) (*corpus.Contents, error) {
	runs := map[int]*corpus.Contents{}
	for _, version := range m.Compacts {
		runs[version] = corpus.NewContents()
	}
	all := corpus.NewContents()
	for _, f := range m.Files {
		if err := all.Add(ctx, out, &format, f, runs); err != nil {
			return nil, err
		}
	}
	for _, version := range m.Compacts {
		run, got := v.Made[version], runs[version]
		t := &run.Totals
		if got.Rows != t.Documents.Kept || got.Chars != t.Chars || got.Bytes != t.KeptBytes || got.Digest() != run.KeptIDs {
			return nil, fmt.Errorf("version %d has %d documents with %d characters, %d bytes and ids %s; compacted they are %d, %d, %d and %s",
				version, t.Documents.Kept, t.Chars, t.KeptBytes, run.KeptIDs, got.Rows, got.Chars, got.Bytes, got.Digest())
		}
	}
	return all, nil
}
