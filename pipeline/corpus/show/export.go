package show

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/rule"
)

// ExportOptions say which documents of a corpus are read, and what of them.
type ExportOptions struct {
	Version int              // 0 is the newest
	Source  string           // "" is any
	Where   *rule.Expression // nil is any
	Columns []string         // of ingest.DocumentSchema
}

// Export hands over the documents that a corpus had at a version, in its order, which is that of shards and of rows in them: the same each time. What yield
// gets is valid until it returns. Memory is that of a part of a shard. untold is of how many documents the expression had no answer: they are passed over.
// Errors are those of corpus.ViewAt, and a pipeline.ErrUsage where the documents are in no format that can be read here.
func (c *Corpus) Export(ctx context.Context, o ExportOptions, yield func(f *columnar.Frame, row int) error) (untold int64, err error) {
	view, err := c.corpus.ViewAt(ctx, o.Version)
	if err != nil {
		return 0, err
	}
	if err := checkReadable(&view); err != nil {
		return 0, err
	}
	p := picker{source: []byte(o.Source)}
	read := slices.Clone(o.Columns)
	if o.Source != "" {
		read = append(read, "source")
	}
	if o.Where != nil {
		read = append(read, "id", "source", "path", "offset", "chars", "bytes", "version")
		if o.Where.Metadata {
			read = append(read, "metadata")
		}
		p.where, p.metadata = o.Where.Evaluator(), o.Where.Metadata
	}
	columns := selectionOf(read)
	for _, shard := range view.Shards() {
		err := c.format(shard).ReadTable(ctx, c.store, shard.Path, columns, nil, func(f *columnar.Frame) error {
			for i := range f.Rows() {
				if ok, err := p.picks(f, i); err != nil || !ok {
					if err != nil {
						return err
					}
					continue
				}
				if err := yield(f, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return p.untold, err
		}
	}
	return p.untold, nil
}

// checkReadable refuses a corpus of which some versions are in no format that can be read here, rather than leave them out.
func checkReadable(v *manifest.View) error {
	var unread []int
	for version, m := range v.Made {
		if m.Unreadable() {
			unread = append(unread, version)
		}
	}
	if len(unread) == 0 {
		return nil
	}
	slices.Sort(unread)
	return pipeline.WithHint(fmt.Errorf("%w: the documents of version %s are in no format that can be read here", pipeline.ErrUsage, manifest.VersionRange(unread)),
		corpus.WriteAnew)
}

// selectionOf selects columns of documents by their names, each once.
func selectionOf(names []string) columnar.Selection {
	all := ingest.DocumentSelection()
	s := columnar.Selection{IntOr: map[string]int64{}, TextOr: map[string]string{}}
	for _, c := range ingest.DocumentSchema() {
		if !slices.Contains(names, c.Name) {
			continue
		}
		if value, ok := all.IntOr[c.Name]; ok {
			s.IntOr[c.Name] = value
		} else if value, ok := all.TextOr[c.Name]; ok {
			s.TextOr[c.Name] = value
		} else if slices.Contains(all.Int, c.Name) {
			s.Int = append(s.Int, c.Name)
		} else {
			s.Text = append(s.Text, c.Name)
		}
	}
	return s
}

// picker says which rows are meant. Not safe for concurrent use.
type picker struct {
	source   []byte
	where    *rule.Evaluator
	metadata bool
	document rule.Document
	untold   int64
}

func (p *picker) picks(f *columnar.Frame, i int) (bool, error) {
	if len(p.source) > 0 && string(f.Text("source").At(i)) != string(p.source) {
		return false, nil
	}
	if p.where == nil {
		return true, nil
	}
	d := &p.document
	d.ID, d.Source, d.Path = string(f.Text("id").At(i)), string(f.Text("source").At(i)), string(f.Text("path").At(i))
	d.Offset, d.Chars, d.Bytes, d.Version = int(f.Int("offset")[i]), int(f.Int("chars")[i]), int(f.Int("bytes")[i]), int(f.Int("version")[i])
	if p.metadata {
		if err := d.SetMetadata(f.Text("metadata").At(i)); err != nil {
			return false, fmt.Errorf("document %s: %w", d.ID, err)
		}
	}
	met, err := p.where.Meets(d)
	if err != nil {
		p.untold++        // as where a field is missing
		return false, nil //nolint:nilerr // it is counted
	}
	return met, nil
}

// LeastDigits is how many digits of an id name a document at least.
const LeastDigits = 6

// isShortID says whether a query may be the beginning of an id.
func isShortID(query string) bool {
	return len(query) >= LeastDigits && len(query) < 32 && strings.Trim(query, "0123456789abcdefABCDEF") == ""
}

// ambiguous is the error of a beginning that several ids have.
func ambiguous(query string, ids []string) error {
	const most = 10
	more := ""
	if n := len(ids); n > most {
		ids, more = ids[:most], fmt.Sprintf(" and %d more", n-most)
	}
	return pipeline.WithHint(fmt.Errorf("%w: several ids begin with %s: %s%s", pipeline.ErrUsage, query, strings.Join(ids, ", "), more), "give more digits of it")
}

// Find hands over the live documents of ids, or of beginnings of at least LeastDigits digits that one of them alone has, in the order of these, with all
// columns. What yield gets is valid until it returns. What no live document has is ErrNotFound.
func (c *Corpus) Find(ctx context.Context, ids []string, yield func(f *columnar.Frame, row int) error) error {
	for _, id := range ids {
		if !isShortID(id) && !isDocumentID(id) {
			return pipeline.WithHint(fmt.Errorf("%w: %q is no id of a document", pipeline.ErrUsage, id),
				fmt.Sprintf("an id has 32 hexadecimal digits, of which the first %d or more name it where no other one begins with them", LeastDigits))
		}
	}
	h, err := c.versions(ctx)
	if err != nil {
		return err
	}
	if err := checkReadable(&h.View); err != nil {
		return err
	}
	type match struct {
		id string
		at Location
	}
	shards := h.Shards()
	found := make([]map[string][]match, len(shards)) // by what was asked for
	err = inParallel(ctx, shards, func(ctx context.Context, n int, shard dataset.File) error {
		found[n] = map[string][]match{}
		return c.format(shard).ReadTable(ctx, c.store, shard.Path, columnar.Selection{Text: []string{"id"}}, nil, func(f *columnar.Frame) error {
			column := f.Text("id")
			for i := range column.Len() {
				for _, query := range ids {
					if id := column.At(i); len(id) >= len(query) && strings.EqualFold(string(id[:len(query)]), query) {
						found[n][query] = append(found[n][query], match{string(id), Location{shard, f.First() + int64(i)}})
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	columns := ingest.DocumentSelection()
	for _, query := range ids {
		var all []match
		for _, f := range found {
			all = append(all, f[query]...)
		}
		switch {
		case len(all) == 0:
			return fmt.Errorf("%s: %w: no such document among the %s that are live", query, ErrNotFound, pipeline.Thousands(sumRows(shards)))
		case len(all) > 1:
			var names []string
			for _, m := range all {
				names = append(names, m.id)
			}
			return ambiguous(query, names)
		}
		at := all[0].at
		err := c.format(at.Shard).ReadRows(ctx, c.store, at.Shard.Path, columns, []int64{at.Row}, func(_ int, f *columnar.Frame, row int) error { return yield(f, row) })
		if err != nil {
			return err
		}
	}
	return nil
}

func sumRows(shards []dataset.File) int64 {
	_, rows := dataset.Sum(shards)
	return rows
}
