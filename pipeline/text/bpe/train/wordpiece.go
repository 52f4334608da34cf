package train

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// WordPieceOptions say what a WordPiece is to be like. MaxTokenLength is one of characters, without the mark of what follows in a word.
type WordPieceOptions struct {
	Options
	Unknown   string // the special token for words that cannot be cut: [UNK] if none is named
	Alphabet  int    // how many characters are tokens at most, the most frequent ones; others are as if they were not there. 0: all
	Lowercase bool   // texts are in small letters without accents
}

const (
	follows        = "##" // what tokens begin with that follow another one in a word
	defaultUnknown = "[UNK]"
	mostCharacters = 100 // of a word: longer ones are unknown
)

// settle fills in what is not said, and names everything that is wrong.
func (o *WordPieceOptions) settle() error {
	o.Unknown = cmp.Or(o.Unknown, defaultUnknown)
	err := o.validate(1)
	if !slices.Contains(o.Special, o.Unknown) {
		err = errors.Join(err, fmt.Errorf("special: the token for unknown words, %s, is not among them", o.Unknown))
	}
	if o.Alphabet < 0 {
		err = errors.Join(err, errors.New("alphabet: it may not be negative"))
	}
	return err
}

// WordPieceTrainer makes a WordPiece. It is for one goroutine.
type WordPieceTrainer struct {
	o       WordPieceOptions
	model   WordPiece
	ids     map[string]int32
	letters map[rune]*letter
	list    []*letter // by number
	merger  merger[uint32]
	total   int64
	done    bool
	order   func(list []*letter) // of those that follow; tests have the library's
}

// letter is a character of words.
type letter struct {
	r       rune
	number  uint32
	count   int64
	follows bool     // it is seen behind another
	ids     [2]int32 // at the beginning of a word, and behind another; -1: none
}

// NewWordPiece makes a trainer. The error names all that is wrong with the options.
func NewWordPiece(o WordPieceOptions) (*WordPieceTrainer, error) {
	if err := o.settle(); err != nil {
		return nil, err
	}
	t := &WordPieceTrainer{o: o, ids: map[string]int32{}, letters: map[rune]*letter{}}
	for _, s := range o.tokens() {
		t.token(s)
	}
	t.model = WordPiece{Tokens: t.model.Tokens, Special: len(t.model.Tokens), unknown: o.Unknown, lowercase: o.Lowercase}
	t.order = func(list []*letter) { slices.SortFunc(list, func(a, b *letter) int { return cmp.Compare(a.r, b.r) }) }
	return t, nil
}

// token is the token of a text: a new one if there is none.
func (t *WordPieceTrainer) token(text string) int32 {
	id, ok := t.ids[text]
	if !ok {
		id = int32(len(t.model.Tokens))
		t.model.Tokens = append(t.model.Tokens, text)
		t.ids[text] = id
	}
	return id
}

// Add adds a word that occurs count times. It may be added in parts. The word is not kept.
func (t *WordPieceTrainer) Add(word []byte, count int64) error {
	if t.done {
		return errTrained
	}
	characters := utf8.RuneCount(word)
	if err := countable(word, count, characters, &t.total); err != nil || count == 0 {
		return err
	}
	var to []uint32
	if characters > 1 {
		if to = t.merger.words.add(characters, count); to == nil {
			return errFull
		}
	}
	i := 0
	for at := 0; at < len(word); i++ {
		r, size := utf8.DecodeRune(word[at:])
		at += size
		l := t.letters[r]
		if l == nil {
			l = &letter{r: r, number: uint32(len(t.list))}
			t.letters[r], t.list = l, append(t.list, l)
		}
		l.count += count
		if i > 0 {
			l.follows = true
		}
		if to != nil {
			to[i] = l.number
		}
	}
	return nil
}

// countable says whether the letters of all pre-tokens, which are counted in total, still are: then all pairs are.
func countable(pretoken []byte, count int64, letters int, total *int64) error {
	if count < 0 {
		return fmt.Errorf("pre-token %.40q: the count %d is negative", pretoken, count)
	}
	high, n := bits.Mul64(uint64(count), uint64(letters))
	if high != 0 || n > uint64(math.MaxInt64-*total) {
		return fmt.Errorf("pre-token %.40q, %d times: pairs occur more often than 64 bits count", pretoken, count)
	}
	*total += int64(n)
	return nil
}

// Train merges pairs until there are as many tokens as are wanted, or no pair is left that occurs often enough. It ends early with the error of ctx.
func (t *WordPieceTrainer) Train(ctx context.Context) (*WordPiece, error) {
	if t.done {
		return nil, errTrained
	}
	t.done = true
	t.alphabet()
	if n := len(t.model.Tokens); n > t.o.Size {
		return nil, fmt.Errorf("characters, where they begin a word and where they follow, and special tokens are %d tokens, more than %d: bound the alphabet", n, t.o.Size)
	}
	m := &t.merger
	t.spell()
	m.least, m.maxLength, m.initial = t.o.MinFrequency, t.o.MaxTokenLength, int32(len(t.model.Tokens))
	m.lengths = slices.Repeat([]int32{1}, len(t.model.Tokens))
	m.prepare(t.o.goroutines(), t.o.Size)
	var merges merges
	err := m.run(ctx, func() bool { return len(t.model.Tokens) < t.o.Size }, func(pair key, count int64) int32 {
		id := t.token(t.model.Tokens[pair.left()] + strings.TrimPrefix(t.model.Tokens[pair.right()], follows))
		if int(id) == len(m.lengths) {
			m.lengths = append(m.lengths, m.lengths[pair.left()]+m.lengths[pair.right()])
		}
		merges.add(Merge{pair.left(), pair.right(), id, count})
		return id
	})
	t.merger = merger[uint32]{}
	if err != nil {
		return nil, err
	}
	t.model.Merges = merges.list()
	return &t.model, nil
}

// alphabet makes tokens of the most frequent characters, in their order, and behind them of those of them that follow others.
func (t *WordPieceTrainer) alphabet() {
	kept := slices.Clone(t.list)
	slices.SortFunc(kept, func(a, b *letter) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.r, b.r)) })
	if t.o.Alphabet > 0 && len(kept) > t.o.Alphabet {
		kept = kept[:t.o.Alphabet]
	}
	for _, l := range t.list {
		l.ids = [2]int32{-1, -1}
	}
	slices.SortFunc(kept, func(a, b *letter) int { return cmp.Compare(a.r, b.r) })
	for _, l := range kept {
		l.ids[0] = t.token(string(l.r))
	}
	kept = slices.DeleteFunc(kept, func(l *letter) bool { return !l.follows })
	t.order(kept)
	for _, l := range kept {
		l.ids[1] = t.token(follows + string(l.r))
	}
}

// spell writes the words in ids. Characters that are no tokens are left out.
func (t *WordPieceTrainer) spell() {
	w := &t.merger.words
	for i := range w.segments {
		w.each(&w.segments[i], func(_ uint32, ids []uint32, _ int64) {
			to := 0
			for j, number := range ids {
				if id := t.list[number].ids[min(j, 1)]; id >= 0 {
					ids[to] = uint32(id)
					to++
				}
			}
			if to == len(ids) {
				return
			}
			ids[to] = special[uint32](end)
			for j := to + 1; j < len(ids); j++ {
				ids[j] = special[uint32](hole)
			}
			ids[:len(ids)+1][len(ids)] = special[uint32](hole)
		})
	}
	t.letters, t.list = nil, nil
}

// WordPiece is what was trained.
type WordPiece struct {
	Tokens    []string // by id, those that follow others in a word with ## before them
	Special   int      // how many are special or reserved: those with the first ids
	Merges    []Merge  // how tokens came about: WordPiece does not need them
	unknown   string
	lowercase bool
}

// normalizer is what makes texts what words are looked for in.
func normalizer(lowercase bool) object {
	return object{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": lowercase}
}

// WriteJSON writes a tokenizer.json, which tokenizers, transformers (PreTrainedTokenizerFast) and package wordpiece read. The same model makes the
// same bytes.
func (m *WordPiece) WriteJSON(w io.Writer) error {
	var special [][]byte
	for _, token := range m.Tokens[:m.Special] {
		special = append(special, []byte(token))
	}
	f := newFile(w)
	f.head(special, normalizer(m.lowercase), object{"type": "BertPreTokenizer"})
	f.field("post_processor", nil)
	f.field("decoder", object{"type": "WordPiece", "prefix": follows, "cleanup": true})
	f.write(`  "model": {"type": "WordPiece", "unk_token": ` + f.text(m.unknown) + `, "continuing_subword_prefix": ` + f.text(follows))
	f.write(fmt.Sprintf(`, "max_input_chars_per_word": %d, "vocab": {`, mostCharacters))
	for id, token := range m.Tokens {
		f.item(id, f.text(token)+": "+f.text(id))
	}
	f.write("\n  }}\n}\n")
	return f.close()
}

// Words makes what cuts texts into the words of a WordPiece, for one goroutine: what is between white space, punctuation and Han characters, which
// are words each by itself. It calls each with them, which are valid during the call.
func Words(lowercase bool) func(text []byte, each func(word []byte)) {
	var b bytes.Buffer
	f := newFile(&b)
	f.head(nil, normalizer(lowercase), object{"type": "BertPreTokenizer"})
	f.write(`  "model": {"type": "WordPiece"}}`)
	if err := f.close(); err != nil {
		panic(err) // it is written into memory
	}
	file, err := tokenjson.Read(b.Bytes())
	if err != nil {
		panic(err)
	}
	front, err := file.Front()
	if err != nil {
		panic(err)
	}
	w := front.Walker()
	return func(text []byte, each func(word []byte)) { w.Walk(text, func(int32) {}, each) }
}
