package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/zeebo/xxh3"
)

// spillIndex is what follows the end mark of a spill's IPC stream, little-endian: a record for each block; the number of
// rows in all; the digest of the content; xxh3-64 of everything so far; the length of the index; a magic word.
type spillIndex struct {
	blocks []spillBlock
	digest [16]byte
}

// spillBlock says where a block lies and how it is laid out. The layout follows from rows and lengths, so a block is
// decoded without trusting a byte of it, or a library that does.
type spillBlock struct {
	offset, length int64 // of the IPC message in the file
	rows           int64
	text, meta     int64  // bytes of the two text columns
	chars          bool   // Batch.Chars was set; zeros stand in the file if not
	frame          uint64 // xxh3 of the message but for the bytes of its strings
	strings        uint64 // xxh3 of the hashes of its strings
}

const (
	spillMagic       = "MRSPILL2"
	spillBlockBytes  = 8 + 8 + 4 + 4 + 4 + 4 + 8 + 8
	spillFootBytes   = 8 + 16 + 8 + 8 + len(spillMagic)
	spillPrefixBytes = 8 // continuation mark and length of the metadata, before every IPC message
	spillAlignment   = 8 // of the buffers in an IPC message
)

func padded(n int64) int64 { return (n + spillAlignment - 1) &^ (spillAlignment - 1) }

// numbers is the length of the leading part of the body: every buffer before the bytes of text.
func (k *spillBlock) numbers() int64 {
	return 2*padded(4*k.rows) + padded(8*k.rows) + padded(4*(k.rows+1))
}

// body is the length of the buffers of a block.
func (k *spillBlock) body() int64 {
	return k.numbers() + padded(k.text) + padded(4*(k.rows+1)) + padded(k.meta)
}

// check says whether the message is as long as its layout needs. What is left is the metadata, some hundred bytes.
func (k *spillBlock) check() error {
	const maxMetadata = 1 << 16
	metadata := k.length - k.body()
	if k.rows > math.MaxInt32-1 || k.text > math.MaxInt32 || k.meta > math.MaxInt32 ||
		metadata < spillPrefixBytes || metadata > maxMetadata {
		return fmt.Errorf("a block of %d rows with %d bytes of text and %d of metadata cannot be %d bytes long",
			k.rows, k.text, k.meta, k.length)
	}
	return nil
}

func (x *spillIndex) rows() (n int64) {
	for i := range x.blocks {
		n += x.blocks[i].rows
	}
	return n
}

func (x *spillIndex) append(b []byte) []byte {
	start := len(b)
	le := binary.LittleEndian
	for i := range x.blocks {
		k := &x.blocks[i]
		flags := uint32(0)
		if k.chars {
			flags = 1
		}
		b = le.AppendUint64(b, uint64(k.offset))
		b = le.AppendUint64(b, uint64(k.length))
		b = le.AppendUint32(b, uint32(k.rows))
		b = le.AppendUint32(b, flags)
		b = le.AppendUint32(b, uint32(k.text))
		b = le.AppendUint32(b, uint32(k.meta))
		b = le.AppendUint64(b, k.frame)
		b = le.AppendUint64(b, k.strings)
	}
	b = le.AppendUint64(b, uint64(x.rows()))
	b = append(b, x.digest[:]...)
	b = le.AppendUint64(b, xxh3.Hash(b[start:]))
	b = le.AppendUint64(b, uint64(len(b)-start+8+len(spillMagic)))
	return append(b, spillMagic...)
}

// spillIndexBytes reads the length of the index from the last bytes of a spill of that size.
func spillIndexBytes(foot []byte, size int64) (int64, error) {
	if string(foot[len(foot)-len(spillMagic):]) != spillMagic {
		return 0, errors.New("the end of the spill is missing")
	}
	n := binary.LittleEndian.Uint64(foot[len(foot)-len(spillMagic)-8:])
	if n < uint64(spillFootBytes) || n > uint64(size) || (n-uint64(spillFootBytes))%spillBlockBytes != 0 {
		return 0, fmt.Errorf("the index of the spill cannot be %d bytes long", n)
	}
	return int64(n), nil
}

// decode reads an index whose blocks must cover the bytes from start to end without a gap.
func (x *spillIndex) decode(b []byte, start, end int64) error {
	le := binary.LittleEndian
	foot := b[len(b)-spillFootBytes:]
	if xxh3.Hash(b[:len(b)-spillFootBytes+8+16]) != le.Uint64(foot[8+16:]) {
		return errors.New("the index of the spill is damaged")
	}
	copy(x.digest[:], foot[8:])
	x.blocks = make([]spillBlock, (len(b)-spillFootBytes)/spillBlockBytes)
	for i := range x.blocks {
		r := b[i*spillBlockBytes:]
		k := &x.blocks[i]
		*k = spillBlock{
			offset: int64(le.Uint64(r)), length: int64(le.Uint64(r[8:])), rows: int64(le.Uint32(r[16:])),
			chars: le.Uint32(r[20:]) == 1, text: int64(le.Uint32(r[24:])), meta: int64(le.Uint32(r[28:])),
			frame: le.Uint64(r[32:]), strings: le.Uint64(r[40:]),
		}
		if err := k.check(); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
		if k.offset != start || k.length > end-start {
			return fmt.Errorf("block %d at %d, %d bytes long, is not where it should be", i, k.offset, k.length)
		}
		start += k.length
	}
	if start != end {
		return fmt.Errorf("%d bytes of the spill are in no block", end-start)
	}
	if rows := int64(le.Uint64(foot)); rows != x.rows() {
		return fmt.Errorf("the blocks have %d rows, the spill %d", x.rows(), rows)
	}
	return nil
}
