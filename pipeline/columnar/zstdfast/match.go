package zstdfast

import "math/bits"

const (
	// windowLog is how far back a match may lie: as far as a page of a table is long. It is the window of frames that are longer.
	windowLog = 20
	// tableLog is the size of the table of places: 128 KiB, which stays in a core's cache beside the page.
	tableLog = 15
	// hashMul takes six bytes to the high bits of a product: two characters of three bytes.
	hashMul = 227718039650203
	// margin is how many bytes of a block are always literals, so that eight bytes can be read at any place of a match's start.
	margin = 16
	// chunkBytes is for how many bytes candidates are looked up before they are used.
	chunkBytes = 1024
	// maxDry bounds how many chunks are passed over in data that has no matches.
	maxDry = 15
)

// match finds the sequences of src[start:end] and collects the literals. Matches may begin anywhere before. Candidates are looked up
// for a whole chunk first: these are loads that do not wait for each other, while what to do next depends on every match that is
// taken.
func (e *encoder) match(src []byte, start, end int) {
	e.seqsLen, e.litsLen = 0, 0
	s := max(start, 1) // in the table, 0 stands for none
	emitted, dry := start, 0
	for limit := end - margin; s < limit; {
		to := min(s+chunkBytes, limit)
		looked := e.look(src, s, to)
		before := emitted - e.litsLen // what matches cover
		s, emitted = e.take(src, s, to, end, emitted)
		s = max(s, looked)
		if emitted-e.litsLen-before >= chunkBytes/16 {
			dry = 0
			continue
		}
		s += dry * chunkBytes
		dry = min(dry+1, maxDry)
	}
	e.litsLen += copy(e.lits[e.litsLen:], src[emitted:end])
}

// look enters the places of src[from:to] into the table, and notes for each whether the last place that had the same hash has the same
// six bytes. Of text in three bytes a character these are the starts of characters; else every second byte, and both are entered. It
// returns the first place that is not entered.
func (e *encoder) look(src []byte, from, to int) (s int) {
	clear(e.hits[:])
	for s = from; s < to; {
		v := load64(src, s)
		entry := &e.table[v<<16*hashMul>>(64-tableLog)]
		t := *entry
		*entry = uint32(s)
		i := (s - from) & (chunkBytes - 1)
		e.found[i] = t
		var hit uint8
		if (v^load64(src, int(t)))<<16 == 0 {
			hit = 1
		}
		e.hits[i] = hit
		if v&0xc0c0f0 == 0x8080e0 {
			s += 3
		} else {
			e.table[v>>8<<16*hashMul>>(64-tableLog)] = uint32(s + 1)
			s += 2
		}
	}
	return s
}

// take makes sequences of what look found in src[from:to]; what comes before from may be a literal since emitted. It returns where it
// stopped, and up to where all is in sequences.
func (e *encoder) take(src []byte, from, to, end, emitted int) (s, emittedTo int) {
	lits, seqs := e.litsLen, e.seqsLen
	for s = from; s < to; {
		next := load64(e.hits[:], (s-from)&(chunkBytes-1))
		if next == 0 {
			s += 8
			continue
		}
		s += bits.TrailingZeros64(next) >> 3
		t := int(e.found[(s-from)&(chunkBytes-1)])
		if s-t >= 1<<windowLog {
			s++
			continue
		}
		v := load64(src, s)
		x := v ^ load64(src, t)
		length := bits.TrailingZeros64(x) >> 3
		if x == 0 {
			x = load64(src, s+8) ^ load64(src, t+8)
			length = 8 + bits.TrailingZeros64(x)>>3
			if x == 0 {
				length = 16 + matchLen(src, s+16, t+16, end)
			}
		}
		if v&0x80 == 0 && t >= 8 { // not every place was looked at: it may begin earlier
			back := min(bits.LeadingZeros64(load64(src, s-8)^load64(src, t-8))>>3, s-emitted)
			s -= back
			t -= back
			length += back
		}
		n := s - emitted
		copyLiterals(e.lits[:], lits, src, emitted, n)
		lits += n
		e.seqs[seqs] = makeSequence(n, s-t, length)
		seqs++
		s += length
		emitted = s
	}
	e.litsLen, e.seqsLen = lits, seqs
	return min(s, max(to, emitted)), emitted
}

// matchLen is how many bytes at s and t, which is less, are equal, up to the end.
func matchLen(src []byte, s, t, end int) int {
	from := s
	for s+8 <= end {
		x := load64(src, s) ^ load64(src, t)
		if x != 0 {
			return s - from + bits.TrailingZeros64(x)>>3
		}
		s += 8
		t += 8
	}
	for s < end && src[s] == src[t] {
		s++
		t++
	}
	return s - from
}

// copyLiterals copies n bytes of src at i to dst at j, and up to 16 more: both have as many behind.
func copyLiterals(dst []byte, j int, src []byte, i, n int) {
	copy16(dst, j, src, i)
	for n > 16 {
		n -= 16
		i += 16
		j += 16
		copy16(dst, j, src, i)
	}
}
