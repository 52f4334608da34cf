package zstdfast

// Kinds of literals, in the low bits of their head (RFC 8878, 3.1.1.3.1.1).
const (
	literalsRaw        = 0
	literalsRLE        = 1
	literalsCompressed = 2
)

// minHuffman is the fewest literals that are worth codes.
const minHuffman = 64

// histogram counts bytes in four tables, so that runs of one byte do not wait for the count before.
func histogram(counts *[4][256]uint32, b []byte) (most uint32) {
	*counts = [4][256]uint32{}
	i := 0
	for ; i+8 <= len(b); i += 8 {
		v := load64(b, i)
		counts[0][uint8(v)]++
		counts[1][uint8(v>>8)]++
		counts[2][uint8(v>>16)]++
		counts[3][uint8(v>>24)]++
		counts[0][uint8(v>>32)]++
		counts[1][uint8(v>>40)]++
		counts[2][uint8(v>>48)]++
		counts[3][uint8(v>>56)]++
	}
	for ; i < len(b); i++ {
		counts[0][b[i]]++
	}
	for s := range counts[0] {
		c := counts[0][s] + counts[1][s] + counts[2][s] + counts[3][s]
		counts[0][s] = c
		most = max(most, c)
	}
	return most
}

// appendLiterals writes the literals of a block, compressed if that makes them smaller. buf must have room for them and 512 bytes.
func (e *encoder) appendLiterals(buf []byte, at int) int {
	lits := e.lits[:e.litsLen]
	n := len(lits)
	if n < minHuffman {
		return appendRaw(buf, at, lits)
	}
	most := histogram(&e.counts, lits)
	if int(most) == n {
		at = appendLiteralsHead(buf, at, literalsRLE, n)
		buf[at] = lits[0]
		return at + 1
	}
	if int(most) <= n>>7+4 { // close to evenly distributed
		return appendRaw(buf, at, lits)
	}
	longest := e.huffman.build(&e.counts[0])
	expect := e.huffman.size(&e.counts[0])>>3 + 6
	if expect+n>>6+12 >= n {
		return appendRaw(buf, at, lits)
	}
	head := 3
	if n >= 1<<14 {
		head = 5
	} else if n >= 1<<10 {
		head = 4
	}
	start := at + head
	end, ok := e.huffman.appendTree(buf, start, longest)
	if !ok {
		return appendRaw(buf, at, lits)
	}
	streams := n >= 256
	if !streams {
		end = e.huffman.appendStream(buf, end, lits)
	} else {
		part := (n + 3) / 4
		jumps := end
		end += 6
		for i := range 4 {
			from := end
			end = e.huffman.appendStream(buf, end, lits[i*part:min((i+1)*part, n)])
			if i < 3 {
				buf[jumps+2*i] = uint8(end - from)
				buf[jumps+2*i+1] = uint8((end - from) >> 8)
			}
		}
	}
	if end-start >= n {
		return appendRaw(buf, at, lits)
	}
	v := uint64(literalsCompressed)
	switch head {
	case 3:
		if streams {
			v |= 1 << 2
		}
		v |= uint64(n)<<4 | uint64(end-start)<<14
	case 4:
		v |= 2<<2 | uint64(n)<<4 | uint64(end-start)<<18
	default:
		v |= 3<<2 | uint64(n)<<4 | uint64(end-start)<<22
	}
	for i := range head {
		buf[at+i] = uint8(v >> (8 * i))
	}
	return end
}

func appendRaw(buf []byte, at int, lits []byte) int {
	at = appendLiteralsHead(buf, at, literalsRaw, len(lits))
	return at + copy(buf[at:cap(buf)], lits)
}

// appendLiteralsHead writes the head of literals that are not compressed.
func appendLiteralsHead(buf []byte, at int, kind uint8, n int) int {
	switch {
	case n < 1<<5:
		buf[at] = kind | uint8(n)<<3
		return at + 1
	case n < 1<<12:
		buf[at] = kind | 1<<2 | uint8(n)<<4
		buf[at+1] = uint8(n >> 4)
		return at + 2
	default:
		buf[at] = kind | 3<<2 | uint8(n)<<4
		buf[at+1] = uint8(n >> 4)
		buf[at+2] = uint8(n >> 12)
		return at + 3
	}
}
