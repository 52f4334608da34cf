package corpus

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// digestsTable has the digests of the contents of files, where the planner made them: see config plan.known_by. A version
// whose planner did not has no such table.
const digestsTable = "digests.parquet"

var digestsSchema = []columnar.Column{
	{Name: "source", Type: columnar.String, Dictionary: true},
	{Name: "path", Type: columnar.String},
	{Name: "digest", Type: columnar.String}, // hex of the xxh3-128
}

// writeDigests writes the table, and returns no file if there is nothing to write.
func (a *accountant) writeDigests(ctx context.Context) (file dataset.File, err error) {
	plan := a.plan
	if !slices.ContainsFunc(plan.Files, func(f ingest.File) bool { return f.Content != "" }) {
		return file, nil
	}
	return writeTable(ctx, a.job, digestsTable, digestsSchema, func(t *table) error {
		for i := range plan.Files {
			if plan.Files[i].Content == "" {
				continue
			}
			t.text(plan.SourceName(int32(i)))
			t.text(plan.Files[i].Path)
			t.text(plan.Files[i].Content)
			if err := t.end(); err != nil {
				return err
			}
		}
		return nil
	})
}

// addDigests reads the table of a version.
func (k *Known) addDigests(ctx context.Context, s pipeline.Store, m *manifest.Manifest) error {
	f, ok := m.Find(pipeline.LedgerFolder, digestsTable)
	if !ok {
		return nil
	}
	columns := columnar.Selection{Text: []string{"source", "path", "digest"}}
	return pipeline.ReadTable(ctx, s, f.Path, columns, func(t *columnar.Frame) error {
		paths, digests := t.Text("path"), t.Text("digest")
		for i, key := range fileKeys(t) {
			var digest [16]byte
			if hex.DecodedLen(len(digests.At(i))) != len(digest) {
				return fmt.Errorf("digest %q of %s", digests.At(i), paths.At(i))
			}
			if _, err := hex.Decode(digest[:], digests.At(i)); err != nil {
				return fmt.Errorf("digest of %s: %w", paths.At(i), err)
			}
			k.digests[key] = digest
		}
		return nil
	})
}

// Holds says that a file of this name, size and content is in a live version and need not be read again, whatever its time.
func (k *Known) Holds(source, path string, bytes int64, digest [16]byte) bool {
	key, _ := FileKey(nil, source, path)
	f, ok := k.files[key]
	if !ok || f.due() || f.bytes != bytes {
		return false
	}
	was, ok := k.digests[key]
	return ok && was == digest
}
