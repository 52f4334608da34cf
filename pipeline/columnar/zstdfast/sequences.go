package zstdfast

// sequence is some literals and a match behind them: how far back it lies in 24 bits, its length less minMatch in 20 bits, the number of
// literals in 20 bits.
type sequence uint64

// minMatch is the shortest match that the format has.
const minMatch = 3

func makeSequence(literals, offset, length int) sequence {
	return sequence(uint64(offset) | uint64(length-minMatch)<<24 | uint64(literals)<<44)
}

const (
	offsetBits = 24
	lengthBits = 20
)

// Which table a kind of code has (RFC 8878, 3.1.1.3.2.1).
const (
	tablePredefined = 0
	tableRLE        = 1
	tableFSE        = 2
)

// Bits that follow the codes of literal lengths and match lengths, and of offsets: as many as the code says.
var (
	literalExtra = [36]uint8{16: 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	lengthExtra  = [53]uint8{32: 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
)

// Probabilities that every decoder knows (RFC 8878, 3.1.1.3.2.2).
var (
	literalNorm = [36]int16{4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1}
	lengthNorm  = [53]int16{
		1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
	}
	offsetNorm = [29]int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}
)

// minTable is the fewest sequences that are worth a table of their own.
const minTable = 64

// coder writes one kind of code.
type coder struct {
	most       uint // log of the largest table in a frame
	predefined fseTable
	counts     [2][64]uint32 // counted in turn, so that runs do not wait for the count before
	probs      [maxSymbols + 1]int16
	symbols    int // in use: the highest and one
	mode       uint8
}

func newCoder(norm []int16, log, most uint) coder {
	c := coder{most: most}
	c.predefined.build(norm, log)
	return c
}

// choose decides how n codes are written that have been counted, and makes the table.
func (c *coder) choose(n int, t *fseTable) {
	count := &c.counts[0]
	kinds, last := 0, 0
	for s := range count {
		count[s] += c.counts[1][s]
		if count[s] > 0 {
			kinds++
			last = s
		}
	}
	c.symbols = last + 1
	switch {
	case kinds == 1:
		c.mode = tableRLE
		t.single(uint8(last))
		return
	case n < minTable:
		c.mode = tablePredefined
		*t = c.predefined
		return
	}
	log := min(c.most, max(log2(uint32(n))-2, log2(uint32(kinds))+2, 5))
	normalize(c.probs[:c.symbols], count[:c.symbols], uint32(n), log)
	t.build(c.probs[:c.symbols], log)
	c.mode = tableFSE
}

// appendHead writes what a decoder must know of the table.
func (c *coder) appendHead(buf []byte, at int, t *fseTable) int {
	switch c.mode {
	case tableRLE:
		buf[at] = uint8(c.symbols - 1)
		return at + 1
	case tableFSE:
		return appendNorm(buf, at, c.probs[:], t.log)
	}
	return at
}

// literalCodes and lengthCodes are the codes of small lengths, and above bit 8 how many bits follow them; of larger ones both follow
// from the highest bit.
var literalCodes, lengthCodes = codesOf(literalExtra[:], 64), codesOf(lengthExtra[:], 128)

func codesOf(extra []uint8, below int) (codes [128]uint16) {
	v := 0
	for code, n := range extra {
		for range 1 << n {
			if v >= below {
				return codes
			}
			codes[v] = uint16(code) | uint16(n)<<8
			v++
		}
	}
	return codes
}

// encodeCodes finds the codes of all sequences and counts them. A sequence becomes the bits that follow its codes, as one number. Its
// codes of literals, offset and length go into a byte each of e.codes, from the lowest on, and the number of those bits into the fourth. The
// only earlier offset that is referred to is the last one.
func (e *encoder) encodeCodes() {
	e.literals.counts, e.offsets.counts, e.lengths.counts = [2][64]uint32{}, [2][64]uint32{}, [2][64]uint32{}
	seqs := e.seqs[:e.seqsLen]
	codes := e.codes[:len(seqs)]
	rep1 := e.rep1
	for i, s := range seqs {
		l, m, o := uint32(s>>(offsetBits+lengthBits)), uint32(s>>offsetBits)&(1<<lengthBits-1), uint32(s)&(1<<offsetBits-1)
		lc, mc := uint(literalCodes[l&127]), uint(lengthCodes[m&127])
		if l >= 64 {
			lc = log2(l)*257 + 19
		}
		if m >= 128 {
			mc = log2(m)*257 + 36
		}
		if o == rep1 && l > 0 {
			o = 1
		} else {
			rep1 = o
			o += 3
		}
		oc := log2(o)
		e.literals.counts[i&1][lc&63]++
		e.lengths.counts[i&1][mc&63]++
		e.offsets.counts[i&1][oc&63]++
		ln, mn := lc>>8&63, mc>>8&63
		l &= 1<<(ln&31) - 1
		m &= 1<<(mn&31) - 1
		o &= 1<<(oc&31) - 1
		seqs[i] = sequence(uint64(l) | uint64(m)<<ln | uint64(o)<<((ln+mn)&63))
		codes[i] = uint32(lc&63 | oc<<8 | mc&63<<16 | (ln+mn+oc)<<24)
	}
	e.rep1 = rep1
}

// sequenceBytes is the most that a sequence takes: three states and three numbers of extra bits, 26 + 52 bits.
const sequenceBytes = 11

// appendSequences writes the sequences of a block. buf must have room for sequenceBytes each and 512 bytes.
func (e *encoder) appendSequences(buf []byte, at int) int {
	n := e.seqsLen
	if n < 128 {
		buf[at] = uint8(n)
		at++
	} else { // maxSequences is less than what takes three bytes
		buf[at], buf[at+1] = uint8(n>>8)+128, uint8(n)
		at += 2
	}
	if n == 0 {
		return at
	}
	e.encodeCodes()
	e.literals.choose(n, &e.tables[0])
	e.offsets.choose(n, &e.tables[1])
	e.lengths.choose(n, &e.tables[2])
	buf[at] = e.literals.mode<<6 | e.offsets.mode<<4 | e.lengths.mode<<2
	at++
	at = e.literals.appendHead(buf, at, &e.tables[0])
	at = e.offsets.appendHead(buf, at, &e.tables[1])
	at = e.lengths.appendHead(buf, at, &e.tables[2])
	return e.appendStates(buf, at)
}

// appendStates writes the stream of sequences, which is read backwards, so the last one comes first.
func (e *encoder) appendStates(buf []byte, at int) int {
	seqs, codes, t := &e.seqs, &e.codes, &e.tables
	i := e.seqsLen - 1
	q, c := uint64(seqs[i]), codes[i]
	ls, os, ms := t[0].start(uint8(c)), t[1].start(uint8(c>>8)), t[2].start(uint8(c>>16))
	w := bitWriter{at: at}
	w = w.add(q, uint(c>>24)).flush(buf)
	for i--; i >= 0; i-- {
		c := codes[i]
		l, o, m := uint64(t[0].symbols[c&63]), uint64(t[1].symbols[c>>8&63]), uint64(t[2].symbols[c>>16&63])
		v, n := os, (os+uint(uint32(o)))>>16
		os >>= n & 63
		v -= os << (n & 63)
		os = uint(t[1].states[(os+uint(o>>32))&(1<<maxTableLog-1)])

		k := (ms + uint(uint32(m))) >> 16
		r := ms >> (k & 63)
		v += (ms - r<<(k&63)) << (n & 63)
		n += k
		ms = uint(t[2].states[(r+uint(m>>32))&(1<<maxTableLog-1)])

		k = (ls + uint(uint32(l))) >> 16
		r = ls >> (k & 63)
		v += (ls - r<<(k&63)) << (n & 63)
		n += k
		ls = uint(t[0].states[(r+uint(l>>32))&(1<<maxTableLog-1)])

		extra, k := uint64(seqs[i]), uint(c>>24)
		if n+k > 56 {
			w = w.add(uint64(v), n).flush(buf)
			v, n = 0, 0
		}
		w = w.add(uint64(v)|extra<<(n&63), n+k).flush(buf)
	}
	w = w.add(uint64(ms&(1<<t[2].log-1)), t[2].log)
	w = w.add(uint64(os&(1<<t[1].log-1)), t[1].log)
	w = w.add(uint64(ls&(1<<t[0].log-1)), t[0].log)
	return w.end(buf)
}
