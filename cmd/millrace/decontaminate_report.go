package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/store"
)

// contaminationReport writes a line for each item of each document to a file, which appears as a whole or not at all (invariant 2).
type contaminationReport struct {
	folder   *store.Local
	file     pipeline.Writer
	w        *bufio.Writer
	tsv      bool
	excerpts bool
	line     bytes.Buffer
}

// newContaminationReport begins a file, in a folder that there is.
func newContaminationReport(ctx context.Context, name string, excerpts bool) (*contaminationReport, error) {
	if info, err := os.Stat(filepath.Dir(name)); err != nil {
		return nil, usageError("", "--report: %w", err)
	} else if !info.IsDir() {
		return nil, usageError("", "--report: %s is not a folder", filepath.Dir(name))
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, usageError("", "--report: %s is not a file", name)
	}
	folder, err := store.NewLocal(filepath.Dir(name), store.LocalOptions{Sync: true})
	if err != nil {
		return nil, err
	}
	file, err := folder.Create(ctx, filepath.Base(name))
	if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	r := &contaminationReport{folder: folder, file: file, w: bufio.NewWriterSize(file, 64<<10), tsv: strings.HasSuffix(name, ".tsv"), excerpts: excerpts}
	if r.tsv {
		head := "id\tsource\tpath\tset\titem\tline\tscore\tstart\tend"
		if excerpts {
			head += "\texcerpt"
		}
		_, err = r.w.WriteString(head + "\n")
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// tsvEscapes are what a field of TSV cannot hold.
var tsvEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// Add writes a line.
func (r *contaminationReport) Add(d *show.ContaminatedDocument) error {
	r.line.Reset()
	if !r.tsv {
		e := json.NewEncoder(&r.line)
		e.SetEscapeHTML(false)
		if err := e.Encode(d); err != nil {
			return err
		}
		_, err := r.w.Write(r.line.Bytes())
		return err
	}
	fields := []string{d.ID, d.Source, d.Path, d.Set, d.Item, strconv.Itoa(d.Line), strconv.FormatInt(d.Score, 10), strconv.Itoa(d.Start), strconv.Itoa(d.End)}
	if r.excerpts {
		fields = append(fields, d.Excerpt)
	}
	for i, f := range fields {
		if i > 0 {
			r.line.WriteByte('\t')
		}
		r.line.WriteString(tsvEscapes.Replace(f))
	}
	r.line.WriteByte('\n')
	_, err := r.w.Write(r.line.Bytes())
	return err
}

// Commit makes the file appear.
func (r *contaminationReport) Commit() error {
	if err := r.w.Flush(); err != nil {
		return err
	}
	return r.file.Commit()
}

// Close removes what was written unless Commit succeeded.
func (r *contaminationReport) Close() error { return errors.Join(r.file.Close(), r.folder.Close()) }
