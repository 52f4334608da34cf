package show

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
)

// VocabOptions choose a part of a vocabulary.
type VocabOptions struct {
	Version int  // 0: the newest live one that has a vocabulary
	Top     int  // how many characters, most frequent first; 0: all
	New     bool // only those that no earlier version had
}

// Vocab is the character table of a version: cumulative, with what its own documents brought beside it.
type Vocab struct {
	Version  int         `json:"version"`
	Chars    int64       `json:"chars"`     // different ones, special tokens not among them
	Count    int64       `json:"count"`     // of all characters in the corpus up to here
	NewChars int64       `json:"new_chars"` // different ones that no earlier version had
	NewCount int64       `json:"new_count"` // characters in the version's own documents
	Tokens   []VocabChar `json:"tokens"`
}

// VocabChar is a character with its place in the order of frequency. White space is among the characters.
type VocabChar struct {
	Rank         int     `json:"rank"` // from 1
	ID           int32   `json:"id"`
	Token        string  `json:"token"`
	Count        int64   `json:"count"`
	Documents    int64   `json:"documents"`
	NewCount     int64   `json:"new_count"`
	NewDocuments int64   `json:"new_documents"`
	Share        float64 `json:"share"` // of all characters
}

func (v *VocabChar) isNew() bool { return v.Count > 0 && v.Count == v.NewCount }

// Vocab reads the character table of a version.
func (c *Corpus) Vocab(ctx context.Context, o VocabOptions) (*Vocab, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(h.list) {
		f, ok := m.Find(pipeline.VocabFolder, corpus.CharsTable)
		switch {
		case o.Version == 0 && (!ok || !h.live(m.Version)), o.Version != 0 && m.Version != o.Version:
			continue
		case !ok:
			return nil, fmt.Errorf("version %d: its vocabulary: %w", m.Version, ErrNotFound)
		}
		if _, ok := h.FindOf(m, pipeline.VocabFolder, corpus.CharsTable); !ok {
			return nil, fmt.Errorf("version %d: its vocabulary was purged: %w", m.Version, ErrNotFound)
		}
		v, err := c.readVocab(ctx, m.Version, f)
		if err != nil {
			return nil, err
		}
		if o.New {
			v.Tokens = slices.DeleteFunc(v.Tokens, func(t VocabChar) bool { return !t.isNew() })
		}
		if o.Top > 0 && len(v.Tokens) > o.Top {
			v.Tokens = v.Tokens[:o.Top]
		}
		return v, nil
	}
	return nil, h.noVersion(o.Version)
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

// readVocab reads a whole table and puts it in the order (count descending, bytes ascending), whatever its ids are.
func (c *Corpus) readVocab(ctx context.Context, version int, f dataset.File) (*Vocab, error) {
	v := &Vocab{Version: version, Tokens: []VocabChar{}}
	columns := columnar.Selection{
		Text: []string{"token", "type"}, Int: []string{"id", "count", "documents", "new_count", "new_documents"},
	}
	err := pipeline.ReadTable(ctx, c.store, f.Path, columns, func(t *columnar.Frame) error {
		texts, types := t.Text("token"), t.Text("type")
		for i, id := range t.Int("id") {
			if string(types.At(i)) == corpus.SpecialToken {
				continue
			}
			v.Tokens = append(v.Tokens, VocabChar{
				ID: int32(id), Token: string(texts.At(i)), Count: t.Int("count")[i], Documents: t.Int("documents")[i],
				NewCount: t.Int("new_count")[i], NewDocuments: t.Int("new_documents")[i],
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(v.Tokens, func(a, b VocabChar) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Token, b.Token))
	})
	for i := range v.Tokens {
		t := &v.Tokens[i]
		t.Rank = i + 1
		v.Count += t.Count
		v.NewCount += t.NewCount
		if t.Count > 0 {
			v.Chars++
		}
		if t.isNew() {
			v.NewChars++
		}
	}
	for i := range v.Tokens {
		v.Tokens[i].Share = share(v.Tokens[i].Count, v.Count)
	}
	return v, nil
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
	p.printf("version %d: %s different characters, %s in all; %s of the different ones are new, %s in its own documents\n\n", v.Version,
		pipeline.Thousands(v.Chars), pipeline.Thousands(v.Count), pipeline.Thousands(v.NewChars), pipeline.Thousands(v.NewCount))
	rows := [][]string{{"rank", "char", "code", "count", "documents", "new", "share"}}
	for i := range v.Tokens {
		t := &v.Tokens[i]
		rows = append(rows, []string{
			strconv.Itoa(t.Rank), visible(t.Token), codePoints(t.Token), pipeline.Thousands(t.Count), pipeline.Thousands(t.Documents), pipeline.Thousands(t.NewCount),
			percent(t.Share),
		})
	}
	p.table("char code", rows)
	return b.Flush()
}

func codePoints(token string) string {
	var codes []string
	for _, r := range token {
		codes = append(codes, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(codes, " ")
}

func percent(share float64) string { return fmt.Sprintf("%.4f %%", 100*share) }
