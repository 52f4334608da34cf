package show

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
	wording "github.com/millrace/millrace/pipeline/text/words"
	"github.com/millrace/millrace/pipeline/text/writing"
)

// TokensOptions say what tokenizers are compared on.
type TokensOptions struct {
	Sample int64 // how many documents; 0: all
	Slots  int   // goroutines
}

// NamedTokenizer is a tokenizer by what people call it.
type NamedTokenizer struct {
	Name string
	tokenizer.Tokenizer
}

// Tokens says how tokenizers cut the same documents.
type Tokens struct {
	Of         int64             `json:"of"` // documents of the corpus
	Texts      TextCounts        `json:"texts"`
	Tokenizers []TokenizerCounts `json:"tokenizers"`
	Sources    []TokensOfGroup   `json:"sources"` // by name
	Scripts    []TokensOfGroup   `json:"scripts"` // most characters first; a document is of the script of most of its letters
}

// TextCounts are what texts have, whoever cuts them. Words are those of package words.
type TextCounts struct {
	Documents int64 `json:"documents"`
	Bytes     int64 `json:"bytes"`
	Chars     int64 `json:"chars"`
	Words     int64 `json:"words"`
}

func (c *TextCounts) add(d TextCounts) {
	c.Documents += d.Documents
	c.Bytes += d.Bytes
	c.Chars += d.Chars
	c.Words += d.Words
}

// TokenizerCounts are what a tokenizer makes of all texts.
type TokenizerCounts struct {
	Name string `json:"name"`
	Size int    `json:"size"` // of the vocabulary: one more than the greatest id
	TokenCounts
	Unknown    int64 `json:"unknown"`      // tokens that say that nothing is known
	SingleByte int64 `json:"single_byte"`  // tokens of one byte
	PartOfChar int64 `json:"part_of_char"` // tokens that are no whole characters
	Used       int64 `json:"used"`         // different ids among the tokens
	// Coverage is the share of the tokens that the most frequent ids have.
	Coverage []Coverage `json:"coverage"`
}

// Coverage is how much of all tokens the most frequent ids are.
type Coverage struct {
	Top   int     `json:"top"`
	Share float64 `json:"share"`
}

// coverageTops are how many ids Coverage is of, where there are as many.
var coverageTops = []int{1000, 4000, 16000, 64000}

// TokenCounts are how many tokens some texts have, and what that means.
type TokenCounts struct {
	Tokens        int64   `json:"tokens"`
	BytesPerToken float64 `json:"bytes_per_token"`
	CharsPerToken float64 `json:"chars_per_token"`
	TokensPerWord float64 `json:"tokens_per_word"` // fertility; 0 if the texts have no word
}

func tokenCounts(tokens int64, of *TextCounts) TokenCounts {
	return TokenCounts{tokens, share(of.Bytes, tokens), share(of.Chars, tokens), share(tokens, of.Words)}
}

// TokensOfGroup are the tokens of some of the texts, by each tokenizer.
type TokensOfGroup struct {
	Name string `json:"name"`
	TextCounts
	Tokenizers []TokenCounts `json:"tokenizers"`
}

// Texter hands over n of some documents, all of them if there are no more, and says how many there are. A text is valid until yield returns; a source is ""
// where the documents do not say it.
type Texter func(ctx context.Context, n int64, yield func(source string, text []byte) error) (total int64, err error)

// Tokens cuts documents of the corpus by each of the tokenizers: all, or a sample that the same corpus has always (see Sample). See TokensOf.
func (c *Corpus) Tokens(ctx context.Context, list []NamedTokenizer, o TokensOptions) (*Tokens, error) {
	return TokensOf(ctx, list, o, func(ctx context.Context, n int64, yield func(string, []byte) error) (int64, error) {
		return c.Sample(ctx, n, func(d *Sampled) error { return yield(d.Source, d.Text) })
	})
}

// TokensOf cuts documents by each of the tokenizers. Beside the tokenizers it takes eight bytes an id and slot, and some megabytes of texts a slot.
func TokensOf(ctx context.Context, list []NamedTokenizer, o TokensOptions, documents Texter) (*Tokens, error) {
	t := &tokenCount{list: list, classes: make([][]tokenClass, len(list))}
	for i := range list {
		t.classes[i] = classesOf(list[i])
	}
	g, counting := errgroup.WithContext(ctx)
	batches := make(chan *tokenBatch)
	parts := make([]*tokenPart, max(o.Slots, 1))
	for i := range parts {
		parts[i] = newTokenPart(t)
		g.Go(func() error {
			for b := range batches {
				for k := range b.ends {
					if counting.Err() != nil {
						break
					}
					parts[i].document(b.sources[k], b.text(k))
				}
			}
			return nil
		})
	}
	out := &Tokens{}
	g.Go(func() (err error) {
		defer close(batches)
		n := o.Sample
		if n <= 0 {
			n = math.MaxInt64
		}
		out.Of, err = documents.batches(counting, n, func(b *tokenBatch) error {
			select {
			case batches <- b:
				return nil
			case <-counting.Done():
				return context.Cause(counting)
			}
		})
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, p := range parts[1:] {
		parts[0].add(p)
	}
	t.tell(out, parts[0])
	return out, nil
}

// batchBytes is how much text a batch has, unless one document has more.
const batchBytes = 4 << 20

// tokenBatch is documents that one goroutine cuts.
type tokenBatch struct {
	texts   []byte
	ends    []int
	sources []string
}

func (b *tokenBatch) text(k int) []byte {
	if k == 0 {
		return b.texts[:b.ends[0]]
	}
	return b.texts[b.ends[k-1]:b.ends[k]]
}

// batches hands over a sample of the documents.
func (t Texter) batches(ctx context.Context, n int64, yield func(*tokenBatch) error) (total int64, err error) {
	b := &tokenBatch{}
	total, err = t(ctx, n, func(source string, text []byte) error {
		b.texts = append(b.texts, text...)
		b.ends, b.sources = append(b.ends, len(b.texts)), append(b.sources, source)
		if len(b.texts) < batchBytes {
			return nil
		}
		full := b
		b = &tokenBatch{}
		return yield(full)
	})
	if err == nil && len(b.ends) > 0 {
		err = yield(b)
	}
	return total, err
}

// tokenClass says what a token is, of which shares are told.
type tokenClass uint8

const (
	tokenUnknown tokenClass = 1 << iota
	tokenOfByte
	tokenPartOfChar
)

// classesOf are those of all ids.
func classesOf(t tokenizer.Tokenizer) []tokenClass {
	list := make([]tokenClass, t.Size())
	for id := range list {
		b := t.Bytes(int32(id))
		switch {
		case int32(id) == t.Unknown():
			list[id] = tokenUnknown
		default:
			if len(b) == 1 {
				list[id] |= tokenOfByte
			}
			if !utf8.Valid(b) {
				list[id] |= tokenPartOfChar
			}
		}
	}
	return list
}

// tokenCount is what all goroutines share.
type tokenCount struct {
	list    []NamedTokenizer
	classes [][]tokenClass // of each tokenizer, by id
}

// tokenPart is what one goroutine has counted.
type tokenPart struct {
	*tokenCount
	words    *wording.Cutter
	encoders []tokenizer.Encoder
	found    []wording.Word
	ids      []int32
	script   []string

	texts   TextCounts
	counts  [][]int64 // by tokenizer and id
	sources map[string]*tokenGroup
	scripts map[string]*tokenGroup
}

// tokenGroup is some of the texts.
type tokenGroup struct {
	texts  TextCounts
	tokens []int64 // by tokenizer
}

func newTokenPart(t *tokenCount) *tokenPart {
	p := &tokenPart{tokenCount: t, words: wording.New(jieba.Default()), script: writing.Names(), sources: map[string]*tokenGroup{}, scripts: map[string]*tokenGroup{}}
	for i := range t.list {
		p.encoders = append(p.encoders, t.list[i].Encoder())
		p.counts = append(p.counts, make([]int64, t.list[i].Size()))
	}
	return p
}

// document counts one text.
func (p *tokenPart) document(source string, content []byte) {
	p.found = p.words.Cut(p.found[:0], content)
	n := TextCounts{1, int64(len(content)), int64(text.CountRunes(content)), int64(len(p.found))}
	tally := writing.Of(content)
	script, _, _ := tally.Main()
	ofSource, ofScript := groupIn(p.sources, source, len(p.list)), groupIn(p.scripts, p.script[script], len(p.list))
	p.texts.add(n)
	ofSource.texts.add(n)
	ofScript.texts.add(n)
	for i, e := range p.encoders {
		p.ids = e.Encode(p.ids[:0], content)
		for _, id := range p.ids {
			p.counts[i][id]++
		}
		ofSource.tokens[i] += int64(len(p.ids))
		ofScript.tokens[i] += int64(len(p.ids))
	}
}

func groupIn(all map[string]*tokenGroup, name string, tokenizers int) *tokenGroup {
	g := all[name]
	if g == nil {
		g = &tokenGroup{tokens: make([]int64, tokenizers)}
		all[name] = g
	}
	return g
}

// add adds what another goroutine has counted.
func (p *tokenPart) add(o *tokenPart) {
	p.texts.add(o.texts)
	for i := range p.counts {
		for id, n := range o.counts[i] {
			p.counts[i][id] += n
		}
	}
	for _, groups := range [][2]map[string]*tokenGroup{{p.sources, o.sources}, {p.scripts, o.scripts}} {
		for name, g := range groups[1] {
			to := groupIn(groups[0], name, len(p.list))
			to.texts.add(g.texts)
			for i, n := range g.tokens {
				to.tokens[i] += n
			}
		}
	}
}

// tell says what was counted.
func (t *tokenCount) tell(out *Tokens, p *tokenPart) {
	out.Texts = p.texts
	for i := range t.list {
		c := TokenizerCounts{Name: t.list[i].Name, Size: t.list[i].Size(), Coverage: []Coverage{}}
		tokens := int64(0)
		for id, n := range p.counts[i] {
			if n == 0 {
				continue
			}
			tokens += n
			c.Used++
			class := t.classes[i][id]
			for _, of := range []struct {
				class tokenClass
				n     *int64
			}{{tokenUnknown, &c.Unknown}, {tokenOfByte, &c.SingleByte}, {tokenPartOfChar, &c.PartOfChar}} {
				if class&of.class != 0 {
					*of.n += n
				}
			}
		}
		c.TokenCounts = tokenCounts(tokens, &p.texts)
		slices.SortFunc(p.counts[i], func(a, b int64) int { return cmp.Compare(b, a) })
		sum, at := int64(0), 0
		for _, top := range coverageTops {
			if top > c.Size {
				break
			}
			for ; at < top; at++ {
				sum += p.counts[i][at]
			}
			c.Coverage = append(c.Coverage, Coverage{top, share(sum, tokens)})
		}
		out.Tokenizers = append(out.Tokenizers, c)
	}
	if out.Sources = []TokensOfGroup{}; len(p.sources) > 1 || p.sources[""] == nil { // the documents say it
		out.Sources = groupsOf(p.sources)
	}
	out.Scripts = groupsOf(p.scripts)
	slices.SortStableFunc(out.Scripts, func(a, b TokensOfGroup) int { return cmp.Compare(b.Chars, a.Chars) })
}

// groupsOf are groups by name.
func groupsOf(all map[string]*tokenGroup) (list []TokensOfGroup) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		g := all[name]
		of := TokensOfGroup{Name: name, TextCounts: g.texts}
		for _, n := range g.tokens {
			of.Tokenizers = append(of.Tokenizers, tokenCounts(n, &g.texts))
		}
		list = append(list, of)
	}
	return list
}

// WriteText writes the comparison for people: a column a tokenizer.
func (t *Tokens) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	p.printf("%s", pipeline.Counted(t.Texts.Documents, "document"))
	if t.Texts.Documents < t.Of {
		p.printf(" of %s", pipeline.Thousands(t.Of))
	}
	p.printf(": %s, %s, %s\n\n", pipeline.Counted(t.Texts.Bytes, "byte"), pipeline.Counted(t.Texts.Chars, "character"), pipeline.Counted(t.Texts.Words, "word"))
	head := append([]string{"tokenizer"}, t.shortNames()...)
	rows := [][]string{head}
	row := func(name string, cell func(c *TokenizerCounts) string) {
		cells := []string{name}
		for i := range t.Tokenizers {
			cells = append(cells, cell(&t.Tokenizers[i]))
		}
		rows = append(rows, cells)
	}
	number := func(n int64) string { return pipeline.Thousands(n) }
	percent := func(n, all int64) string { return fmt.Sprintf("%.2f %%", 100*share(n, all)) }
	row("size", func(c *TokenizerCounts) string { return number(int64(c.Size)) })
	row("tokens", func(c *TokenizerCounts) string { return number(c.Tokens) })
	row("bytes per token", func(c *TokenizerCounts) string { return fmt.Sprintf("%.3f", c.BytesPerToken) })
	row("characters per token", func(c *TokenizerCounts) string { return fmt.Sprintf("%.3f", c.CharsPerToken) })
	row("tokens per word", func(c *TokenizerCounts) string { return fmt.Sprintf("%.3f", c.TokensPerWord) })
	row("unknown", func(c *TokenizerCounts) string { return percent(c.Unknown, c.Tokens) })
	row("single bytes", func(c *TokenizerCounts) string { return percent(c.SingleByte, c.Tokens) })
	row("parts of characters", func(c *TokenizerCounts) string { return percent(c.PartOfChar, c.Tokens) })
	row("ids used", func(c *TokenizerCounts) string { return percent(c.Used, int64(c.Size)) })
	for i, top := range coverageTops {
		if slices.ContainsFunc(t.Tokenizers, func(c TokenizerCounts) bool { return len(c.Coverage) > i }) {
			row("in the top "+pipeline.Thousands(int64(top)), func(c *TokenizerCounts) string {
				if len(c.Coverage) <= i {
					return "-"
				}
				return fmt.Sprintf("%.2f %%", 100*c.Coverage[i].Share)
			})
		}
	}
	p.table("tokenizer", rows)
	if len(t.Sources) > 0 {
		p.tokenGroups("source", t.Sources, head)
	}
	p.tokenGroups("script", t.Scripts, head)
	return b.Flush()
}

// shortNames are the names without what all of them have, and without the usual name of a file.
func (t *Tokens) shortNames() (list []string) {
	for parts := 1; ; parts++ {
		list = list[:0]
		longer := false
		for i := range t.Tokenizers {
			path := strings.Split(strings.Trim(strings.TrimSuffix(t.Tokenizers[i].Name, "/"+tokenizer.JSONName), "/"), "/")
			longer = longer || len(path) > parts
			list = append(list, visible(strings.Join(path[max(0, len(path)-parts):], "/")))
		}
		sorted := slices.Sorted(slices.Values(list))
		if !longer || len(slices.Compact(sorted)) == len(list) {
			return list
		}
	}
}

// tokenGroups writes what tokens are of groups of texts: bytes a token, and in brackets tokens a word.
func (p textPrinter) tokenGroups(what string, groups []TokensOfGroup, head []string) {
	p.printf("\nbytes per token (tokens per word) by %s\n\n", what)
	rows := [][]string{append([]string{what, "documents"}, head[1:]...)}
	for i := range groups {
		cells := []string{visible(groups[i].Name), pipeline.Thousands(groups[i].Documents)}
		for _, c := range groups[i].Tokenizers {
			cells = append(cells, fmt.Sprintf("%.3f (%.3f)", c.BytesPerToken, c.TokensPerWord))
		}
		rows = append(rows, cells)
	}
	p.table(what, rows)
}
