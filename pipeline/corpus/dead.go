package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// droppedFolder holds one small file for every input file that is not to be tried again until it changes: a wish of people, no
// result of a run, and so no part of a version. It is not in the folders that versions have files in.
const droppedFolder = "dropped"

// Dead is a range of an input file that no worker could read, and that no later version holds.
type Dead struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	// FileBytes and ModTime (Unix nanoseconds) are the file's as it was.
	FileBytes int64 `json:"file_bytes"`
	ModTime   int64 `json:"mod_time"`
	// Offset and Bytes are the range; what else is in the file may have been read.
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	Error  string `json:"error"`
	// Dropped says that somebody wants it to be left alone.
	Dropped bool `json:"dropped"`
}

// DeadID names a range of a file, beginning with what it is of: a version or a run.
func DeadID(of, source, path string, offset int64) string {
	id, _ := ingest.DocumentID(nil, source, path, offset)
	return fmt.Sprintf("%s-%x", of, id[:6])
}

// Dead lists the dead letters of the live versions, oldest version first: those of files that no later version has read.
func (c *Corpus) Dead(ctx context.Context) ([]Dead, error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	dropped, err := dataset.Sizes(ctx, c.store, droppedFolder)
	if err != nil {
		return nil, err
	}
	open := map[[16]byte][]Dead{} // by file
	for _, m := range v.Live {
		var fresh map[[16]byte][]Dead
		if m.Reasons.Files[ingest.ReasonDead] > 0 {
			if fresh, err = c.deadOf(ctx, &v, m); err != nil {
				return nil, err
			}
		}
		if len(open)+len(fresh) == 0 {
			continue
		}
		if err := c.settleDead(ctx, m.Version, open, fresh); err != nil {
			return nil, err
		}
	}
	list := []Dead{}
	for key, ranges := range open {
		for _, d := range ranges {
			_, d.Dropped = dropped[droppedName(key, d.FileBytes, d.ModTime)]
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Dead) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), strings.Compare(a.Source, b.Source), strings.Compare(a.Path, b.Path),
			cmp.Compare(a.Offset, b.Offset))
	})
	return list, nil
}

// deadOf reads the dead letters of one version.
func (c *Corpus) deadOf(ctx context.Context, v *manifest.View, m *manifest.Manifest) (map[[16]byte][]Dead, error) {
	dead := map[[16]byte][]Dead{}
	var buf []byte
	columns := columnar.Selection{Text: []string{"source", "path", "reason", "detail"}, Int: []string{"offset", "bytes"}}
	err := pipeline.ReadTable(ctx, c.files, Rejects(v, m), columns, func(t *columnar.Frame) error {
		reasons := t.Text("reason")
		for i := range t.Rows() {
			if string(reasons.At(i)) != ingest.ReasonDead {
				continue
			}
			text := func(column string) string { return string(t.Text(column).At(i)) }
			d := Dead{
				Version: m.Version, Source: text("source"), Path: text("path"), Error: text("detail"), Offset: t.Int("offset")[i],
				Bytes: t.Int("bytes")[i],
			}
			d.ID = DeadID(pipeline.VersionName(m.Version), d.Source, d.Path, d.Offset)
			var key [16]byte
			key, buf = FileKey(buf, d.Source, d.Path)
			dead[key] = append(dead[key], d)
		}
		return nil
	})
	return dead, err
}

// settleDead takes the files that a version has read out of open, puts its own dead letters in, and says how their files were.
func (c *Corpus) settleDead(ctx context.Context, version int, open, fresh map[[16]byte][]Dead) error {
	each := func(table, column string, f func(key [16]byte, n int64)) error {
		columns := columnar.Selection{Text: []string{"source", "path"}, Int: []string{column}}
		return pipeline.ReadTable(ctx, c.files, TableName(version, table), columns, func(t *columnar.Frame) error {
			numbers := t.Int(column)
			for i, key := range fileKeys(t) {
				f(key, numbers[i])
			}
			return nil
		})
	}
	err := each(FilesTable, "bytes", func(key [16]byte, n int64) {
		delete(open, key)
		for i := range fresh[key] {
			fresh[key][i].FileBytes = n
		}
	})
	if err == nil && len(fresh) > 0 {
		err = each(TimesTable, "mod_time", func(key [16]byte, n int64) {
			for i := range fresh[key] {
				fresh[key][i].ModTime = n
			}
		})
	}
	maps.Copy(open, fresh)
	return err
}

// droppedName is the file that says of an input file, as it is, that it is left alone.
func droppedName(key [16]byte, bytes, modTime int64) string {
	return fmt.Sprintf("%s/%x-%d-%d.json", droppedFolder, key, bytes, modTime)
}

// DropDead leaves the file of a dead letter alone: no run tries it again until its size or modification time changes. What is
// in the corpus, and every digest, stays. Dropped before is no error.
func (c *Corpus) DropDead(ctx context.Context, d *Dead) error {
	key, _ := FileKey(nil, d.Source, d.Path)
	text := fmt.Sprintf("{\"source\":%q,\"path\":%q}\n", d.Source, d.Path) // for people; the name says all
	err := c.store.PutNew(ctx, droppedName(key, d.FileBytes, d.ModTime), []byte(text))
	if errors.Is(err, pipeline.ErrExists) {
		return nil
	}
	return err
}

// KeepDead takes DropDead back. Not dropped is no error.
func (c *Corpus) KeepDead(ctx context.Context, d *Dead) error {
	key, _ := FileKey(nil, d.Source, d.Path)
	return c.store.Remove(ctx, droppedName(key, d.FileBytes, d.ModTime))
}
