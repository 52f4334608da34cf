package zstdfast

// maxTableLog is the largest accuracy of a table in a frame: that of lengths (RFC 8878, 3.1.1.3.2.1).
const maxTableLog = 9

// maxSymbols is more than any table has, and a power of two: there are 53 codes of match lengths.
const maxSymbols = 64

// transform says how a symbol moves the state: out go (state + low half) >> 16 of its low bits, and the rest plus the high half is where
// in the table the new state stands.
type transform uint64

func makeTransform(bits uint32, next int32) transform {
	return transform(bits) | transform(uint32(next))<<32
}

// fseTable encodes symbols by finite state entropy (RFC 8878, 4.1).
type fseTable struct {
	log     uint
	symbols [maxSymbols]transform
	states  [1 << maxTableLog]uint16
}

// build makes the table for probabilities of a sum of 1<<log, where -1 stands for less than one.
func (t *fseTable) build(norm []int16, log uint) {
	size := 1 << log
	t.log = log
	var cells [1 << maxTableLog]uint8
	var first [maxSymbols + 1]uint16
	high := size - 1
	for s, p := range norm {
		first[s+1] = first[s] + uint16(max(p, -p))
		if p == -1 {
			cells[high] = uint8(s)
			high--
		}
	}
	step, at := size>>1+size>>3+3, 0
	for s, p := range norm {
		for range p {
			cells[at] = uint8(s)
			at = (at + step) & (size - 1)
			for at > high {
				at = (at + step) & (size - 1)
			}
		}
	}
	for s, p := range norm {
		v := uint(max(p, -p))
		switch v {
		case 0:
			t.symbols[s] = 0 // never used
		case 1:
			t.symbols[s] = makeTransform(uint32(log)<<16-uint32(size), int32(first[s])-1)
		default:
			out := log - log2(uint32(v-1))
			t.symbols[s] = makeTransform(uint32(out)<<16-uint32(v<<out), int32(first[s])-int32(v))
		}
	}
	for i := range size {
		s := cells[i]
		t.states[first[s]] = uint16(size + i)
		first[s]++
	}
}

// single makes the table of a block whose sequences all have the one symbol: no bits go out for it.
func (t *fseTable) single(symbol uint8) {
	t.log = 0
	t.states[0] = 0
	t.symbols[symbol] = 0
}

// start returns the state that stands for a first symbol, which costs no bits.
func (t *fseTable) start(symbol uint8) uint {
	tr := t.symbols[symbol]
	if t.log == 0 {
		return 0
	}
	out := (uint32(tr) + 1<<15) >> 16
	return uint(t.states[int((out<<16-uint32(tr))>>out)+int(int32(tr>>32))])
}

// normalize makes probabilities of a sum of 1<<log out of counts, of which at least two are not zero; a symbol that occurs has at
// least one. There must be no more symbols than that sum.
func normalize(norm []int16, count []uint32, total uint32, log uint) {
	size := int32(1) << log
	rest, largest := size, 0
	for s, c := range count {
		norm[s] = 0
		if c == 0 {
			continue
		}
		p := max(1, int32((uint64(c)<<log+uint64(total)/2)/uint64(total)))
		norm[s] = int16(p)
		rest -= p
		if count[s] > count[largest] {
			largest = s
		}
	}
	if rest >= 0 || norm[largest] > int16(-2*rest) {
		norm[largest] += int16(rest)
		return
	}
	for ; rest < 0; rest++ { // many rare symbols: the probable ones pay
		most := 0
		for s, p := range norm {
			if p > norm[most] {
				most = s
			}
		}
		norm[most]--
	}
}

// appendNorm writes probabilities as the head of a table (RFC 8878, 4.1.1). buf must have 128 bytes of room behind at.
func appendNorm(buf []byte, at int, norm []int16, log uint) int {
	w := bitWriter{at: at}
	w = w.add(uint64(log-5), 4)
	remaining, threshold, width := 1<<log+1, 1<<log, log+1
	for s := 0; remaining > 1; s++ {
		zeros := 0
		p := int(norm[s])
		bound := 2*threshold - 1 - remaining
		remaining -= max(p, -p)
		v := p + 1
		if v >= threshold {
			v += bound
		}
		n := width
		if v < bound {
			n--
		}
		w = w.add(uint64(v), n).flush(buf)
		for remaining < threshold {
			width--
			threshold >>= 1
		}
		if p != 0 {
			continue
		}
		for norm[s+1] == 0 {
			zeros++
			s++
		}
		for ; zeros >= 3; zeros -= 3 {
			w = w.add(3, 2).flush(buf)
		}
		w = w.add(uint64(zeros), 2).flush(buf)
	}
	return w.at + int(w.n+7)>>3
}
