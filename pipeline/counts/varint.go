package counts

import "encoding/binary"

// appendUvarint is binary.AppendUvarint, which is slower for numbers of one byte: most are.
func appendUvarint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}

func appendVarint(b []byte, v int64) []byte { return appendUvarint(b, uint64(v)<<1^uint64(v>>63)) }

// uvarint is the number that b begins with, and what follows it: nil if there is none, and never nil if there is one.
func uvarint(b []byte) (v uint64, rest []byte) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), b[1:]
	}
	return longUvarint(b)
}

func longUvarint(b []byte) (v uint64, rest []byte) {
	if len(b) > 1 && b[1] < 0x80 {
		return uint64(b[0]&0x7f) | uint64(b[1])<<7, b[2:]
	}
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil
	}
	return v, b[n:]
}
