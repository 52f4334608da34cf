package corpus

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// What is left of a withdrawn document in files that are live: characters of its text in excerpts of the ledgers, in vocabularies of
// earlier versions, and in the index. This file knows the first two; the third knows dedupe.

// Excerpts is a table of rejects with excerpts of files that had documents which are withdrawn.
type Excerpts struct {
	Version int      `json:"version"`
	Path    string   `json:"path"`
	Files   []string `json:"files"` // hex of the keys of these files (see FileKey), ascending
}

// purgedDetail takes the place of an excerpt.
const purgedDetail = "purged"

// hasExcerpt says whether the detail of a reject may hold something of its file: an id or a word of ours does not.
func hasExcerpt(reason, detail []byte) bool {
	return len(detail) > 0 && string(detail) != purgedDetail && string(reason) != ingest.ReasonWithdrawn
}

// Excerpts returns the live tables of rejects that may hold something of texts that are withdrawn: excerpts of files that had them then, or
// documents that lost to them, or such as were rejected for them. Memory is some 100 bytes a withdrawn document.
func (c *Corpus) Excerpts(ctx context.Context) (list []Excerpts, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	files, err := c.withdrawnFiles(ctx, &v)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	columns := columnar.Selection{Text: []string{"source", "path", "reason"}}
	for _, m := range v.Live {
		if m.Reasons.Rejected[ingest.ReasonWithdrawn] == 0 {
			continue
		}
		err := pipeline.ReadTable(ctx, c.files, Rejects(&v, m), columns, func(t *columnar.Frame) error {
			reasons := t.Text("reason")
			for i, key := range fileKeys(t) {
				if string(reasons.At(i)) == ingest.ReasonWithdrawn {
					files[key] = max(files[key], m.Version+1)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	columns.Text = append(columns.Text, "detail")
	for _, m := range v.Live {
		e := Excerpts{Version: m.Version, Path: Rejects(&v, m)}
		err := pipeline.ReadTable(ctx, c.files, e.Path, columns, func(t *columnar.Frame) error {
			reasons, details := t.Text("reason"), t.Text("detail")
			for i, key := range fileKeys(t) {
				if m.Version < files[key] && hasExcerpt(reasons.At(i), details.At(i)) {
					e.Files = append(e.Files, hex.EncodeToString(key[:]))
				}
			}
			slices.Sort(e.Files)
			e.Files = slices.Compact(e.Files)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(e.Files) > 0 {
			list = append(list, e)
		}
	}
	return list, nil
}

// withdrawnFiles are the keys of the files that documents which are withdrawn were in, or such as lost to them, each with the last version
// that withdrew one.
func (c *Corpus) withdrawnFiles(ctx context.Context, v *manifest.View) (map[[16]byte]int, error) {
	files := map[[16]byte]int{}
	documents, by := map[VersionedID]bool{}, map[VersionedID]int{}
	var buf []byte
	for _, m := range v.Versions {
		f, ok := v.Table(m, withdrawn.Table)
		if !ok {
			continue
		}
		err := withdrawn.Read(ctx, c.store, f.Path, func(d *withdrawn.Document) error {
			var key [16]byte
			key, buf = FileKey(buf, d.Source, d.Path)
			files[key] = m.Version
			id := VersionedID{d.ID, int32(d.Version)}
			documents[id], by[id] = true, m.Version
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	err := c.Losers(ctx, documents, func(l Loser) error {
		id, err := ingest.ParseDocumentID([]byte(l.Winner))
		if err != nil {
			return err
		}
		var key [16]byte
		key, buf = FileKey(buf, l.Source, l.Path)
		files[key] = max(files[key], by[VersionedID{id, int32(l.WinnerVersion)}])
		return nil
	})
	return files, err
}

// WithoutExcerpts writes a table of rejects in place of that of an earlier version, without the excerpts.
func WithoutExcerpts(ctx context.Context, job *pipeline.Job, e *Excerpts) (pipeline.Output, error) {
	files := map[[16]byte]bool{}
	for _, digits := range e.Files {
		var key [16]byte
		if n, err := hex.Decode(key[:], []byte(digits)); err != nil || n != len(key) {
			return pipeline.Output{}, pipeline.Permanent(fmt.Errorf("the plan names a file by %q", digits))
		}
		files[key] = true
	}
	name := pipeline.InPlaceOf(pipeline.LedgerFolder, job.Plan.Version, e.Version, RejectsTable)
	return outputTable(ctx, job, name, rejectsSchema, func(to *table) error {
		return pipeline.ReadTable(ctx, job.Corpus, e.Path, columnar.SelectionOf(rejectsSchema), func(t *columnar.Frame) error {
			reasons := t.Text("reason")
			for i, key := range fileKeys(t) {
				for _, column := range rejectsSchema {
					switch {
					case column.Type == columnar.Int64:
						to.number(t.Int(column.Name)[i])
					case column.Name == "detail" && files[key] && hasExcerpt(reasons.At(i), t.Text("detail").At(i)):
						to.text(purgedDetail)
					default:
						to.text(string(t.Text(column.Name).At(i)))
					}
				}
				if err := to.end(); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// lastWithdrawal is the last live version that withdrew documents, 0 if there is none.
func lastWithdrawal(v *manifest.View) (version int) {
	for _, m := range v.Versions {
		if len(m.Withdraws) > 0 {
			version = m.Version
		}
	}
	return version
}

// OldVocabularies are the files of vocabularies of a view before the last version that withdrew documents, which has one of its own: a
// character may be in them that was in no other document.
func OldVocabularies(v *manifest.View) (paths []string) {
	last := lastWithdrawal(v)
	newest, _ := v.Find(pipeline.VocabFolder, CharsTable)
	for _, m := range v.Versions {
		for _, f := range v.Below(m, pipeline.VocabFolder) {
			if m.Version < last && dataset.FolderOf(f.Path) != dataset.FolderOf(newest.Path) {
				paths = append(paths, f.Path)
			}
		}
	}
	return paths
}

// notes are files of the work folder that lie there as long as the corpus does, and tell nothing of documents.
var notes = []string{"boot", "corpus.json", "lock", "sources.json"}

// MayTell says whether a file of a store that holds a corpus may have something of documents, by its name: manifests, log and card have
// nothing.
func (c *Corpus) MayTell(name string) bool {
	folder, rest, _ := strings.Cut(name, "/")
	if folder == pipeline.WorkFolder {
		return !slices.Contains(notes, rest) && !strings.HasPrefix(name, pipeline.Probes)
	}
	return folder == dataset.RetiredFolder || slices.Contains(c.Folders(), folder)
}

// Archived says how many versions of files that may tell something the store keeps, though they were replaced or removed, and removes them
// for good if asked to.
func (c *Corpus) Archived(ctx context.Context, remove bool) (objects int, bytes int64, err error) {
	archive, ok := c.store.(pipeline.Archive)
	if !ok {
		return 0, 0, nil
	}
	return archive.Archived(ctx, c.MayTell, remove)
}

// LastGone says of each run which live version was the last to withdraw documents of it that block nothing.
func (c *Corpus) LastGone(ctx context.Context) (map[int]int, error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	last := map[int]int{}
	for _, m := range v.Versions {
		f, ok := m.Find(pipeline.LedgerFolder, withdrawn.Table)
		if !ok {
			continue
		}
		mask, err := withdrawn.ReadMask(ctx, c.store, f.Path)
		if err != nil {
			return nil, err
		}
		for _, run := range mask.Versions() {
			if slices.ContainsFunc(mask.Ranks(run), func(rank int64) bool { return !mask.Blocks(run, rank) }) {
				last[run] = m.Version
			}
		}
	}
	return last, nil
}
