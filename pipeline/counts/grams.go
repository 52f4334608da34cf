package counts

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// LeastGram and MostGram are the lengths of n-grams, in characters. MostLetter is the highest code point that stands in one: beyond there are only variation selectors.
const (
	LeastGram  = 2
	MostGram   = 5
	MostLetter = mostLetters - 1
)

// Grams counts the n-grams of one length, of three characters or more, of the documents of a task, and leaves them in work files as a Collector does. An n-gram is n code points
// that follow each other, all of them letters or marks (the general categories L and M of Unicode) up to MostLetter, as ideographs are: none reaches over a blank, a
// digit or a sign. It is used by one goroutine.
type Grams struct {
	runs
	n       int
	letters *letters
	cells   []cell
	used    int
	most    int    // of used, at which what was counted is written
	shift   uint   // of a hash, to the number of a cell
	factor  uint64 // of hashes: random, against texts that are made to collide
	low     uint64 // the bits that a key of n letters has
	high    uint32
	// An occurrence adds one to a cell's count, so it cannot overflow before what was counted is written, but for a document of 2 GiB.
	occurrences uint32
	document    uint32
	block       [gramBlock]gram
	places      [gramBlock]uint32
}

// Share has n-grams of another length, of the same goroutine, use the same memory when they are written.
func (g *Grams) Share(with *Grams) { g.scratch = with.scratch }

// gram is the letters of an n-gram, the last one lowest.
type gram struct {
	low  uint64
	high uint32
}

// cell counts an n-gram. It is free if count is 0.
type cell struct {
	low                    uint64
	high                   uint32
	count, documents, last uint32
}

const (
	letterBits  = 18 // of a letter: there are none beyond plane 3
	mostLetters = 1 << letterBits

	leastCells = 1 << 12
	mostCells  = 1 << 20 // 24 MiB
	gramMargin = 1 << 16 // that a document may bring without more cells
	mostCount  = 1 << 31

	// gramBlock is how many n-grams are looked up at once: the cells of all of them are asked for before the first one is needed.
	gramBlock = 128
)

// letters has a bit for every code point that is a letter or a mark.
type letters [mostLetters / 64]uint64

var loadLetters = sync.OnceValue(func() *letters {
	l := new(letters)
	for r := range rune(mostLetters) {
		if unicode.In(r, unicode.L, unicode.M) {
			l[r/64] |= 1 << (r % 64)
		}
	}
	return l
})

// loadNoRanks has unranked for every letter, 0 for others.
var loadNoRanks = sync.OnceValue(func() *[mostLetters]uint16 {
	ranks, all := new([mostLetters]uint16), loadLetters()
	for r := range ranks {
		if all.has(uint32(r)) {
			ranks[r] = unranked
		}
	}
	return ranks
})

func (l *letters) has(r uint32) bool { return r < mostLetters && l[r/64]>>(r%64)&1 != 0 }

// NewGrams begins the work files of a task, as NewCollector does. n is from 3 to MostGram: of two there is a PairCounter.
func NewGrams(ctx context.Context, job *pipeline.Job, prefix string, task, n int) *Grams {
	g := &Grams{
		runs: runs{ctx: ctx, job: job, prefix: prefix, task: task, scratch: new(scratch)}, n: n, letters: loadLetters(), most: mostCells*2/3 - gramMargin, factor: rand.Uint64() | 1,
	}
	low := min(n*letterBits, 64)
	g.low, g.high = ^uint64(0)>>(64-low), uint32(1)<<(n*letterBits-low)-1
	g.room(leastCells)
	return g
}

// room makes cells, all of them free.
func (g *Grams) room(cells int) {
	g.cells, g.shift = make([]cell, cells), 64
	for ; cells > 1; cells /= 2 {
		g.shift--
	}
}

// Document counts the n-grams of the next document, which is valid UTF-8.
func (g *Grams) Document(text []byte) error {
	if g.used > g.most || g.occurrences > mostCount-uint32(min(len(text), mostCount)) {
		if err := g.flush(); err != nil {
			return err
		}
	}
	g.document++
	k, run, block := gram{}, 0, 0
	for i := 0; i < len(text); {
		var r uint32
		switch b := text[i]; {
		case b < utf8.RuneSelf:
			r = uint32(b)
			i++
		case b >= 0xe0 && b < 0xf0 && i+2 < len(text):
			r = uint32(b&0x0f)<<12 | uint32(text[i+1]&0x3f)<<6 | uint32(text[i+2]&0x3f)
			i += 3
		default:
			c, size := utf8.DecodeRune(text[i:])
			r = uint32(c)
			i += size
		}
		if !g.letters.has(r) {
			run = 0
			continue
		}
		k.high = (k.high<<letterBits | uint32(k.low>>(64-letterBits))) & g.high
		k.low = (k.low<<letterBits | uint64(r)) & g.low
		if run++; run < g.n {
			continue
		}
		g.block[block] = k
		if block++; block == gramBlock {
			g.add(g.block[:])
			block = 0
		}
	}
	g.add(g.block[:block])
	return nil
}

func (g *Grams) place(k *gram) uint32 {
	return uint32((k.low ^ uint64(k.high)*0x9e3779b97f4a7c15) * g.factor >> g.shift)
}

// add counts n-grams of the document.
func (g *Grams) add(list []gram) {
	if 3*(g.used+len(list)) > 2*len(g.cells) {
		g.grow()
	}
	g.occurrences += uint32(len(list))
	touched := uint32(0)
	for i := range list {
		at := g.place(&list[i])
		g.places[i] = at
		touched |= g.cells[at].count // which has the cells loaded side by side
	}
	_ = touched
	mask := uint32(len(g.cells) - 1)
	for i := range list {
		k := &list[i]
		at := g.places[i]
		for {
			c := &g.cells[at]
			if c.low == k.low && c.high == k.high && c.count > 0 {
				c.count++
				fresh := uint32(0)
				if c.last != g.document {
					fresh = 1
				}
				c.documents += fresh
				c.last = g.document
				break
			}
			if c.count == 0 {
				*c = cell{k.low, k.high, 1, 1, g.document}
				g.used++
				break
			}
			at = (at + 1) & mask
		}
	}
}

func (g *Grams) grow() {
	old := g.cells
	g.room(2 * len(old))
	mask := uint32(len(g.cells) - 1)
	for i := range old {
		c := &old[i]
		if c.count == 0 {
			continue
		}
		at := g.place(&gram{c.low, c.high})
		for g.cells[at].count > 0 {
			at = (at + 1) & mask
		}
		g.cells[at] = *c
	}
}

// letter is the k-th letter from the end.
func (c *cell) letter(k int) rune {
	shift := k * letterBits
	if shift >= 64 {
		return rune(c.high >> (shift - 64) & (mostLetters - 1))
	}
	return rune((c.low>>shift | uint64(c.high)<<(64-shift)) & (mostLetters - 1))
}

// flush writes what was counted.
func (g *Grams) flush() error {
	write := g.tokens
	if g.n <= MostNumbered {
		write = g.numbers
	}
	if err := write(); err != nil {
		return err
	}
	g.used, g.occurrences, g.document = 0, 0, 0
	if len(g.cells) > 2*mostCells {
		g.room(leastCells)
	} else {
		clear(g.cells)
	}
	return nil
}

// numbers writes n-grams that are numbers.
func (g *Grams) numbers() (err error) {
	out, err := pipeline.CreateWork(g.ctx, g.job, g.name())
	if err != nil {
		return err
	}
	w := newGramWriter(out, g.n)
	defer func() { err = errors.Join(err, w.Close()) }()
	sorter := &g.scratch.grams
	list := slices.Grow(sorter.Items[:0], g.used)
	for i := range g.cells {
		if c := &g.cells[i]; c.count > 0 {
			list = append(list, sorted.Item[gramCount]{Key: GramKey(g.n, c.low), Value: gramCount{c.count, c.documents}})
		}
	}
	sorter.Items = list
	sorter.Sort()
	for _, i := range sorter.Items {
		if err := w.Add(i.Key, int64(i.Value.count), int64(i.Value.documents)); err != nil {
			return err
		}
	}
	o, err := w.Commit()
	g.outputs = append(g.outputs, o)
	return err
}

// tokens writes others.
func (g *Grams) tokens() error {
	w := g.scratch
	w.entries, w.arena = slices.Grow(w.entries[:0], g.used), w.arena[:0]
	for i := range g.cells {
		c := &g.cells[i]
		if c.count == 0 {
			continue
		}
		at := len(w.arena)
		for k := g.n - 1; k >= 0; k-- {
			w.arena = utf8.AppendRune(w.arena, c.letter(k))
		}
		w.entries = append(w.entries, entry{count: int64(c.count), at: uint32(at), documents: c.documents, size: uint16(len(w.arena) - at)})
	}
	return g.write(w.entries, w.arena)
}

// Commit writes what is left, and returns the files.
func (g *Grams) Commit() ([]pipeline.Output, error) {
	if g.occurrences > 0 || len(g.outputs) == 0 {
		if err := g.flush(); err != nil {
			return nil, err
		}
	}
	return g.outputs, nil
}

// Close forgets what was not written. Files that were written stay until the job is over, or the task is done again.
func (g *Grams) Close() error {
	g.cells = nil
	return nil
}
