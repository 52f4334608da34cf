package show

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus"
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

// history is the versions of a corpus as the reading commands see them: those that are live, and those whose manifest is
// still there, though their files may be gone.
type history struct {
	corpus.View
	list []*corpus.Manifest // oldest first
	live map[int]bool       // of every kind
}

func (c *Corpus) history(ctx context.Context) (h history, err error) {
	if h.list, err = c.corpus.Versions(ctx); err != nil {
		return h, err
	}
	h.live = map[int]bool{}
	h.View = corpus.ViewOf(h.list)
	for version := range h.Made {
		h.live[version] = true
	}
	return h, nil
}

// ledgers are the tables of one kind that can be read, oldest version first.
func (h *history) ledgers(base string) (tables []ledger) {
	for _, m := range h.list {
		if f, ok := m.Find(pipeline.LedgerFolder, base); ok {
			tables = append(tables, ledger{m.Version, f.Path, h.live[m.Version]})
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

// shardsOf returns the Parquet shards of the documents that are live, or of the runs that are not.
func (h *history) shardsOf(live bool) (shards []corpus.File) {
	if live {
		return h.Shards()
	}
	for _, m := range h.list {
		if h.live[m.Version] || m.Kind == corpus.KindCompact {
			continue
		}
		shards = append(shards, m.Shards()...)
	}
	return shards
}

// locate looks for documents by their ids, given in digits, in the id column of the shards of the live versions; in those of
// the other ones if live is false, as far as they are still there. An id may be in several versions. Texts are cut to
// textBytes.
func (c *Corpus) locate(ctx context.Context, h *history, live bool, ids map[string]bool, textBytes int) ([]Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	shards := h.shardsOf(live)
	found := make([][]location, len(shards))
	err := inParallel(ctx, shards, func(ctx context.Context, n int, shard corpus.File) error {
		err := corpus.ReadGroups(ctx, c.store, shard.Path, []string{"id"}, nil, func(first int64, cols []any) error {
			column := cols[0].(*columnar.Strings)
			for i := range column.Len() {
				if ids[string(column.At(i))] {
					found[n] = append(found[n], location{shard, first + int64(i)})
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

// lookUp returns the rows of the tables that match, in order. match sees the columns that are named in by; all is every
// column that the rows are wanted with. Tables are looked through at the same time, each from its beginning to its end.
func (c *Corpus) lookUp(ctx context.Context, tables []ledger, by, all []string, match func(table int, cols []any, i int) bool,
) ([]row, error) {
	found := make([][]row, len(tables))
	err := inParallel(ctx, tables, func(ctx context.Context, n int, t ledger) error {
		var rows []int64
		err := corpus.ReadGroups(ctx, c.store, t.path, by, nil, func(first int64, cols []any) error {
			for i := range corpus.RowsOf(cols[0]) {
				if match(n, cols, i) {
					rows = append(rows, first+int64(i))
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
		return corpus.ReadRows(ctx, c.store, t.path, all, rows, func(_ int, cols []any, i int) error {
			found[n] = append(found[n], rowOf(t, all, cols, i))
			return nil
		})
	})
	return slices.Concat(found...), err
}

func rowOf(t ledger, columns []string, cols []any, i int) row {
	r := row{ledger: t, text: map[string]string{}, number: map[string]int64{}}
	for n, name := range columns {
		switch col := cols[n].(type) {
		case *columnar.Strings:
			r.text[name] = string(col.At(i))
		case []int32:
			r.number[name] = int64(col[i])
		case []int64:
			r.number[name] = col[i]
		}
	}
	return r
}

// names are the names of a schema's columns.
func names(schema []columnar.Column) (list []string) {
	for _, c := range schema {
		list = append(list, c.Name)
	}
	return list
}
