package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// tokenRow is a row of a table. The token is valid until the next row.
type tokenRow struct {
	rank                   int64 // from 1
	id                     int32 // of characters
	token                  []byte
	count, documents       int64
	newCount, newDocuments int64
}

// tokenTable is a table of tokens of a version. That of characters is held in memory; others may be larger than that.
type tokenTable struct {
	store   pipeline.Store
	kind    TokenKind
	version int
	file    dataset.File
	chars   []VocabChar // most frequent first
	sums    tokenSums
	merged  bool // it was made of counts: what is new in the version it does not say
	closing func() error
}

// close removes what was made.
func (t *tokenTable) close() error {
	if t == nil || t.closing == nil {
		return nil
	}
	return t.closing()
}

// tokenSums are what all tokens of a version add up to, those among them that its table leaves out.
type tokenSums struct {
	different, count int64
	least            int64 // how often a token has to occur to stand in the table
	rows             int64
}

// hasTokens says whether a version of a view has a table of a kind, or counts of which one can be made.
func (c *Corpus) hasTokens(v *manifest.View, m *manifest.Manifest, kind TokenKind) (bool, error) {
	if _, ok := m.Find(pipeline.VocabFolder, kind.table()); ok || kind == Chars || c.tabler == nil {
		return ok, nil
	}
	_, ok, err := corpus.RunsOf(v, m, kind.name)
	return ok, err
}

// tokensAtVersion opens the table of a version of a view that has one, or counts of which it is made. Whoever has it closes it.
func (c *Corpus) tokensAtVersion(ctx context.Context, v *manifest.View, m *manifest.Manifest, kind TokenKind) (*tokenTable, error) {
	if f, ok := m.Find(pipeline.VocabFolder, kind.table()); ok {
		return c.openTokens(ctx, kind, m.Version, f)
	}
	k, _, err := corpus.RunsOf(v, m, kind.name)
	if err != nil {
		return nil, err
	}
	in, f, closing, err := c.tabler(ctx, c.store, k, m.Version)
	if errors.Is(err, fs.ErrNotExist) { // purged, or merged by a later version and freed
		return nil, fmt.Errorf("version %d has written no table of its %ss, and the counts that make one are gone: %w", m.Version, kind.title, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("version %d: add up its %ss: %w", m.Version, kind.title, err)
	}
	t, err := (&Corpus{corpus: c.corpus, store: in}).openTokens(ctx, kind, m.Version, f)
	if err != nil {
		return nil, errors.Join(err, closing())
	}
	t.merged, t.closing = true, closing
	return t, nil
}

// openTokens begins to read a table.
func (c *Corpus) openTokens(ctx context.Context, kind TokenKind, version int, f dataset.File) (t *tokenTable, err error) {
	t = &tokenTable{store: c.store, kind: kind, version: version, file: f, sums: tokenSums{rows: f.Rows}}
	if kind == Chars {
		return t, t.readChars(ctx)
	}
	o, err := c.store.Open(ctx, f.Path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	footer, err := columnar.ReadFooter(o, o.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	for key, to := range map[string]*int64{"millrace.tokens": &t.sums.different, "millrace.count": &t.sums.count, "millrace.least": &t.sums.least} {
		if *to, err = strconv.ParseInt(footer.Metadata[key], 10, 64); err != nil {
			return nil, fmt.Errorf("%s: its footer has no sound %s", f.Path, key)
		}
	}
	return t, nil
}

// readChars reads a whole table of characters and puts it in the order (count descending, bytes ascending), whatever its ids are.
func (t *tokenTable) readChars(ctx context.Context) error {
	columns := tokenColumns
	columns.Text, columns.Int = []string{"token", "type"}, append([]string{"id"}, columns.Int...)
	t.chars = []VocabChar{}
	err := pipeline.ReadTable(ctx, t.store, t.file.Path, columns, func(f *columnar.Frame) error {
		texts, types := f.Text("token"), f.Text("type")
		for i, id := range f.Int("id") {
			if string(types.At(i)) == corpus.SpecialToken {
				continue
			}
			t.chars = append(t.chars, VocabChar{
				ID: new(int32(id)), Token: string(texts.At(i)), Count: f.Int("count")[i], Documents: f.Int("documents")[i],
				NewCount: f.Int("new_count")[i], NewDocuments: f.Int("new_documents")[i],
			})
		}
		return nil
	})
	slices.SortFunc(t.chars, func(a, b VocabChar) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Token, b.Token))
	})
	t.sums.rows = int64(len(t.chars))
	for i := range t.chars {
		t.sums.count += t.chars[i].Count
		if t.chars[i].Count > 0 {
			t.sums.different++
		}
	}
	return err
}

var tokenColumns = columnar.Selection{Text: []string{"token"}, Int: []string{"count", "documents", "new_count", "new_documents"}}

// each calls yield with the rows, most frequent first, of narrow ones with nothing but tokens and counts. Of a table that is not held in memory there is one group of rows at a time.
func (t *tokenTable) each(ctx context.Context, narrow bool, yield func(*tokenRow) error) error {
	var r tokenRow
	if t.kind == Chars {
		for i := range t.chars {
			c := &t.chars[i]
			r = tokenRow{int64(i + 1), *c.ID, append(r.token[:0], c.Token...), c.Count, c.Documents, c.NewCount, c.NewDocuments}
			if err := yield(&r); err != nil {
				return ignoreEnough(err)
			}
		}
		return nil
	}
	columns, last := tokenColumns, int64(0)
	if narrow {
		columns.Int = columns.Int[:1]
	}
	return pipeline.ReadTable(ctx, t.store, t.file.Path, columns, func(f *columnar.Frame) error {
		tokens, counts := f.Text("token"), f.Int("count")
		documents, newCount, newDocuments := counts, counts, counts
		if !narrow {
			documents, newCount, newDocuments = f.Int("documents"), f.Int("new_count"), f.Int("new_documents")
		}
		for i, n := range counts {
			if r.rank > 0 && n > last {
				return fmt.Errorf("row %d is out of order", r.rank)
			}
			last = n
			r = tokenRow{r.rank + 1, 0, tokens.At(i), n, documents[i], newCount[i], newDocuments[i]}
			if err := yield(&r); err != nil {
				return err
			}
		}
		return nil
	})
}

func ignoreEnough(err error) error {
	if errors.Is(err, pipeline.ErrEnough) {
		return nil
	}
	return err
}
