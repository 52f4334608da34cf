package unigram

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"unicode/utf8"
)

// Trainer makes a model of counted pre-tokens. It is of one goroutine.
type Trainer struct {
	o        Options
	segments segments
	total    int64 // characters
	done     bool
}

// New makes a trainer, or says all that is wrong with the options.
func New(o Options) (*Trainer, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	return &Trainer{o: o}, nil
}

// mostCharacters is how many characters all pre-tokens have at most, each as often as it is counted: a score is that times a length.
const mostCharacters = math.MaxInt64 >> 9

// mostPretoken is how many bytes a pre-token has at most.
const mostPretoken = 1 << 30

// Add counts a pre-token, as a Cutter makes them: ▁ is there for blanks. Which order they come in, and whether one comes once or in parts, makes no difference.
func (t *Trainer) Add(pretoken []byte, count int64) error {
	switch {
	case count <= 0:
		return fmt.Errorf("pre-token %.40q: the count %d is not above 0", pretoken, count)
	case !utf8.Valid(pretoken):
		return fmt.Errorf("pre-token %.40q: no valid utf-8", pretoken)
	case len(pretoken) > mostPretoken:
		return fmt.Errorf("pre-token %.40q: %d bytes: %d at most", pretoken, len(pretoken), mostPretoken)
	case bytes.IndexByte(pretoken, ' ') >= 0:
		return fmt.Errorf("pre-token %.40q: a blank, which is ▁ here", pretoken)
	case t.done:
		return errors.New("the model is trained")
	}
	n := int64(utf8.RuneCount(pretoken))
	if n > 0 && count > (mostCharacters-t.total)/n {
		return fmt.Errorf("pre-token %.40q: more than %d characters in all", pretoken, int64(mostCharacters))
	}
	t.total += n * count
	t.o.cut(pretoken, func(part []byte) { t.segments.add(part, count) })
	if len(t.segments.list) >= math.MaxInt32 {
		return errors.New("more than 2^31 different parts of pre-tokens")
	}
	return nil
}

// training is what is known while a model is made.
type training struct {
	o     *Options
	procs int
	runes []rune // of symbols: 0 is none, then the characters that are required
	freq  []int64
	extra []rune         // characters that are pieces too, without being there
	rare  map[rune]int64 // characters that are no pieces

	// Symbols of all segments, each with a 0 behind it, where each begins, and how often it is there.
	symbols []int32
	starts  []uint32
	counts  []int64
	total   int64 // characters in them

	// The pieces that there were once, what they are now, and what those of the last pass over the segments are now; nil: there was none.
	trie    *trie
	now     []int32
	pending []int32
	blocks  []spans      // those of the first segments, as many as there is room for
	room    atomic.Int64 // how many more pieces at places may be remembered
}

// Train makes the model. The trainer is used up. A model has fewer than Size tokens where the pre-tokens have no more pieces.
func (t *Trainer) Train(ctx context.Context) (*Model, error) {
	if t.done {
		return nil, errors.New("the model is trained")
	}
	t.done = true
	if t.total == 0 {
		return nil, errors.New("no pre-tokens: there is nothing to train on")
	}
	meta := t.o.meta()
	r := &training{o: &t.o, procs: t.o.Goroutines}
	if r.procs == 0 {
		r.procs = runtime.GOMAXPROCS(0)
	}
	r.alphabet(&t.segments, t.total)
	if free, n := t.o.Size-len(meta), len(r.runes)-1+len(r.extra); n > free {
		return nil, fmt.Errorf("size %d has room for %d pieces: the characters that are to be covered are %d", t.o.Size, max(free, 0), n)
	}
	if err := r.number(&t.segments); err != nil {
		return nil, err
	}
	t.segments = segments{}
	pieces, err := r.train(ctx)
	if err != nil {
		return nil, err
	}
	m := &Model{ByteFallback: t.o.ByteFallback, options: t.o}
	m.Pieces = append(meta, r.final(pieces, t.o.Size-len(meta), meta)...)
	return m, r.count(ctx, m)
}

// alphabet takes the most frequent characters until they are the wanted share of all.
func (r *training) alphabet(s *segments, total int64) {
	counts := map[rune]int64{}
	for i := range s.list {
		for _, c := range string(s.text(i)) {
			counts[c] += s.list[i].count
		}
	}
	type char struct {
		r     rune
		count int64
	}
	list := make([]char, 0, len(counts))
	for c, n := range counts {
		if c == 0 { // which a model of sentencepiece cannot have
			continue
		}
		list = append(list, char{c, n})
	}
	slices.SortFunc(list, func(a, b char) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.r, b.r)) })
	r.runes, r.freq = []rune{0}, []int64{0}
	covered := int64(0)
	for _, c := range list {
		if float64(covered)/float64(total) >= r.o.CharacterCoverage {
			break
		}
		covered += c.count
		r.runes, r.freq = append(r.runes, c.r), append(r.freq, c.count)
		delete(counts, c.r)
	}
	r.rare = counts
	if r.o.ByteFallback {
		// What <0x41> is written with: a text that has it written must not be taken for that byte (see byteScore).
		for _, c := range "<0x123456789ABCDEF>" {
			if !slices.Contains(r.runes, c) {
				r.extra = append(r.extra, c)
			}
		}
	}
}

// number writes the segments as symbols. They end where a character is that is not in the alphabet.
func (r *training) number(s *segments) error {
	s.sort()
	symbol := make(map[rune]int32, len(r.runes))
	for i, c := range r.runes[1:] {
		symbol[c] = int32(i + 1)
	}
	// How many there are.
	n, parts := 0, 0
	walk := func(f func(start bool, symbol int32, count int64)) {
		for i := range s.list {
			start := true
			for _, c := range string(s.text(i)) {
				id := symbol[c]
				if id == 0 {
					start = true
					continue
				}
				f(start, id, s.list[i].count)
				start = false
			}
		}
	}
	walk(func(start bool, _ int32, _ int64) {
		if start {
			parts++
		}
		n++
	})
	if n+parts+1 > math.MaxUint32 {
		return fmt.Errorf("%d characters in different parts of pre-tokens: 2^32 at most", n)
	}
	r.symbols = make([]int32, 0, n+parts+1)
	r.starts, r.counts = make([]uint32, 0, parts+1), make([]int64, 0, parts)
	walk(func(start bool, id int32, count int64) {
		if start {
			if len(r.symbols) > 0 {
				r.symbols = append(r.symbols, 0)
			}
			r.starts, r.counts = append(r.starts, uint32(len(r.symbols))), append(r.counts, count)
		}
		r.symbols = append(r.symbols, id)
		r.total += count
	})
	r.symbols = append(r.symbols, 0)
	r.starts = append(r.starts, uint32(len(r.symbols)))
	return nil
}

// segment are the symbols of one.
func (r *training) segment(i int) []int32 { return r.symbols[r.starts[i] : r.starts[i+1]-1] }

// text is what symbols are.
func (r *training) text(symbols []int32) string {
	text := make([]byte, 0, 3*len(symbols))
	for _, s := range symbols {
		text = utf8.AppendRune(text, r.runes[s])
	}
	return string(text)
}

// How the pieces become fewer: as sentencepiece does it.
const (
	rounds    = 2    // of expectation and maximization between prunings
	shrinking = 0.75 // of the pieces are kept
	reserve   = 1.1  // times as many as wanted are left to the end
)

func (r *training) train(ctx context.Context) (*pieces, error) {
	p, err := r.seeds(ctx)
	if err != nil {
		return nil, err
	}
	r.setTrie(p)
	wanted := int(float64(r.o.Size) * reserve)
	for {
		for range rounds {
			if err := r.expect(ctx, p); err != nil {
				return nil, err
			}
		}
		n := p.len()
		if n <= wanted {
			return p, nil
		}
		if err := r.prune(ctx, p, wanted); err != nil {
			return nil, err
		}
		if p.len() >= n {
			return p, nil
		}
	}
}

// grid is what scores are multiples of, so that sums of them are exact also in the 24 bits that sentencepiece adds with, and its cuts are those of
// other libraries.
const grid = 1024

// final takes the required characters and the best pieces. Characters without a score get one a bit below the worst, frequent ones first.
func (r *training) final(p *pieces, size int, meta []Piece) []Piece {
	type scored struct {
		text  string
		score float64
	}
	used := map[string]bool{}
	for _, m := range meta {
		used[m.Text] = true
	}
	single := make([]float64, len(r.runes))
	for i := range single {
		single[i] = math.Inf(-1)
	}
	least := 0.0
	var rest []scored
	for i := range p.len() {
		s := p.symbols(i)
		least = min(least, p.score[i])
		if len(s) == 1 {
			single[s[0]] = p.score[i]
		} else if text := r.text(s); !used[text] {
			rest = append(rest, scored{text, p.score[i]})
		}
	}
	order := func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text)) }
	slices.SortFunc(rest, order)
	var list []scored
	worse := least
	for i, c := range r.runes {
		switch {
		case i == 0 || used[string(c)]:
		case math.IsInf(single[i], -1):
			list = append(list, scored{string(c), worse})
			worse -= 1.0 / grid
		default:
			list = append(list, scored{string(c), single[i]})
		}
	}
	for _, c := range r.extra {
		list = append(list, scored{string(c), worse})
		worse -= 1.0 / grid
	}
	list = append(list, rest[:min(len(rest), max(size-len(list), 0))]...)
	for i := range list {
		list[i].score = math.Floor(float64(list[i].score*grid)+0.5) / grid
	}
	slices.SortFunc(list, order)
	out := make([]Piece, len(list))
	for i, s := range list {
		out[i] = Piece{Text: s.text, Score: float32(s.score), Type: Normal}
	}
	return out
}
