package contamination

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline"
)

// mostUnits is how many units the texts of all sets may have: an index of so many takes about 1 GiB.
const mostUnits = 48 << 20

// codeVersion is part of the digest of an index: what it finds changes with it.
const codeVersion = 1

// Index finds the items of evaluation sets in documents. It is never changed, and safe for concurrent use.
type Index struct {
	options Options
	sets    []SetInfo
	items   []item
	units   []unit // of all parts
	parts   []part // what documents are found by
	grams   *table // n-grams of the parts that have some
	short   *table // beginnings of those that have none
	wholes  []uint32
	digest  string

	powers, shortPowers []uint64
}

// SetInfo says what became of a set.
type SetInfo struct {
	Name   string `json:"name"`
	Shape  string `json:"shape,omitempty"` // what its fields were recognised by; empty: they were given
	Fields Fields `json:"fields"`
	Items  int    `json:"items"`
	// Short are the items whose question gives no n-gram, and that are looked for as a whole.
	Short int `json:"short,omitempty"`
	// NotCheckable are the items whose question says too little. They are never found.
	NotCheckable int `json:"not_checkable,omitempty"`
	// NotCheckableLines are the lines of the first ones.
	NotCheckableLines []int `json:"not_checkable_lines,omitempty"`
}

// leastAnswer is what an answer must be worth to be part of a score: two words, four Han characters, or a number. What is less stands near anything.
const leastAnswer = 2 * wordWeight

// mostLines is how many lines are listed.
const mostLines = 100

// ItemInfo names an item.
type ItemInfo struct {
	Set  int    `json:"set"` // its number
	Line int    `json:"line"`
	ID   string `json:"id"`
}

// stretch is some of the units.
type stretch struct {
	from, to uint32
}

func (s stretch) len() int { return int(s.to - s.from) }

type item struct {
	ItemInfo
	answer, passage stretch
	scored          bool // the answer says enough to be part of the score
}

// part is a question, or an answer that documents are found by.
type part struct {
	stretch
	item   uint32
	whole  int32 // which of wholes it is, or -1
	weight int
	worth  int64
	answer bool
	// asks is what its end weighs of which half must be found, if that is not an n-gram: of a passage and a question, the question.
	asks int
}

func (x *Index) of(s stretch) []unit { return x.units[s.from:s.to] }

// Options are what the index was built with.
func (x *Index) Options() Options { return x.options }

// Sets says what became of the sets, in their order.
func (x *Index) Sets() []SetInfo { return x.sets }

// Items is how many items there are. They are numbered from 0 in the order of sets and of their own.
func (x *Index) Items() int { return len(x.items) }

// Item names an item.
func (x *Index) Item(n int) ItemInfo { return x.items[n].ItemInfo }

// Grams is how many different n-grams there are.
func (x *Index) Grams() int { return len(x.grams.hashes) }

// Digest names what the index finds: two of equal digest find the same in every document. It is 64 hex digits.
func (x *Index) Digest() string { return x.digest }

// entries is how many n-grams and short questions are counted.
func (x *Index) entries() int { return len(x.grams.hashes) + len(x.wholes) }

// Build makes the index of some sets, of which each needs a name of its own. An item whose question says too little is an error that names set and
// line, unless AllowShort is set; a set of nothing else is one always.
func Build(ctx context.Context, sets []*Set, o Options) (*Index, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(sets) == 0 {
		return nil, errors.New("there is no evaluation set")
	}
	b := &builder{Index: &Index{options: o, powers: powers(o.need()), shortPowers: powers(o.short())}}
	names := map[string]bool{}
	for n, s := range sets {
		if names[s.Name] {
			return nil, pipeline.WithHint(fmt.Errorf("two evaluation sets are called %s", s.Name), "give one of them another name")
		}
		names[s.Name] = true
		if err := b.set(ctx, n, s); err != nil {
			return nil, fmt.Errorf("evaluation set %s: %w", s.Name, err)
		}
	}
	x := b.Index
	b.digest()
	x.grams = newTable(b.all)
	b.all = nil
	x.short = newTable(b.beginnings)
	return x, ctx.Err()
}

// builder is an index that is being built.
type builder struct {
	*Index
	read       sequence
	all        []keyed
	beginnings []keyed
}

func (b *builder) set(ctx context.Context, n int, s *Set) error {
	info := SetInfo{Name: s.Name, Shape: s.Shape, Fields: s.Fields, Items: len(s.Items)}
	b.read.characters = loadCharacters()
	for i := range s.Items {
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		it := &s.Items[i]
		number := uint32(len(b.items))
		b.items = append(b.items, item{ItemInfo: ItemInfo{Set: n, Line: it.Line, ID: it.ID}})
		question := b.question(it)
		b.items[number].answer = b.stretch(it.Answer)
		b.items[number].scored = b.part(0, b.items[number].answer, true).worth >= leastAnswer
		b.items[number].passage = b.stretch(it.Passage)
		if len(b.units) > mostUnits {
			return pipeline.WithHint(fmt.Errorf("line %d: all sets together have more than %d words and characters", it.Line, mostUnits), "look for some of the sets only")
		}
		p := b.part(number, question, false)
		joined := b.joined(it, p)
		if joined.asks > 0 {
			b.add(joined)
		}
		switch {
		case b.hasGram(question):
			b.add(p)
		case p.weight >= b.options.short() && p.weight < b.options.need() && b.beginning(p) != 0:
			info.Short++
			b.addWhole(p)
		case joined.asks > 0:
		case b.options.AllowShort:
			info.NotCheckable++
			if len(info.NotCheckableLines) < mostLines {
				info.NotCheckableLines = append(info.NotCheckableLines, it.Line)
			}
		default:
			return tooShort(it, b.options)
		}
		if answer := b.part(number, b.items[number].answer, true); s.AnswerAlone && answer.weight >= wholeGrams*b.options.need() && b.hasGram(answer.stretch) {
			b.add(answer)
		}
	}
	if info.NotCheckable == info.Items {
		return pipeline.WithHint(fmt.Errorf("none of its %s says enough to be found", pipeline.Counted(info.Items, "item")), "name more of its fields as the question")
	}
	b.sets = append(b.sets, info)
	return nil
}

func tooShort(it *Item, o Options) error {
	why := fmt.Errorf("line %d: the question %q gives no n-gram", it.Line, pipeline.FirstChars(it.Question, 40))
	if strings.TrimSpace(it.Question) == "" {
		why = fmt.Errorf("line %d: the question is empty", it.Line)
	}
	return pipeline.WithHint(why, fmt.Sprintf(
		"a question needs a letter and %d Han characters or as much in words: name more fields as the question, leave the item out, or set allow_short", min(o.LeastShort, o.NGram)))
}

// question are the units of a question: with the choices, if it says little without them.
func (b *builder) question(it *Item) stretch {
	q := b.stretch(it.Question)
	if len(it.Choices) == 0 || b.part(0, q, false).weight >= wholeGrams*b.options.need() {
		return q
	}
	b.units = b.units[:q.from]
	return b.stretch(it.Question + "\n" + strings.Join(it.Choices, "\n"))
}

// leastAsked is what a question must weigh to be looked for behind its passage: four Han characters, three words.
const leastAsked = 4 * charWeight

// joined is the passage and the question of an item as one part, if the question says little without it; else its asks is 0.
func (b *builder) joined(it *Item, question part) (p part) {
	if it.Passage == "" || len(it.Choices) > 0 || question.weight < leastAsked || question.weight >= wholeGrams*b.options.need() {
		return p
	}
	p = b.part(question.item, b.stretch(it.Passage+"\n"+it.Question), false)
	if b.hasGram(p.stretch) {
		p.asks = min(question.weight, b.options.need())
	}
	return p
}

// stretch appends the units of a text.
func (b *builder) stretch(text string) stretch {
	from := len(b.units)
	b.read.read(norm.NFC.Bytes([]byte(text)))
	b.units = append(b.units, b.read.units...)
	return stretch{uint32(from), uint32(len(b.units))}
}

func (b *builder) part(item uint32, s stretch, answer bool) part {
	p := part{stretch: s, item: item, whole: -1, answer: answer}
	for _, u := range b.of(s) {
		p.weight += u.weight()
		p.worth += u.worth()
	}
	return p
}

func (b *builder) hasGram(s stretch) bool {
	g := newGrams(b.options.need(), b.powers)
	g.over(b.of(s))
	return g.next()
}

// beginning is the hash of what a short question begins with, or 0 if that has no letter.
func (b *builder) beginning(p part) uint64 {
	g := newGrams(b.options.short(), b.shortPowers)
	if g.over(b.of(p.stretch)); g.next() && g.at == 0 {
		return g.hash
	}
	return 0
}

func (b *builder) add(p part) {
	g := newGrams(b.options.need(), b.powers)
	g.over(b.of(p.stretch))
	for g.next() {
		b.all = append(b.all, keyed{g.hash, posting{uint32(len(b.parts)), uint32(g.at)}})
	}
	b.parts = append(b.parts, p)
}

func (b *builder) addWhole(p part) {
	p.whole = int32(len(b.wholes))
	b.beginnings = append(b.beginnings, keyed{b.beginning(p), posting{uint32(len(b.parts)), 0}})
	b.wholes = append(b.wholes, uint32(len(b.parts)))
	b.parts = append(b.parts, p)
}

// digest sets the digest: of the options, and of what was made of the items.
func (b *builder) digest() {
	h := sha256.New()
	buf := make([]byte, 0, 64<<10)
	flush := func(least int) {
		if len(buf) > least {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	number := func(list ...int64) {
		for _, n := range list {
			buf = binary.AppendVarint(buf, n)
		}
	}
	name := func(s string) {
		number(int64(len(s)))
		buf = append(buf, s...)
	}
	o := &b.options
	number(codeVersion, int64(o.NGram), o.leastOverlap(), o.MostDocuments, int64(o.LeastShort), int64(len(b.sets)))
	for i := range b.sets {
		name(b.sets[i].Name)
	}
	number(int64(len(b.items)))
	for i := range b.items {
		it := &b.items[i]
		number(int64(it.Set), int64(it.Line), int64(it.answer.from), int64(it.answer.to), int64(it.passage.from), int64(it.passage.to))
		name(it.ID)
		flush(32 << 10)
	}
	number(int64(len(b.parts)))
	for i := range b.parts {
		p := &b.parts[i]
		number(int64(p.item), int64(p.from), int64(p.to), int64(p.whole), int64(p.asks))
		flush(32 << 10)
	}
	for _, u := range b.units {
		buf = binary.LittleEndian.AppendUint32(buf, uint32(u))
		flush(32 << 10)
	}
	flush(0)
	b.Index.digest = hex.EncodeToString(h.Sum(nil))
}
