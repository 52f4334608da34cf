package columnar

import (
	"encoding/binary"
	"errors"
	"io"
)

// lz4Length returns how many bytes an LZ4 block holds, which says so nowhere. A block that no decoder may accept is an error: one that ends
// within a sequence or behind a match, or that refers to what is before its start. Decoders that guess the size take an error for
// a guess that was too low, and grow without end.
func lz4Length(block []byte) (n int64, err error) {
	for i := 0; ; {
		if i >= len(block) {
			return 0, io.ErrUnexpectedEOF
		}
		token := block[i]
		literals, next, err := lz4Count(block, i+1, token>>4)
		if err != nil {
			return 0, err
		}
		if literals > int64(len(block)-next) {
			return 0, io.ErrUnexpectedEOF
		}
		n += literals
		i = next + int(literals)
		if i == len(block) {
			if token&15 != 0 {
				return 0, errors.New("a block of lz4 ends in a match")
			}
			return n, nil
		}
		if i+2 > len(block) {
			return 0, io.ErrUnexpectedEOF
		}
		if offset := int64(binary.LittleEndian.Uint16(block[i:])); offset == 0 || offset > n {
			return 0, errors.New("a block of lz4 refers to what is not there")
		}
		match, next, err := lz4Count(block, i+2, token&15)
		if err != nil {
			return 0, err
		}
		n += match + 4
		i = next
	}
}

// lz4Count returns a count of which four bits are in the token, and what is behind it.
func lz4Count(block []byte, i int, four uint8) (count int64, next int, err error) {
	count = int64(four)
	if four < 15 {
		return count, i, nil
	}
	for ; i < len(block); i++ {
		count += int64(block[i])
		if block[i] < 255 {
			return count, i + 1, nil
		}
	}
	return 0, 0, io.ErrUnexpectedEOF
}
