package corpus

import (
	"context"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
)

// Contents is what the documents of a version's shards add up to.
type Contents struct {
	Rows, Chars, Bytes int64
	ids                *xxh3.Hasher128 // over the ids in order, 16 bytes each
	// BySource are the sums of each source, of shards that were added.
	BySource map[string]manifest.SourceText
}

// NewContents is that of no document.
func NewContents() *Contents {
	return &Contents{ids: xxh3.New128(), BySource: map[string]manifest.SourceText{}}
}

// Add reads the narrow columns of a shard in the given format and says whether it has the rows that it should have.
func (c *Contents) Add(ctx context.Context, s pipeline.Store, format *pipeline.TableFormat, f dataset.File) error {
	rows := int64(0)
	columns := columnar.Selection{Text: []string{"id", "source"}, Int: []string{"chars", "bytes"}}
	err := format.ReadTable(ctx, s, f.Path, columns, nil, func(d *columnar.Frame) error {
		ids, sources, chars, bytes := d.Text("id"), d.Text("source"), d.Int("chars"), d.Int("bytes")
		var name string // neighbours are of one source
		for i := range chars {
			id, err := ingest.ParseDocumentID(ids.At(i))
			if err != nil {
				return err
			}
			c.one(id, chars[i], bytes[i])
			if source := sources.At(i); string(source) != name {
				name = string(source)
			}
			sum := c.BySource[name]
			sum.Add(manifest.SourceText{Documents: 1, Chars: chars[i], Bytes: bytes[i]})
			c.BySource[name] = sum
		}
		rows += int64(d.Rows())
		return nil
	})
	if err != nil {
		return err
	}
	if rows != f.Rows {
		return fmt.Errorf("%s has %d rows, it should have %d", f.Path, rows, f.Rows)
	}
	return nil
}

// one adds a document.
func (c *Contents) one(id [16]byte, chars, bytes int64) {
	c.Rows++
	_, _ = c.ids.Write(id[:]) // a hash never fails
	c.Chars += chars
	c.Bytes += bytes
}

// Digest is the xxh3-128 over the ids that were added, in their order.
func (c *Contents) Digest() string { return hex.EncodeToString(c.ids.Sum(nil)) }

// Vocabulary is what a version's character table adds up to.
type Vocabulary struct {
	chars    int64 // different ones, special tokens not among them
	newCount int64 // characters in the version's own documents
	// Of newCount: see Totals.
	han, uncommon, replacement int64
}

// Put writes what the table adds up to into the totals of the version.
func (v *Vocabulary) Put(t *manifest.Totals) {
	t.Chars, t.VocabularyChars = v.newCount, v.chars
	t.HanChars, t.UncommonChars, t.ReplacementChars = v.han, v.uncommon, v.replacement
}

// count adds a character of the version's own documents.
func (v *Vocabulary) count(char []byte, n int64) {
	r, _ := utf8.DecodeRune(char)
	switch {
	case r == utf8.RuneError:
		v.replacement += n
	case text.IsHan(r):
		v.han += n
		if !text.IsCommonHan(r) {
			v.uncommon += n
		}
	}
}

// ReadVocabulary adds up a character table.
func ReadVocabulary(ctx context.Context, s pipeline.Store, f dataset.File) (v Vocabulary, err error) {
	rows := int64(0)
	columns := columnar.Selection{Text: []string{"token", "type"}, Int: []string{"new_count"}}
	err = pipeline.ReadTable(ctx, s, f.Path, columns, func(t *columnar.Frame) error {
		tokens, types := t.Text("token"), t.Text("type")
		for i, n := range t.Int("new_count") {
			v.newCount += n
			if string(types.At(i)) != SpecialToken {
				v.chars++
				v.count(tokens.At(i), n)
			}
		}
		rows += int64(t.Rows())
		return nil
	})
	if err == nil && rows != f.Rows {
		err = fmt.Errorf("%s has %d rows, it should have %d", f.Path, rows, f.Rows)
	}
	return v, err
}

// SpecialToken is the type of the tokens in the character table that are not characters of any text.
const SpecialToken = "special"
