package show

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// openTables is how many tables are looked through at the same time, at least: in a far store reading is mostly waiting.
const openTables = 4

// inParallel calls f for every element, several at a time, and returns the first error.
func inParallel[T any](ctx context.Context, list []T, f func(context.Context, int, T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(openTables, runtime.GOMAXPROCS(0)))
	for i, v := range list {
		g.Go(func() error { return f(ctx, i, v) })
	}
	return g.Wait()
}

// versions are those of a corpus as the reading commands see them: those that are live, and those whose manifest is
// still there, though their files may be gone.
type versions struct {
	manifest.View
	list []*manifest.Manifest // oldest first
}

func (c *Corpus) versions(ctx context.Context) (h versions, err error) {
	h.list, err = c.corpus.Versions(ctx)
	h.View = manifest.ViewOf(h.list)
	return h, err
}

// live says whether a version is, of whatever kind.
func (h *versions) live(version int) bool { return h.Made[version] != nil }

// ledgers are the tables of one kind that can be read, oldest version first.
func (h *versions) ledgers(base string) (tables []ledger) {
	for _, m := range h.list {
		if f, ok := h.Table(m, base); ok {
			tables = append(tables, ledger{m.Version, f.Path, h.live(m.Version)})
		}
	}
	return tables
}

// ledger is one table of a version.
type ledger struct {
	version int
	path    string
	live    bool
}

// absent says that an error is no more than the tables of a version that is not live having been freed.
func (l ledger) absent(err error) bool { return !l.live && errors.Is(err, fs.ErrNotExist) }

// shardsOf returns the shards of the documents that are live, or of the runs that are not.
func (h *versions) shardsOf(live bool) (shards []dataset.File) {
	if live {
		return h.Shards()
	}
	for _, m := range h.list {
		if h.live(m.Version) || m.Kind == manifest.KindCompact {
			continue
		}
		shards = append(shards, m.Shards()...)
	}
	return shards
}

// locate looks for documents by their ids, given in digits, in the id column of the shards of the live versions; in those of
// the other ones if live is false, as far as they are still there. An id may be in several versions. Texts are cut to
// textBytes.
func (c *Corpus) locate(ctx context.Context, h *versions, live bool, ids map[string]bool, textBytes int) ([]Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	shards := h.shardsOf(live)
	found := make([][]Location, len(shards))
	err := inParallel(ctx, shards, func(ctx context.Context, n int, shard dataset.File) error {
		columns := columnar.Selection{Text: []string{"id"}}
		err := c.format(shard).ReadTable(ctx, c.store, shard.Path, columns, nil, func(f *columnar.Frame) error {
			column := f.Text("id")
			for i := range column.Len() {
				if ids[string(column.At(i))] {
					found[n] = append(found[n], Location{shard, f.First() + int64(i)})
				}
			}
			return nil
		})
		if !live && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.documents(ctx, slices.Concat(found...), textBytes)
}

// row is a row of a ledger table, its columns by name.
type row struct {
	ledger
	text   map[string]string
	number map[string]int64
}

// The columns of ledger tables that every version has.
var (
	fileColumns = columnar.Selection{
		Text: []string{"source", "path", "format", "document", "compression", "status", "reason"},
		Int:  []string{"bytes", "documents", "filtered", "rejected", "unread"},
	}
	timeColumns   = columnar.Selection{Text: []string{"source", "path"}, Int: []string{"mod_time"}}
	rejectColumns = columnar.Selection{
		Text: []string{"id", "source", "path", "scope", "verdict", "reason", "detail"}, Int: []string{"offset", "bytes"},
	}
	duplicateColumns = columnar.Selection{
		Text: []string{"id", "winner_id", "kind", "source", "path"}, Int: []string{"winner_version", "score", "offset"},
	}
)

// matcher says of some rows of a table, given by its index, which of them match. It is asked for them one after the other.
type matcher func(table int, f *columnar.Frame) (matches func(i int) bool)

// lookUp returns the rows of the tables that match, in order. match sees the columns by; all is every column that the rows are
// wanted with. Tables are looked through at the same time, each from its beginning to its end.
func (c *Corpus) lookUp(ctx context.Context, tables []ledger, by, all columnar.Selection, match matcher) ([]row, error) {
	found := make([][]row, len(tables))
	err := inParallel(ctx, tables, func(ctx context.Context, n int, t ledger) error {
		var rows []int64
		err := pipeline.ReadTable(ctx, c.store, t.path, by, func(f *columnar.Frame) error {
			matches := match(n, f)
			for i := range f.Rows() {
				if matches(i) {
					rows = append(rows, f.First()+int64(i))
				}
			}
			return nil
		})
		if t.absent(err) {
			return nil
		}
		if err != nil || len(rows) == 0 {
			return err
		}
		return pipeline.ReadRows(ctx, c.store, t.path, all, rows, func(_ int, f *columnar.Frame, i int) error {
			found[n] = append(found[n], rowOf(t, &all, f, i))
			return nil
		})
	})
	return slices.Concat(found...), err
}

func rowOf(t ledger, columns *columnar.Selection, f *columnar.Frame, i int) row {
	r := row{ledger: t, text: map[string]string{}, number: map[string]int64{}}
	for _, name := range columns.Text {
		r.text[name] = string(f.Text(name).At(i))
	}
	for _, name := range columns.Int {
		r.number[name] = f.Int(name)[i]
	}
	return r
}
