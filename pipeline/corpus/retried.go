package corpus

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// retried sums the rejects that the plan's files have in the versions that read them last, nil if there are none.
func (c *Corpus) retried(ctx context.Context, plan *ingest.Plan) (*manifest.Retried, error) {
	again := map[[16]byte]int{} // by hash of source and path: the version that read it last
	for i := range plan.Files {
		if f := &plan.Files[i]; f.Retried > 0 || f.Changed {
			key, _ := FileKey(nil, plan.SourceName(int32(i)), f.Path)
			again[key] = 0
		}
	}
	if len(again) == 0 {
		return nil, nil //nolint:nilnil // there are none
	}
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	r, err := c.RetriedOf(ctx, &v, v.Live, again)
	if err != nil || r.Documents+r.Filtered+r.Files+r.InPart == 0 {
		return nil, err
	}
	return r, nil
}

// RetriedOf sums what those of some live versions that were the last to read the files have rejected of them; a file that none has read
// counts for nothing.
func (c *Corpus) RetriedOf(ctx context.Context, v *manifest.View, live []*manifest.Manifest, again map[[16]byte]int) (*manifest.Retried, error) {
	for _, m := range live {
		err := c.EachFile(ctx, m.Version, func(key [16]byte, _ FileRow) {
			if _, ok := again[key]; ok {
				again[key] = m.Version
			}
		})
		if err != nil {
			return nil, err
		}
	}
	r := &manifest.Retried{Reasons: manifest.NewReasons()}
	for _, m := range live {
		if err := c.addRetried(ctx, v, m, again, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// addRetried adds the rejects of the files that a version was the last to read.
func (c *Corpus) addRetried(ctx context.Context, v *manifest.View, m *manifest.Manifest, again map[[16]byte]int, r *manifest.Retried) error {
	found, version := false, m.Version
	err := c.EachFile(ctx, version, func(key [16]byte, f FileRow) {
		if again[key] != version {
			return
		}
		found = true
		r.Documents += f.rejected
		r.Filtered += f.filtered
		r.UnreadBytes += f.unread
		switch f.status {
		case manifest.StatusRejected:
			r.Files++
		case manifest.StatusInPart:
			r.InPart++
		}
	})
	if err != nil || !found {
		return err
	}
	columns := columnar.Selection{Text: []string{"source", "path", "scope", "verdict", "reason"}}
	return pipeline.ReadTable(ctx, c.files, Rejects(v, m), columns, func(t *columnar.Frame) error {
		scopes, verdicts, why := t.Text("scope"), t.Text("verdict"), t.Text("reason")
		for row, key := range fileKeys(t) {
			if again[key] != version {
				continue
			}
			switch reason := string(why.At(row)); {
			case string(scopes.At(row)) == ScopeFile:
				r.Reasons.Files[reason]++
			case string(verdicts.At(row)) == VerdictFiltered:
				r.Reasons.Filtered[reason]++
			default:
				r.Reasons.Rejected[reason]++
			}
		}
		return nil
	})
}

// FileRow is a row of the table of files, as far as it tells of rejects.
type FileRow struct {
	status                     string
	filtered, rejected, unread int64
}

// EachFile calls yield with the files of a version.
func (c *Corpus) EachFile(ctx context.Context, version int, yield func(key [16]byte, f FileRow)) error {
	columns := columnar.Selection{Text: []string{"source", "path", "status"}, Int: []string{"filtered", "rejected", "unread"}}
	return pipeline.ReadTable(ctx, c.files, TableName(version, FilesTable), columns, func(t *columnar.Frame) error {
		status, filtered, rejected, unread := t.Text("status"), t.Int("filtered"), t.Int("rejected"), t.Int("unread")
		for i, key := range fileKeys(t) {
			yield(key, FileRow{string(status.At(i)), filtered[i], rejected[i], unread[i]})
		}
		return nil
	})
}

// LeftOut calls yield with what a version rejected or filtered, where it lies in its file and whether it is a document.
func (c *Corpus) LeftOut(ctx context.Context, version int, yield func(source, path []byte, offset, bytes int64, document bool)) error {
	v, err := c.view(ctx)
	if err != nil {
		return err
	}
	m := v.Made[version]
	if m == nil {
		return fmt.Errorf("version %d is not live", version)
	}
	columns := columnar.Selection{Text: []string{"source", "path", "scope"}, Int: []string{"offset", "bytes"}}
	return pipeline.ReadTable(ctx, c.files, Rejects(&v, m), columns, func(t *columnar.Frame) error {
		sources, paths, scopes, sizes := t.Text("source"), t.Text("path"), t.Text("scope"), t.Int("bytes")
		for i, offset := range t.Int("offset") {
			yield(sources.At(i), paths.At(i), offset, sizes[i], string(scopes.At(i)) == ScopeDocument)
		}
		return nil
	})
}

// mostNames is how many files are looked for in what shards say of their row groups: with more of them each would have some.
const mostNames = 4096

// KeptOffsets calls yield with the documents of the files, as far as they are live or were removed, and with some others: where each lies in
// its file.
func (c *Corpus) KeptOffsets(ctx context.Context, files []ingest.NamedFile, yield func(source, path []byte, offset int64)) error {
	v, err := c.view(ctx)
	if err != nil {
		return err
	}
	want := func(g *columnar.RowGroup) bool {
		return len(files) > mostNames || slices.ContainsFunc(files, func(f ingest.NamedFile) bool {
			return g.MayHold("source", f.Source) && g.MayHold("path", f.Path)
		})
	}
	columns := columnar.Selection{Text: []string{"source", "path"}, Int: []string{"offset"}}
	for _, f := range v.Shards() {
		err := c.formats.Of(f.Path).ReadTable(ctx, c.files, f.Path, columns, want, func(t *columnar.Frame) error {
			sources, paths := t.Text("source"), t.Text("path")
			for i, offset := range t.Int("offset") {
				yield(sources.At(i), paths.At(i), offset)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	tables, err := c.WithdrawnTables(ctx)
	if err != nil {
		return err
	}
	for _, name := range tables {
		err := withdrawn.Read(ctx, c.store, name, func(d *withdrawn.Document) error {
			if d.Reason == withdrawn.ReasonRemoved {
				yield([]byte(d.Source), []byte(d.Path), d.Offset)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Named is a file by its source and path.
type Named struct{ Source, Path string }

// Rejected lists the files that live versions have rejected, wholly or in part, each once, also if a later one has read it all.
func (c *Corpus) Rejected(ctx context.Context) (list []Named, err error) {
	live, err := c.liveRuns(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[Named]bool{}
	columns := columnar.Selection{Text: []string{"source", "path", "reason"}, Int: []string{"rejected"}}
	for _, m := range live {
		err := pipeline.ReadTable(ctx, c.files, TableName(m.Version, FilesTable), columns, func(t *columnar.Frame) error {
			sources, paths, reasons := t.Text("source"), t.Text("path"), t.Text("reason")
			for i, rejected := range t.Int("rejected") {
				f := Named{string(sources.At(i)), string(paths.At(i))}
				if (rejected > 0 || len(reasons.At(i)) > 0) && !seen[f] {
					seen[f] = true
					list = append(list, f)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
