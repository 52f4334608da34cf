package zstdfast

import "math/bits"

// bitWriter appends bits to a buffer, the first at the lowest position. It is passed by value so that loops keep it in registers.
type bitWriter struct {
	bits uint64
	n    uint // bits that wait, at most 63
	at   int  // where the next byte goes
}

// add appends the n low bits of v; the bits of v above must be zero, and n with those that wait at most 63.
func (w bitWriter) add(v uint64, n uint) bitWriter {
	w.bits |= v << (w.n & 63)
	w.n += n
	return w
}

// flush writes the whole bytes out, so that at most seven bits wait. buf must have eight bytes of room.
func (w bitWriter) flush(buf []byte) bitWriter {
	store64(buf, w.at, w.bits)
	bytes := w.n >> 3
	w.at += int(bytes)
	w.bits >>= (bytes << 3) & 63
	w.n &= 7
	return w
}

// end writes the mark that ends a stream read backwards (RFC 8878, 4.1), and returns where the stream ends.
func (w bitWriter) end(buf []byte) int {
	w = w.flush(buf).add(1, 1)
	store64(buf, w.at, w.bits)
	return w.at + int(w.n+7)>>3
}

// log2 is the position of the highest bit of v, which is not 0.
func log2(v uint32) uint { return uint(bits.Len32(v)) - 1 }
