package shingle

import (
	"encoding/binary"
	"unsafe"
)

// hostIsLittle says whether words lie in memory as they lie in files.
var hostIsLittle = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// wordBytes returns words as little-endian bytes: the memory itself where the host allows it, else a copy in scratch, which
// is returned for the next time. The bytes are valid until either changes.
func wordBytes[T uint32 | uint64](words []T, scratch []byte) (data, buf []byte) {
	if !hostIsLittle {
		return copyWords(words, scratch)
	}
	if len(words) == 0 {
		return nil, scratch
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(words)*int(unsafe.Sizeof(words[0]))), scratch
}

func copyWords[T uint32 | uint64](words []T, scratch []byte) (data, buf []byte) {
	scratch = scratch[:0]
	for _, w := range words {
		if unsafe.Sizeof(w) == 4 {
			scratch = binary.LittleEndian.AppendUint32(scratch, uint32(w))
		} else {
			scratch = binary.LittleEndian.AppendUint64(scratch, uint64(w))
		}
	}
	return scratch, scratch
}
