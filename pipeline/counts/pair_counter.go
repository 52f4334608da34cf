package counts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/text/block"
)

const (
	// leastRanks and mostRanks are how many letters have a row and a column of their own in a flat table, with the one of what is no letter: at first, and at most.
	leastRanks = 1 << 8
	mostRanks  = 1 << 11
	// unranked is the rank of a letter that has none, less one for each time that it occurred; with commonTimes of them it gets one, if there is one left: the
	// first letters that there are take it from many that are more frequent.
	unranked    = 1<<16 - 1
	commonTimes = 16

	// A cell of the flat table has its count, above it how many documents that was in, and above them the number of the last one. With the highest bit of either set, both
	// go to a cell with open addresses.
	documentOne       = 1 << 8
	documentShift     = 16
	countBits         = 1<<documentShift - 1
	flatFull          = documentOne>>1 | documentOne>>1<<8
	mostFlatDocuments = 1<<(32-documentShift) - 1 // that a cell tells apart
	mostDocuments     = 1<<(64-2*letterBits) - 1

	// unitsRoom is how many characters are decoded at once: they stay in the nearest cache.
	unitsRoom = 1 << 10

	// worthOccurrences are the bytes of text for each cell of a wider table that make it worth its price.
	worthOccurrences = 2
)

// PairCounter counts the 2-grams of the documents of a task, as Grams does longer ones, and leaves them in work files of numbers.
//
// Frequent letters have ranks. Their pairs are counted in a flat table of 16 MiB at most, the frequent part of which stays in the
// cache. What is no letter has the rank 0, so that nothing has to be asked of most pairs: those with it are counted for nobody. Pairs of other letters are
// counted in cells with open addresses, as are those of letters that had no rank yet: a letter gets it between two documents, so that no document counts a pair in
// both. It is used by one goroutine.
type PairCounter struct {
	ctx     context.Context // of the task
	job     *pipeline.Job
	prefix  string
	task    int
	outputs []pipeline.Output

	ranks     [mostLetters]uint16
	letters   []rune // by rank
	rankShift uint
	common    []uint32 // letters that are to have a rank
	// flat has the pairs of ranks, the left one's row behind the other.
	flat     []uint32
	document uint32 // since settle

	// Characters are counted some at a time: left is the one before them, flatPlaces are where the pairs that end in each of them are counted, and unrankedAt are the
	// numbers of those without a rank.
	units      [unitsRoom]uint16
	decoded    [unitsRoom / 2]uint32
	left       uint32
	flatPlaces [unitsRoom]uint32
	unrankedAt [unitsRoom]uint16

	cells       []pairCell
	used, most  int
	shift       uint              // of a hash, to the number of a cell
	factor      uint64            // of hashes: random, against texts that are made to collide
	documentAll uint64            // since flush
	occurrences uint32            // so that no count overflows before what was counted is written, but for a document of 2 GiB
	block       [gramBlock]uint64 // pairs of a document that have no place in the flat table, of which others are there
	others      int
	places      [gramBlock]uint32
	sorter      sorted.Sorter[gramCount]
	byLeft      []uint32 // of letters, to write them
	byRight     []uint32
}

// pairCell counts a pair. It is free if count is 0.
type pairCell struct {
	pair             uint64 // its code, and above it the number of the last document
	count, documents uint32
}

// gramCount is what a cell counted.
type gramCount struct{ count, documents uint32 }

const pairBits = 1<<(2*letterBits) - 1

// NewPairCounter begins the work files of a task, as NewCollector does.
func NewPairCounter(ctx context.Context, job *pipeline.Job, prefix string, task int) *PairCounter {
	c := &PairCounter{ctx: ctx, job: job, prefix: prefix, task: task, most: mostCells*2/3 - gramMargin, factor: rand.Uint64() | 1}
	c.room(leastCells)
	c.begin()
	return c
}

// begin ranks no letter.
func (c *PairCounter) begin() {
	c.ranks = *loadNoRanks()
	c.letters, c.common = append(c.letters[:0], 0), c.common[:0]
	if c.flat == nil {
		c.flat, c.rankShift = make([]uint32, leastRanks*leastRanks), 8
	}
	c.document, c.documentAll, c.occurrences = 0, 0, 0
}

// seen is for each occurrence of a letter that has no rank.
func (c *PairCounter) seen(r uint32) {
	if c.ranks[r] == unranked-commonTimes || len(c.letters) == mostRanks {
		return
	}
	if c.ranks[r]--; c.ranks[r] == unranked-commonTimes {
		c.common = append(c.common, r)
	}
}

// rank gives the letters that have turned out to be frequent their ranks, as long as there are some.
func (c *PairCounter) rank() {
	ranked := 0
	for _, r := range c.common {
		n := len(c.letters)
		if n == mostRanks {
			break
		}
		if n == 1<<c.rankShift {
			if int(c.occurrences) < worthOccurrences*4*len(c.flat) {
				break
			}
			c.flat = widened(c.flat, n)
			c.rankShift++
		}
		c.letters = append(c.letters, rune(r))
		c.ranks[r] = uint16(n)
		ranked++
	}
	c.common = slices.Delete(c.common, 0, ranked)
}

// widened is a table of n rows with twice the rows and columns.
func widened(table []uint32, n int) []uint32 {
	wide := make([]uint32, 4*n*n)
	for row := range n {
		copy(wide[row*2*n:], table[row*n:][:n])
	}
	return wide
}

// Document counts the pairs of the next document, which is valid UTF-8.
func (c *PairCounter) Document(text []byte) error {
	if c.used > c.most || c.occurrences > mostCount-uint32(min(len(text), mostCount)) || c.documentAll == mostDocuments {
		if err := c.flush(); err != nil {
			return err
		}
		c.forget()
	}
	if c.document == mostFlatDocuments {
		c.settle()
	}
	c.document++
	c.documentAll++
	c.occurrences += uint32(len(text))
	c.left = 0 // as if behind something that is no letter
	for i := 0; i < len(text); {
		units, read := block.Units(c.units[:], text[i:])
		if read > 0 {
			countPairs(c, c.units[:units])
		} else {
			letters := 0
			letters, read = decode(c.decoded[:], text[i:])
			countPairs(c, c.decoded[:letters])
		}
		i += read
	}
	c.add(c.block[:c.others])
	c.others = 0
	if len(c.common) > 0 {
		c.rank()
	}
	return nil
}

// decode fills letters with the characters that text begins with, and returns how many there are, of how many bytes. One beyond
// mostLetters, which is no letter, becomes 0.
func decode(letters []uint32, text []byte) (n, read int) {
	for ; n < len(letters) && read < len(text); n++ {
		switch b := text[read]; {
		case b >= 0xe0 && b < 0xf0 && read+2 < len(text):
			letters[n] = uint32(b&0x0f)<<12 | uint32(text[read+1]&0x3f)<<6 | uint32(text[read+2]&0x3f)
			read += 3
		case b < utf8.RuneSelf:
			letters[n] = uint32(b)
			read++
		default:
			letter, size := utf8.DecodeRune(text[read:])
			if letters[n] = uint32(letter); letter >= mostLetters {
				letters[n] = 0
			}
			read += size
		}
	}
	return n, read
}

// countPairs counts the pairs of letters with the ones before them, at most unitsRoom. First it finds out where each pair is counted, and then it counts: a loop so
// short has many cells on their way from a far cache at once. A letter without a rank is no letter to both, and its pairs are counted behind them.
func countPairs[L uint16 | uint32](c *PairCounter, letters []L) {
	flat, rankShift, document := c.flat, c.rankShift&31, c.document
	places, unrankedAt := c.flatPlaces[:len(letters)], &c.unrankedAt
	before := uint32(c.ranks[c.left])
	left, n := before, uint(0)
	if left >= mostRanks {
		left = 0
	}
	for i, letter := range letters {
		right := uint32(c.ranks[uint32(letter)%mostLetters])
		unrankedAt[n%unitsRoom] = uint16(i)
		isUnranked := (mostRanks - 1 - right) >> 31
		n += uint(isUnranked)
		right &= isUnranked - 1
		places[i] = left<<rankShift | right
		left = right
	}
	last := document << documentShift
	for _, place := range places {
		cell := &flat[place]
		n := *cell&countBits + 1
		if *cell>>documentShift != document {
			n += documentOne
		}
		*cell = n | last
		if n&flatFull != 0 {
			*cell = last
			if left, right := place>>rankShift, place&(1<<rankShift-1); left != 0 && right != 0 {
				c.carry(uint64(c.letters[left])<<letterBits|uint64(c.letters[right]), n)
			}
		}
	}
	if letter := uint32(letters[0]); before >= mostRanks && c.ranked(letter) {
		c.other(c.left, letter)
	}
	for _, i := range unrankedAt[:n] {
		letter, left := uint32(letters[i]), c.left
		if i > 0 {
			left = uint32(letters[i-1])
		}
		if c.ranks[left] != 0 {
			c.other(left, letter)
		}
		if int(i)+1 < len(letters) {
			if right := uint32(letters[i+1]); c.ranked(right) {
				c.other(letter, right)
			}
		}
		c.seen(letter)
	}
	c.left = uint32(letters[len(letters)-1])
}

// ranked says whether a letter has a rank, and is one.
func (c *PairCounter) ranked(letter uint32) bool { return c.ranks[letter]-1 < mostRanks-1 }

// other is for a pair that has no place in the flat table.
func (c *PairCounter) other(left, right uint32) {
	c.block[c.others] = uint64(left)<<letterBits | uint64(right)
	if c.others++; c.others == gramBlock {
		c.add(c.block[:])
		c.others = 0
	}
}

// settle has the flat table begin to tell documents apart from 1 on.
func (c *PairCounter) settle() {
	for i, n := range c.flat {
		c.flat[i] = n & countBits
	}
	c.document = 0
}

// room makes cells, all of them free.
func (c *PairCounter) room(cells int) {
	c.cells, c.shift = make([]pairCell, cells), 64
	for ; cells > 1; cells /= 2 {
		c.shift--
	}
}

func (c *PairCounter) place(pair uint64) uint32 { return uint32(pair * c.factor >> (c.shift & 63)) }

// add counts pairs of the document in cells.
func (c *PairCounter) add(list []uint64) {
	if 3*(c.used+len(list)) > 2*len(c.cells) {
		c.grow()
	}
	touched := uint32(0)
	for i, pair := range list {
		at := c.place(pair)
		c.places[i] = at
		touched |= c.cells[at].count // which has the cells loaded side by side
	}
	_ = touched
	mask, last := uint32(len(c.cells)-1), c.documentAll<<(2*letterBits)
	for i, pair := range list {
		for at := c.places[i]; ; at = (at + 1) & mask {
			cell := &c.cells[at]
			if cell.count == 0 {
				*cell = pairCell{pair | last, 1, 1}
				c.used++
				break
			}
			if cell.pair&pairBits == pair {
				cell.count++
				if cell.pair != pair|last {
					cell.documents++
					cell.pair = pair | last
				}
				break
			}
		}
	}
}

// carry adds what a cell of the flat table has to the cell of a pair.
func (c *PairCounter) carry(pair uint64, n uint32) {
	if 3*(c.used+1) > 2*len(c.cells) {
		c.grow()
	}
	cell := c.cell(pair)
	if cell.count == 0 {
		cell.pair = pair
		c.used++
	}
	cell.count += n % documentOne
	cell.documents += n / documentOne % documentOne
}

// cell is the cell of a pair, or the free one that it gets.
func (c *PairCounter) cell(pair uint64) *pairCell {
	mask := uint32(len(c.cells) - 1)
	for at := c.place(pair); ; at = (at + 1) & mask {
		if cell := &c.cells[at]; cell.count == 0 || cell.pair&pairBits == pair {
			return cell
		}
	}
}

func (c *PairCounter) grow() {
	old := c.cells
	c.room(2 * len(old))
	for _, cell := range old {
		if cell.count > 0 {
			*c.cell(cell.pair & pairBits) = cell
		}
	}
}

// flush writes what was counted.
func (c *PairCounter) flush() (err error) {
	out, err := pipeline.CreateWork(c.ctx, c.job, fmt.Sprintf("%s%06d-%04d.counts", c.prefix, c.task, len(c.outputs)))
	if err != nil {
		return err
	}
	w := newGramWriter(out, 2)
	defer func() { err = errors.Join(err, w.Close()) }()
	list := c.sorter.Items[:0]
	for at := range c.cells {
		if cell := &c.cells[at]; cell.count > 0 {
			list = append(list, sorted.Item[gramCount]{Key: GramKey(2, cell.pair&pairBits), Value: gramCount{cell.count, cell.documents}})
		}
	}
	c.sorter.Items = list
	c.sorter.Sort()
	list = c.sorter.Items
	upTo := func(key uint64) error { // writes those of cells
		n := 0
		for ; n < len(list) && list[n].Key < key; n++ {
			if err := w.Add(list[n].Key, int64(list[n].Value.count), int64(list[n].Value.documents)); err != nil {
				return err
			}
		}
		list = list[n:]
		return nil
	}
	c.order()
	for _, left := range c.byLeft {
		row := int(left) << c.rankShift
		base := GramKey(2, codeOf(c.letters[left], 0))
		for _, right := range c.byRight {
			at := row | int(right)
			n := c.flat[at] & countBits
			if n == 0 {
				continue
			}
			key := base | uint64(c.letters[right])<<keyShift(2)
			if len(list) > 0 && list[0].Key < key {
				if err := upTo(key); err != nil {
					return err
				}
			}
			count, documents := int64(n%documentOne), int64(n/documentOne%documentOne)
			if len(list) > 0 && list[0].Key == key { // from when one of the letters had no rank
				count, documents = count+int64(list[0].Value.count), documents+int64(list[0].Value.documents)
				list = list[1:]
			}
			if err := w.Add(key, count, documents); err != nil {
				return err
			}
		}
	}
	if err := upTo(^uint64(0)); err != nil {
		return err
	}
	o, err := w.Commit()
	c.outputs = append(c.outputs, o)
	return err
}

// order puts the ranks of letters in the order of pairs.
func (c *PairCounter) order() {
	c.byLeft = c.byLeft[:0]
	for n := 1; n < len(c.letters); n++ {
		c.byLeft = append(c.byLeft, uint32(n))
	}
	c.byRight = append(c.byRight[:0], c.byLeft...)
	slices.SortFunc(c.byLeft, func(a, b uint32) int { return cmp.Compare(mixed(uint32(c.letters[a])), mixed(uint32(c.letters[b]))) })
	slices.SortFunc(c.byRight, func(a, b uint32) int { return cmp.Compare(c.letters[a], c.letters[b]) })
}

// forget begins anew.
func (c *PairCounter) forget() {
	clear(c.flat)
	if c.used = 0; len(c.cells) > 2*mostCells {
		c.room(leastCells)
	} else {
		clear(c.cells)
	}
	c.begin()
}

// Commit writes what is left, and returns the files.
func (c *PairCounter) Commit() ([]pipeline.Output, error) {
	if c.documentAll > 0 || len(c.outputs) == 0 {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	return c.outputs, nil
}

// Close forgets what was not written. Files that were written stay until the job is over, or the task is done again.
func (c *PairCounter) Close() error {
	c.flat, c.cells = nil, nil
	return nil
}
