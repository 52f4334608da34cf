package zstdfast

import "slices"

// maxCodeBits is the longest Huffman code (RFC 8878, 4.2.1).
const maxCodeBits = 11

// huffCode is a code in the low bits, and its length in the high byte.
type huffCode uint32

// huffman builds and holds the codes of the literals of a block.
type huffman struct {
	codes [256]huffCode
	bits  [256]uint8
	order [256]uint32 // count << 8 | symbol, sorted
	nodes [512]uint32
	up    [512]uint16
	depth [512]uint8
}

// build makes codes for the symbols that occur, at least two, and returns the bits of the longest.
func (h *huffman) build(count *[256]uint32) (longest uint) {
	n := 0
	for s, c := range count {
		if c > 0 {
			h.order[n] = c<<8 | uint32(s)
			n++
		}
	}
	order := h.order[:n]
	slices.Sort(order)
	// Two queues: the leaves by count, and the inner nodes, which come into being in the order of their counts.
	const never = 1 << 31
	for i, o := range order {
		h.nodes[i] = o >> 8
	}
	leaf, inner := 0, n
	for next := n; next < 2*n-1; next++ {
		h.nodes[next] = 0
		for range 2 {
			l, i := uint32(never), uint32(never)
			if leaf < n {
				l = h.nodes[leaf]
			}
			if inner < next {
				i = h.nodes[inner]
			}
			if l <= i {
				h.nodes[next] += l
				h.up[leaf] = uint16(next)
				leaf++
			} else {
				h.nodes[next] += i
				h.up[inner] = uint16(next)
				inner++
			}
		}
	}
	var lengths [maxCodeBits + 2]int
	over := 0
	h.depth[2*n-2] = 0
	for i := 2*n - 3; i >= 0; i-- {
		d := h.depth[h.up[i]] + 1
		h.depth[i] = d
		if i < n {
			if d > maxCodeBits {
				over++
				d = maxCodeBits
			}
			lengths[d]++
		}
	}
	if over > 0 {
		limit(&lengths)
	}
	h.bits = [256]uint8{}
	i := 0
	for length := maxCodeBits; length > 0; length-- {
		for range lengths[length] {
			h.bits[uint8(order[i])] = uint8(length)
			i++
		}
		if lengths[length] > 0 && longest == 0 {
			longest = uint(length)
		}
	}
	h.assign(&lengths, longest)
	return longest
}

// limit makes lengths that were cut down to maxCodeBits a code again: what is too much of the longest codes is paid by the rarest of the
// shorter ones.
func limit(lengths *[maxCodeBits + 2]int) {
	sum := 0 // of shares of 1 << maxCodeBits
	for length := 1; length <= maxCodeBits; length++ {
		sum += lengths[length] << (maxCodeBits - length)
	}
	for sum > 1<<maxCodeBits {
		length := maxCodeBits - 1
		for lengths[length] == 0 {
			length--
		}
		lengths[length]--
		lengths[length+1]++
		sum -= 1 << (maxCodeBits - length - 1)
	}
	for length := maxCodeBits; sum < 1<<maxCodeBits; { // the last one took too much
		if lengths[length] > 0 && sum+1<<(maxCodeBits-length) <= 1<<maxCodeBits {
			lengths[length]--
			lengths[length-1]++
			sum += 1 << (maxCodeBits - length)
			continue
		}
		length--
	}
}

// assign numbers the codes: the longest first, among equals by symbol.
func (h *huffman) assign(lengths *[maxCodeBits + 2]int, longest uint) {
	var next [maxCodeBits + 1]uint32
	code := uint32(0)
	for length := longest; length > 0; length-- {
		next[length] = code
		code = (code + uint32(lengths[length])) >> 1
	}
	for s, length := range h.bits {
		h.codes[s] = huffCode(uint32(length)<<24 | next[length])
		if length > 0 {
			next[length]++
		}
	}
}

// size is how many bits the counted symbols take.
func (h *huffman) size(count *[256]uint32) (bits int) {
	for s, c := range count {
		bits += int(c) * int(h.bits[s])
	}
	return bits
}

// appendTree writes the weights of the codes (RFC 8878, 4.2.1). It reports whether they can be written. buf must have 256 bytes of room behind at.
func (h *huffman) appendTree(buf []byte, at int, longest uint) (int, bool) {
	last := 255
	for h.bits[last] == 0 {
		last--
	}
	var weights [256]uint8 // that of the last symbol follows from the others
	var count [maxCodeBits + 2]uint32
	for s := range last {
		if h.bits[s] > 0 {
			weights[s] = uint8(longest) + 1 - h.bits[s]
		}
		count[weights[s]]++
	}
	end, ok := appendWeights(buf, at+1, weights[:last], &count)
	if ok && (last > 128 || end-at-1 < (last+1)/2) {
		buf[at] = uint8(end - at - 1)
		return end, true
	}
	if last > 128 {
		return at, false
	}
	buf[at] = uint8(127 + last)
	at++
	for s := 0; s < last; s += 2 {
		buf[at] = weights[s]<<4 | weights[s+1]
		at++
	}
	return at, true
}

// appendWeights writes weights by finite state entropy with two states in turn. It reports whether that is possible.
func appendWeights(buf []byte, at int, weights []uint8, count *[maxCodeBits + 2]uint32) (int, bool) {
	n := 0
	for w := range count {
		if int(count[w]) == len(weights) {
			return at, false // one symbol
		}
		if count[w] > 0 {
			n = w + 1
		}
	}
	if len(weights) < 2 {
		return at, false
	}
	log := min(6, max(5, log2(uint32(len(weights)))))
	var norm [maxCodeBits + 3]int16
	normalize(norm[:n], count[:n], uint32(len(weights)), log)
	var t fseTable
	t.build(norm[:n], log)
	start := at
	w := bitWriter{at: appendNorm(buf, at, norm[:], log)}
	var state [2]uint
	i := len(weights) - 1
	state[i&1] = t.start(weights[i])
	i--
	state[i&1] = t.start(weights[i])
	for i--; i >= 0; i-- {
		tr, s := t.symbols[weights[i]], state[i&1]
		out := (s + uint(uint32(tr))) >> 16
		w = w.add(uint64(s&(1<<out-1)), out).flush(buf)
		state[i&1] = uint(t.states[int(s>>out)+int(int32(tr>>32))])
	}
	w = w.add(uint64(state[1]&(1<<log-1)), log).flush(buf)
	w = w.add(uint64(state[0]&(1<<log-1)), log)
	at = w.end(buf)
	return at, at-start < 128
}

// appendStream writes the codes of lits as one stream, which is read backwards. buf must have room for them and eight bytes.
func (h *huffman) appendStream(buf []byte, at int, lits []byte) int {
	w := bitWriter{at: at}
	codes := &h.codes
	i := len(lits)
	for ; i&3 != 0; i-- {
		c := codes[lits[i-1]]
		w = w.add(uint64(c&0xffffff), uint(c>>24))
	}
	for ; i > 0; i -= 4 {
		w = w.flush(buf)
		v := load32(lits, i-4)
		a, b, c, d := codes[uint8(v>>24)], codes[uint8(v>>16)], codes[uint8(v>>8)], codes[uint8(v)]
		la, lb, lc, ld := uint(a>>24), uint(b>>24), uint(c>>24), uint(d>>24)
		ab := uint64(a&0xffffff) | uint64(b&0xffffff)<<(la&31)
		cd := uint64(c&0xffffff) | uint64(d&0xffffff)<<(lc&31)
		w = w.add(ab|cd<<((la+lb)&63), la+lb+lc+ld)
	}
	return w.end(buf)
}
