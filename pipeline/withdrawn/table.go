package withdrawn

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Why documents are withdrawn.
const (
	ReasonReplaced  = "replaced"  // its file has changed, and has it no more
	ReasonVanished  = "vanished"  // its file is gone
	ReasonRemoved   = "removed"   // somebody asked for it
	ReasonResembles = "resembles" // it resembles an earlier one, by settings of a reindex
)

// Document is one that is withdrawn: a row of the table.
type Document struct {
	ID           [16]byte
	Source, Path string
	Offset       int64
	Version      int   // that kept it
	Rank         int64 // see the package
	Chars, Bytes int64 // of its text
	Reason       string
	Detail       string // what there is to say of the reason, for people; may be empty
	Blocks       bool   // what resembles it is rejected when it comes again
}

// Compare orders documents as the rows of a table are: by version and rank.
func Compare(a, b Document) int {
	return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Rank, b.Rank))
}

// Table is the base name of the table in the ledger of a version.
const Table = "withdrawn.parquet"

// schema of the table. Rows are in order of version and rank.
var schema = []columnar.Column{
	{Name: "id", Type: columnar.String},
	{Name: "source", Type: columnar.String, Dictionary: true},
	{Name: "path", Type: columnar.String, Dictionary: true},
	{Name: "offset", Type: columnar.Int64},
	{Name: "version", Type: columnar.Int32},
	{Name: "rank", Type: columnar.Int64},
	{Name: "chars", Type: columnar.Int64},
	{Name: "bytes", Type: columnar.Int64},
	{Name: "reason", Type: columnar.String, Dictionary: true},
	{Name: "detail", Type: columnar.String, Dictionary: true},
	{Name: "blocks", Type: columnar.Int32},
}

// Schema are the columns of the table.
func Schema() []columnar.Column { return schema }

// Writer writes the rows of a table. Not safe for concurrent use.
type Writer struct {
	to                           columnar.TableWriter
	ids, sources, paths          columnar.Strings
	reasons, details             columnar.Strings
	offsets, ranks, chars, bytes []int64
	versions, blocks             []int32
	rows                         int64
	last                         Document // its version and rank
}

// flushRows is how many rows are handed to the table at once.
const flushRows = 4096

// Write writes the table of the version that a job makes. fill writes the rows.
func Write(ctx context.Context, job *pipeline.Job, fill func(*Writer) error) (pipeline.Output, error) {
	return pipeline.WriteTable(ctx, job, Name(job.Plan.Version), pipeline.ParquetTable, schema, options(job), filled(fill))
}

// WriteWork writes a table to a work file.
func WriteWork(ctx context.Context, job *pipeline.Job, name string, fill func(*Writer) error) (out pipeline.Output, err error) {
	o, err := pipeline.CreateWork(ctx, job, name)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	t, err := columnar.NewParquetWriter(o, schema, options(job))
	if err != nil {
		return out, fmt.Errorf("start %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if _, err = filled(fill)(t); err != nil {
		return out, fmt.Errorf("write %s: %w", name, err)
	}
	rows, err := t.Finish()
	if err != nil {
		return out, fmt.Errorf("finish %s: %w", name, err)
	}
	return o.Commit(rows)
}

// LeaveWork writes what a task has found to be withdrawn, in order, to a work file, and nothing if there is none.
func LeaveWork(ctx context.Context, job *pipeline.Job, name string, found []Document) ([]pipeline.Output, error) {
	if len(found) == 0 {
		return nil, nil
	}
	out, err := WriteWork(ctx, job, name, func(w *Writer) error {
		for i := range found {
			if err := w.Write(&found[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return []pipeline.Output{out}, err
}

// Name is the path of the table of a version.
func Name(version int) string {
	return pipeline.LedgerFolder + "/" + pipeline.VersionName(version) + "/" + Table
}

func options(job *pipeline.Job) columnar.TableOptions {
	return columnar.TableOptions{Level: 3, Metadata: pipeline.Lineage(job.Plan)}
}

func filled(fill func(*Writer) error) func(columnar.TableWriter) (int64, error) {
	return func(t columnar.TableWriter) (int64, error) {
		w := &Writer{to: t}
		if err := fill(w); err != nil {
			return 0, err
		}
		return w.rows, w.flush()
	}
}

// Write adds a row. Rows must come in order of version and rank, each once.
func (w *Writer) Write(d *Document) error {
	if w.rows > 0 && Compare(*d, w.last) <= 0 {
		return fmt.Errorf("document %d of version %d comes behind document %d of version %d", d.Rank, d.Version, w.last.Rank, w.last.Version)
	}
	w.last = Document{Version: d.Version, Rank: d.Rank}
	w.ids.Data = hex.AppendEncode(w.ids.Data, d.ID[:])
	w.ids.Seal()
	for _, c := range []struct {
		column *columnar.Strings
		value  string
	}{{&w.sources, d.Source}, {&w.paths, d.Path}, {&w.reasons, d.Reason}, {&w.details, d.Detail}} {
		c.column.Data = append(c.column.Data, c.value...)
		c.column.Seal()
	}
	w.offsets, w.ranks = append(w.offsets, d.Offset), append(w.ranks, d.Rank)
	w.chars, w.bytes = append(w.chars, d.Chars), append(w.bytes, d.Bytes)
	blocks := int32(0)
	if d.Blocks {
		blocks = 1
	}
	w.versions, w.blocks = append(w.versions, int32(d.Version)), append(w.blocks, blocks)
	w.rows++
	if len(w.ranks) < flushRows {
		return nil
	}
	return w.flush()
}

func (w *Writer) flush() error {
	if len(w.ranks) == 0 {
		return nil
	}
	err := w.to.Write(&w.ids, &w.sources, &w.paths, w.offsets, w.versions, w.ranks, w.chars, w.bytes, &w.reasons, &w.details, w.blocks)
	for _, s := range []*columnar.Strings{&w.ids, &w.sources, &w.paths, &w.reasons, &w.details} {
		s.Reset()
	}
	w.offsets, w.ranks, w.chars, w.bytes = w.offsets[:0], w.ranks[:0], w.chars[:0], w.bytes[:0]
	w.versions, w.blocks = w.versions[:0], w.blocks[:0]
	return err
}

// Read calls yield with every row of a table, in order. The document is the caller's until yield returns; its strings may be kept.
func Read(ctx context.Context, s pipeline.Store, name string, yield func(*Document) error) error {
	last := Document{Version: -1}
	return pipeline.ReadTable(ctx, s, name, columnar.SelectionOf(schema), func(f *columnar.Frame) error {
		ids, sources, paths, reasons, details := f.Text("id"), f.Text("source"), f.Text("path"), f.Text("reason"), f.Text("detail")
		offsets, versions, ranks := f.Int("offset"), f.Int("version"), f.Int("rank")
		chars, bytes, blocks := f.Int("chars"), f.Int("bytes"), f.Int("blocks")
		for i, rank := range ranks {
			d := Document{
				Source: string(sources.At(i)), Path: string(paths.At(i)), Offset: offsets[i], Version: int(versions[i]), Rank: rank,
				Chars: chars[i], Bytes: bytes[i], Reason: string(reasons.At(i)), Detail: string(details.At(i)), Blocks: blocks[i] != 0,
			}
			if digits := ids.At(i); len(digits) != 2*len(d.ID) {
				return fmt.Errorf("id %q has not 32 digits", digits)
			} else if _, err := hex.Decode(d.ID[:], digits); err != nil {
				return fmt.Errorf("id %q: %w", digits, err)
			}
			if d.Version < 1 || rank < 0 || Compare(d, last) <= 0 {
				return fmt.Errorf("document %d of version %d comes behind document %d of version %d", rank, d.Version, last.Rank, last.Version)
			}
			last = Document{Version: d.Version, Rank: rank}
			if err := yield(&d); err != nil {
				return err
			}
		}
		return nil
	})
}
