package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strconv"
)

const tarBlock = 512

// tarBlocks is a tar stream as the library gets it: without the blocks of zeros in front of a header, two of which are the
// end of everything for the library, and one is damage.
type tarBlocks struct {
	r      io.Reader
	at     int64 // bytes read
	header bool  // where the next block begins, there is a header, or zeros
	zeros  bool  // the last block was of zeros
	block  [tarBlock]byte
	left   []byte   // of block
	size   [12]byte // of the content, as the last header has it
	err    error    // of r, if it was not its end
}

// Read implements io.Reader.
func (b *tarBlocks) Read(p []byte) (n int, err error) {
	if b.header && b.at%tarBlock == 0 {
		b.header, err = false, b.skipZeros()
	}
	switch {
	case err != nil:
	case len(b.left) > 0:
		n = copy(p, b.left)
		b.left = b.left[n:]
	case len(p) == tarBlock: // as the library asks for a header
		n, err = b.whole(p)
	default:
		n, err = b.r.Read(p)
		b.at += int64(n)
		b.zeros = false
	}
	if n == tarBlock && string(p[257:262]) == "ustar" {
		copy(b.size[:], p[124:])
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// skipZeros reads the next block that is not of zeros.
func (b *tarBlocks) skipZeros() error {
	for {
		n, err := b.whole(b.block[:])
		if err != nil {
			return err
		}
		if !b.zeros {
			b.left = b.block[:n]
			return nil
		}
	}
}

// whole reads a block, or what is left of the stream. Zeros behind a block of zeros are part of it.
func (b *tarBlocks) whole(p []byte) (int, error) {
	var none [tarBlock]byte
	n, err := io.ReadFull(b.r, p)
	b.at += int64(n)
	if empty := bytes.Equal(p[:n], none[:n]); n == tarBlock {
		b.zeros = empty
	} else {
		b.zeros = b.zeros && empty
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// stored is how many bytes a sparse file takes in the stream, which the library does not tell; 0 if it cannot be known.
func (b *tarBlocks) stored(h *tar.Header) int64 {
	digits, base := h.PAXRecords["size"], 10
	if digits == "" {
		digits, base = string(bytes.Trim(b.size[:], " \x00")), 8
	}
	n, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return 0
	}
	return n
}
