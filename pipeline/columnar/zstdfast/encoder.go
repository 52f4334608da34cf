package zstdfast

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"
)

const (
	magic = 0xfd2fb528
	// blockBytes is the most that a block holds (RFC 8878, 3.1.1.2.4).
	blockBytes = 128 << 10
	// maxSequences is how many a block has at most, as each has a match of six bytes.
	maxSequences = blockBytes/6 + 1
	// minBlock is the shortest block that is worth a try.
	minBlock = 32
	// segmentBytes is after how much of an input the table is begun anew, whose places have 32 bits.
	segmentBytes = 1 << 30
)

// Kinds of blocks (RFC 8878, 3.1.1.2.2).
const (
	blockRaw        = 0
	blockRLE        = 1
	blockCompressed = 2
)

// encoder is the memory that compressing an input takes, about 600 KB, whatever its length. Only rep1 and the table live longer than a block.
type encoder struct {
	table [1 << tableLog]uint32 // the last place of a hash, counted from the start of the segment
	found [chunkBytes]uint32    // for each byte of a chunk: an earlier place
	hits  [chunkBytes + 8]uint8 // and whether there is a match
	rep1  uint32                // the offset before, as decoders know it

	seqs    [maxSequences]sequence
	codes   [maxSequences]uint32
	seqsLen int
	lits    [blockBytes + 32]byte
	litsLen int

	counts                     [4][256]uint32
	huffman                    huffman
	literals, offsets, lengths coder
	tables                     [3]fseTable // of the three coders
}

// encoders has those that are not in use. What they did before has no part in what they write.
var encoders = sync.Pool{New: func() any {
	return &encoder{
		literals: newCoder(literalNorm[:], 6, 9),
		offsets:  newCoder(offsetNorm[:], 5, 8),
		lengths:  newCoder(lengthNorm[:], 6, 9),
	}
}}

// Encode appends src to dst as one zstd frame that says how long src is and has a checksum, and returns it. A decoder needs a window of
// the length of src, of at most 1 MiB. The frame is no longer than src, 18 bytes, and 3 for each 128 KiB. It is safe for concurrent use.
func Encode(dst, src []byte) []byte {
	e := encoders.Get().(*encoder)
	dst = e.encode(dst, src)
	encoders.Put(e)
	return dst
}

func (e *encoder) encode(dst, src []byte) []byte {
	dst = appendFrameHead(dst, len(src))
	e.rep1 = 1 // as the format has it
	segment := src
	for from := 0; ; from += blockBytes {
		if from%segmentBytes == 0 {
			clear(e.table[:])
			segment = src[from:]
		}
		to := min(from+blockBytes, len(src))
		dst = e.appendBlock(dst, segment, from%segmentBytes, from%segmentBytes+to-from, to == len(src))
		if to == len(src) {
			break
		}
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(xxhash.Sum64(src)))
}

// appendFrameHead writes the head of a frame of n bytes with a checksum (RFC 8878, 3.1.1.1).
func appendFrameHead(dst []byte, n int) []byte {
	const checksum, single = 1 << 2, 1 << 5
	dst = binary.LittleEndian.AppendUint32(dst, magic)
	switch {
	case n < 256:
		return append(dst, checksum|single, byte(n))
	case n < 256+1<<16:
		return binary.LittleEndian.AppendUint16(append(dst, checksum|single|1<<6), uint16(n-256))
	case n <= 1<<windowLog:
		return binary.LittleEndian.AppendUint32(append(dst, checksum|single|2<<6), uint32(n))
	default:
		return binary.LittleEndian.AppendUint64(append(dst, checksum|3<<6, (windowLog-10)<<3), uint64(n))
	}
}

// appendBlock writes src[from:to] as a block; what is before may be referred to.
func (e *encoder) appendBlock(dst, src []byte, from, to int, last bool) []byte {
	block := src[from:to]
	if len(block) >= minBlock {
		if block[0] == block[1] && bytes.Equal(block[1:], block[:len(block)-1]) {
			return append(appendBlockHead(dst, len(block), blockRLE, last), block[0])
		}
		rep1 := e.rep1
		e.match(src, from, to)
		if out, ok := e.appendCompressed(dst, len(block), last); ok {
			return out
		}
		e.rep1 = rep1 // decoders learn nothing of a stored block
	}
	return append(appendBlockHead(dst, len(block), blockRaw, last), block...)
}

// appendCompressed writes what match found in a block of so many bytes. It reports whether that is shorter.
func (e *encoder) appendCompressed(dst []byte, size int, last bool) ([]byte, bool) {
	dst = slices.Grow(dst, 3+e.litsLen+e.seqsLen*sequenceBytes+1024)
	buf, start := dst[:cap(dst)], len(dst)+3
	at := e.appendLiterals(buf, start)
	if at-start >= size {
		return dst, false
	}
	at = e.appendSequences(buf, at)
	if at-start >= size {
		return dst, false
	}
	appendBlockHead(dst, at-start, blockCompressed, last)
	return buf[:at], true
}

func appendBlockHead(dst []byte, size, kind int, last bool) []byte {
	v := size<<3 | kind<<1
	if last {
		v |= 1
	}
	return append(dst, byte(v), byte(v>>8), byte(v>>16))
}
