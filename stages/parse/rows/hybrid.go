package rows

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errCut = errors.New("ends in the middle of a value")

// hybrid decodes the mix of runs and bit-packed numbers that Parquet has for levels, dictionary indices and booleans
// (parquet-format, Encodings.md, RLE = 3).
type hybrid struct {
	data   []byte
	at     int
	width  int    // bits of a number, at most 32
	run    uint64 // numbers left of a run
	value  uint32 // of the run
	packed uint64 // numbers left that are bit-packed
	bit    uint64 // where the next of them is in data
	end    int    // of the bit-packed bytes
}

func newHybrid(data []byte, width int) hybrid { return hybrid{data: data, width: width} }

func (h *hybrid) next() (uint32, error) {
	for {
		switch {
		case h.run > 0:
			h.run--
			return h.value, nil
		case h.packed > 0:
			h.packed--
			v := bitsAt(h.data[:h.end], h.bit, h.width)
			h.bit += uint64(h.width)
			return uint32(v), nil
		}
		if err := h.header(); err != nil {
			return 0, err
		}
	}
}

func (h *hybrid) header() error {
	head, n := binary.Uvarint(h.data[h.at:])
	if n <= 0 {
		return errCut
	}
	h.at += n
	left := uint64(len(h.data) - h.at)
	if head&1 == 0 {
		bytes := (h.width + 7) / 8
		if uint64(bytes) > left {
			return errCut
		}
		h.value = 0
		for i := range bytes {
			h.value |= uint32(h.data[h.at+i]) << (8 * i)
		}
		h.at += bytes
		h.run = head >> 1
		return nil
	}
	groups := min(head>>1, 1<<40)
	bytes := groups * uint64(h.width)
	h.packed = groups * 8
	if bytes > left { // the padding of the last group may be missing
		bytes = left
		h.packed = bytes * 8 / uint64(h.width)
	}
	h.bit = uint64(h.at) * 8
	h.at += int(bytes)
	h.end = h.at
	return nil
}

// bitsAt reads width bits, at most 64, from the least bit of each byte up. What lies behind the data is 0.
func bitsAt(data []byte, bit uint64, width int) uint64 {
	from, shift := bit/8, bit%8
	if from+9 <= uint64(len(data)) {
		v := binary.LittleEndian.Uint64(data[from:]) >> shift
		if shift > 0 {
			v |= uint64(data[from+8]) << (64 - shift)
		}
		return v & (1<<width - 1)
	}
	var padded [9]byte
	if from < uint64(len(data)) {
		copy(padded[:], data[from:])
	}
	v := binary.LittleEndian.Uint64(padded[:]) >> shift
	if shift > 0 {
		v |= uint64(padded[8]) << (64 - shift)
	}
	return v & (1<<width - 1)
}

// delta decodes DELTA_BINARY_PACKED (parquet-format, Encodings.md), one number after the other.
type delta struct {
	data   []byte
	at     int
	total  uint64 // numbers left
	last   int64
	least  int64 // of the block's differences
	widths []byte
	mini   uint64 // numbers in a miniblock
	minis  uint64 // miniblocks in a block
	left   uint64 // numbers left in the miniblock
	bit    uint64
	first  bool
}

const maxDeltaBlock = 1 << 20

func newDelta(data []byte) (delta, error) {
	d := delta{data: data, first: true}
	block, err := d.uvarint()
	if err != nil {
		return d, err
	}
	if d.minis, err = d.uvarint(); err != nil {
		return d, err
	}
	if d.total, err = d.uvarint(); err != nil {
		return d, err
	}
	if d.last, err = d.varint(); err != nil {
		return d, err
	}
	if block == 0 || block > maxDeltaBlock || d.minis == 0 || d.minis > block || block%d.minis != 0 || block/d.minis%8 != 0 {
		return d, fmt.Errorf("blocks of %d differences in %d parts", block, d.minis)
	}
	d.mini = block / d.minis
	return d, nil
}

func (d *delta) next() (int64, error) {
	if d.total == 0 {
		return 0, errCut
	}
	d.total--
	if d.first {
		d.first = false
		return d.last, nil
	}
	if d.left == 0 {
		if err := d.miniblock(); err != nil {
			return 0, err
		}
	}
	d.left--
	width := int(d.widths[0])
	d.last += d.least + int64(bitsAt(d.data[:d.at], d.bit, width))
	d.bit += uint64(width)
	if d.left == 0 {
		d.widths = d.widths[1:]
	}
	return d.last, nil
}

// miniblock gets the next differences ready.
func (d *delta) miniblock() (err error) {
	if len(d.widths) == 0 {
		if d.least, err = d.varint(); err != nil {
			return err
		}
		if d.minis > uint64(len(d.data)-d.at) {
			return errCut
		}
		d.widths = d.data[d.at : d.at+int(d.minis)]
		d.at += int(d.minis)
	}
	width := uint64(d.widths[0])
	if width > 64 {
		return fmt.Errorf("differences of %d bits", width)
	}
	bytes := width * d.mini / 8
	if bytes > uint64(len(d.data)-d.at) {
		return errCut
	}
	d.bit = uint64(d.at) * 8
	d.at += int(bytes)
	d.left = d.mini
	return nil
}

// skip moves to the end of the numbers and returns what is behind them.
func (d delta) skip() ([]byte, error) {
	if d.total > 0 {
		d.total-- // the first is in the header
	}
	for d.total > 0 {
		if err := d.miniblock(); err != nil {
			return nil, err
		}
		d.widths = d.widths[1:]
		d.total -= min(d.total, d.mini)
	}
	return d.data[d.at:], nil
}

func (d *delta) uvarint() (uint64, error) {
	v, n := binary.Uvarint(d.data[d.at:])
	if n <= 0 {
		return 0, errCut
	}
	d.at += n
	return v, nil
}

func (d *delta) varint() (int64, error) {
	v, n := binary.Varint(d.data[d.at:])
	if n <= 0 {
		return 0, errCut
	}
	d.at += n
	return v, nil
}
