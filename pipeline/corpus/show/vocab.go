package show

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// VocabOptions choose a part of a vocabulary.
type VocabOptions struct {
	Kind    TokenKind // the zero value is Chars
	Version int       // 0: the newest live one that has such a vocabulary
	Since   int       // what changed since this version; 0: all there is
	Top     int       // how many tokens, most frequent first, or those whose count changed most; 0: all
	New     bool      // only those that no earlier version had, or not the one of Since
}

// Vocab is a table of tokens of a version: cumulative, with what its own documents brought beside it.
type Vocab struct {
	Version int       `json:"version"`
	Kind    TokenKind `json:"kind"`
	Since   int       `json:"since,omitempty"` // the version that Before and Change of tokens go by
	// Different and Count are those of all tokens. Least is how often one has to occur to stand in the table, and Below how many do not.
	Different int64 `json:"different"`
	Count     int64 `json:"count"`
	Least     int64 `json:"least,omitempty"`
	Below     int64 `json:"below,omitempty"`
	// Merged says that the version has counted and written no table: this one was made of its counts, and NewCount and NewDocuments of its tokens are not known.
	Merged bool `json:"merged,omitempty"`
	// Of characters: Chars is Different, special tokens are not among them.
	Chars    int64       `json:"chars,omitempty"`
	NewChars *int64      `json:"new_chars,omitempty"` // different ones that no earlier version had
	NewCount *int64      `json:"new_count,omitempty"` // characters in the version's own documents
	Tokens   []VocabChar `json:"tokens"`
}

// VocabChar is a token with its place in the order of frequency. White space is among the characters.
type VocabChar struct {
	Rank         int64   `json:"rank"`         // from 1; 0: the table does not have it any more
	ID           *int32  `json:"id,omitempty"` // of characters
	Token        string  `json:"token"`
	Count        int64   `json:"count"`
	Before       *int64  `json:"before,omitempty"` // at the other version, if there is one
	Change       *int64  `json:"change,omitempty"`
	Documents    int64   `json:"documents"`
	NewCount     int64   `json:"new_count"`
	NewDocuments int64   `json:"new_documents"`
	Share        float64 `json:"share"` // of all tokens

	rankBefore int64
}

func (v *VocabChar) isNew() bool { return v.Count > 0 && v.Count == v.NewCount }

// Vocab reads a table of tokens of a version, as far as it is asked for: what is not returned is not held in memory, but for characters.
func (c *Corpus) Vocab(ctx context.Context, o VocabOptions) (v *Vocab, err error) {
	if o.Kind == (TokenKind{}) {
		o.Kind = Chars
	}
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	t, err := c.tokensOf(ctx, &h, o.Kind, o.Version)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if t.merged && o.New && o.Since == 0 {
		return nil, pipeline.WithHint(fmt.Errorf("%w: version %d has no table of its %ss that says what is new in it", pipeline.ErrUsage, t.version, o.Kind.title),
			"say since when: --since V")
	}
	v = &Vocab{Version: t.version, Kind: o.Kind, Since: o.Since, Different: t.sums.different, Count: t.sums.count, Merged: t.merged, Tokens: []VocabChar{}}
	if o.Kind == Chars {
		v.countChars(t)
	} else {
		v.Least, v.Below = t.sums.least, t.sums.different-t.sums.rows
	}
	if o.Since > 0 {
		return v, c.since(ctx, &h, t, o, v)
	}
	return v, t.each(ctx, false, func(r *tokenRow) error {
		row := r.shown(v.Count, t.kind)
		if !o.New || row.isNew() {
			row.Token = string(r.token)
			v.Tokens = append(v.Tokens, row)
		}
		if o.Top > 0 && len(v.Tokens) == o.Top {
			return pipeline.ErrEnough
		}
		return nil
	})
}

// shown is the row as it is shown, without its token.
func (r *tokenRow) shown(all int64, kind TokenKind) VocabChar {
	row := VocabChar{
		Rank: r.rank, Count: r.count, Documents: r.documents, NewCount: r.newCount, NewDocuments: r.newDocuments, Share: share(r.count, all),
	}
	if kind == Chars {
		row.ID = new(r.id)
	}
	return row
}

func (v *Vocab) countChars(t *tokenTable) {
	v.Chars, v.NewChars, v.NewCount = v.Different, new(int64), new(int64)
	for i := range t.chars {
		*v.NewCount += t.chars[i].NewCount
		if t.chars[i].isNew() {
			*v.NewChars++
		}
	}
}

// tokensOf opens the table of a version, of the newest that has one for 0.
func (c *Corpus) tokensOf(ctx context.Context, h *versions, kind TokenKind, version int) (*tokenTable, error) {
	for i, m := range slices.Backward(h.list) {
		if version != 0 && m.Version != version ||
			version == 0 && (!h.live(m.Version) || !h.tabled(m, kind) && !h.counts(m, kind)) { // or its counts are purged
			continue
		}
		then := manifest.ViewOf(h.list[:i+1]) // it goes through all versions, so it is for those alone that may have a table
		ok, err := c.hasTokens(&then, m, kind)
		switch {
		case err != nil:
			return nil, err
		case !ok && version == 0:
			continue
		case !ok:
			return nil, kind.missing(fmt.Sprintf("version %d", m.Version))
		}
		if h.tabled(m, kind) {
			if _, ok := h.FindOf(m, pipeline.VocabFolder, kind.table()); !ok {
				return nil, fmt.Errorf("version %d: its vocabulary was purged: %w", m.Version, ErrNotFound)
			}
		}
		return c.tokensAtVersion(ctx, &then, m, kind)
	}
	if version == 0 && kind != Chars && len(h.list) > 0 {
		return nil, kind.missing("the corpus")
	}
	return nil, h.noVersion(version)
}

// tabled says whether a version has written a table of a kind.
func (h *versions) tabled(m *manifest.Manifest, kind TokenKind) bool {
	_, ok := m.Find(pipeline.VocabFolder, kind.table())
	return ok
}

// counts says whether a version has counted the tokens of a kind last.
func (h *versions) counts(m *manifest.Manifest, kind TokenKind) bool {
	return slices.ContainsFunc(h.Counted(), func(r manifest.CountedRuns) bool {
		return r.Kind == kind.name && len(r.Made) > 0 && r.Made[len(r.Made)-1] == m.Version
	})
}

// since fills in what changed since a version that o names.
func (c *Corpus) since(ctx context.Context, h *versions, t *tokenTable, o VocabOptions, v *Vocab) (err error) {
	i := slices.IndexFunc(h.list, func(m *manifest.Manifest) bool { return m.Version == o.Since })
	if i < 0 {
		return h.noVersion(o.Since)
	}
	then := manifest.ViewOf(h.list[:i+1])
	before := 0 // the newest version that had a table then
	for _, m := range then.Versions {
		ok, err := c.hasTokens(&then, m, o.Kind)
		if err != nil {
			return err
		}
		if ok {
			before = m.Version
		}
	}
	if before == 0 {
		return o.Kind.missing(fmt.Sprintf("version %d", o.Since))
	}
	old, err := c.tokensOf(ctx, h, o.Kind, before)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, old.close()) }()
	most := o.Top
	if most == 0 {
		most = -1
	}
	top := best[VocabChar]{most: most, compare: func(a, b *VocabChar) int {
		return cmp.Or(cmp.Compare(max(*b.Change, -*b.Change), max(*a.Change, -*a.Change)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rank, b.Rank),
			cmp.Compare(a.rankBefore, b.rankBefore))
	}}
	err = joinTokens(ctx, old, t, joinedTokens, func(m *tokenMove) error {
		change := m.b.count - m.countA
		if change == 0 || o.New && m.rankA > 0 {
			return nil
		}
		row := m.b.shown(v.Count, t.kind)
		if m.rankB == 0 {
			row.ID = nil
		}
		row.Before, row.Change, row.rankBefore = new(m.countA), new(change), m.rankA
		if top.wants(&row) {
			row.Token = string(m.token)
			top.add(row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.Tokens = top.result()
	var gone []int64
	for i := range v.Tokens {
		if v.Tokens[i].Rank == 0 {
			gone = append(gone, v.Tokens[i].rankBefore)
		}
	}
	tokens, err := old.tokensAt(ctx, gone)
	for i := range v.Tokens {
		if r := &v.Tokens[i]; r.Rank == 0 {
			r.Token = tokens[r.rankBefore]
		}
	}
	return err
}

// noVersion says that a version is not there, and which are.
func (h *versions) noVersion(version int) error {
	if len(h.list) == 0 {
		return fmt.Errorf("version %d: %w: the corpus has none", version, ErrNotFound)
	}
	var all []int
	for _, m := range h.list {
		all = append(all, m.Version)
	}
	if version == 0 {
		return fmt.Errorf("a vocabulary: %w: no live version has one", ErrNotFound)
	}
	return fmt.Errorf("version %d: %w: there are %s", version, ErrNotFound, manifest.VersionRange(all))
}

func share(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}

// WriteText writes the vocabulary for people.
func (v *Vocab) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	p.printf("version %d: %s different %ss, %s in all", v.Version, pipeline.Thousands(v.Different), v.Kind.title, pipeline.Thousands(v.Count))
	if v.NewChars != nil {
		p.printf("; %s of the different ones are new, %s in its own documents", pipeline.Thousands(*v.NewChars), pipeline.Thousands(*v.NewCount))
	}
	if v.Below > 0 {
		p.printf("; left out of the table for occurring less than %s times: %s", pipeline.Thousands(v.Least), pipeline.Thousands(v.Below))
	}
	if v.Merged {
		p.printf("; added up, for the version has no table: what is new in it is not known")
	}
	if v.Since > 0 {
		p.printf("\nwhat changed since version %d", v.Since)
	}
	p.printf("\n\n")
	p.table("char code token", v.cells())
	return b.Flush()
}

// cells are the table, with its head.
func (v *Vocab) cells() [][]string {
	head := []string{"rank", "token", "count"}
	if v.Kind == Chars {
		head = []string{"rank", "char", "code", "count"}
	}
	if v.Since > 0 {
		head = append(head, "before", "change")
	}
	rows := [][]string{append(head, "documents", "new", "share")}
	for i := range v.Tokens {
		t := &v.Tokens[i]
		row := []string{strconv.FormatInt(t.Rank, 10), visible(t.Token)}
		if t.Rank == 0 {
			row[0] = "-"
		}
		if v.Kind == Chars {
			row = append(row, codePoints(t.Token))
		}
		row = append(row, pipeline.Thousands(t.Count))
		if t.Change != nil {
			change := pipeline.Thousands(*t.Change)
			if *t.Change > 0 {
				change = "+" + change
			}
			row = append(row, pipeline.Thousands(*t.Before), change)
		}
		fresh := pipeline.Thousands(t.NewCount)
		if v.Merged {
			fresh = "-"
		}
		rows = append(rows, append(row, pipeline.Thousands(t.Documents), fresh, percent(t.Share)))
	}
	return rows
}

func codePoints(token string) string {
	var codes []string
	for _, r := range token {
		codes = append(codes, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(codes, " ")
}

func percent(share float64) string { return fmt.Sprintf("%.4f %%", 100*share) }
