package jieba

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/klauspost/compress/zstd"
)

//go:embed jieba.bin.zst
var embedded []byte

// Bounds of what is read: a damaged file may say anything.
const (
	maxUnpacked = 16 << 20
	maxNodes    = 8 << 20
	maxCodes    = 60_000
	maxFreqs    = 60_000
	maxFreq     = 1<<31 - 1
)

var errShort = errors.New("it ends too early")

func unpack(packed []byte) ([]byte, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxUnpacked))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	return z.DecodeAll(packed, nil)
}

// decode reads what the tool in gen wrote. Damaged bytes give an error or another dictionary; either is bounded in memory.
func decode(raw []byte) (*Dictionary, error) {
	r := &reader{raw: raw}
	const magic = "jieba1\n"
	if !strings.HasPrefix(string(raw[:min(len(raw), len(magic))]), magic) {
		return nil, errors.New("it is no dictionary of this version")
	}
	r.raw = raw[len(magic):]
	d := &Dictionary{total: r.number(math.MaxInt64, 1), hmm: &model{}}
	d.runes = make([]rune, r.count(maxCodes)+1)
	for i := range d.runes[1:] {
		d.runes[i+1] = rune(r.number(0x10FFFF, 0))
	}
	d.freqs = make([]uint32, r.count(maxFreqs)+1)
	for i := range d.freqs[1:] {
		d.freqs[i+1] = uint32(r.number(maxFreq, 1))
	}
	t := r.tree(len(d.runes)-1, len(d.freqs)-1)
	for i := range d.hmm.start {
		d.hmm.start[i] = r.float()
	}
	for i := range d.hmm.trans {
		for j := range d.hmm.trans[i] {
			d.hmm.trans[i][j] = r.float()
		}
	}
	values := make([]float64, r.count(1<<16)+1)
	values[0] = minFloat
	for i := range values[1:] {
		values[i+1] = r.float()
	}
	d.hmm.emit = make([][4]float64, len(d.runes))
	for s := range 4 {
		d.hmm.emit[0][s] = minFloat
		for i := range d.runes[1:] {
			d.hmm.emit[i+1][s] = values[r.number(uint64(len(values)-1), 0)]
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if len(r.raw) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(r.raw))
	}
	var fits bool
	if d.cells, fits = t.build(len(d.runes) - 1); !fits {
		return nil, errors.New("it does not fit into the array")
	}
	d.index()
	d.score()
	return d, nil
}

// reader reads numbers; the first thing wrong is kept, and then all are the least there may be.
type reader struct {
	raw []byte
	err error
}

func (r *reader) number(most, least uint64) uint64 {
	n, size := binary.Uvarint(r.raw)
	switch {
	case r.err != nil:
		return least
	case size <= 0:
		r.err = errShort
		return least
	case n > most || n < least:
		r.err = fmt.Errorf("%d is not from %d to %d", n, least, most)
		return least
	}
	r.raw = r.raw[size:]
	return n
}

// count is how many things of at least a byte each follow.
func (r *reader) count(most int) int {
	n := int(r.number(uint64(most), 0))
	if n > len(r.raw) {
		r.err = errShort
		return 0
	}
	return n
}

// float reads a logarithm of a probability. The greatest there may be keeps sums of a text of any length finite.
func (r *reader) float() float64 {
	if r.err != nil || len(r.raw) < 8 {
		if r.err == nil {
			r.err = errShort
		}
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.raw))
	r.raw = r.raw[8:]
	if !(f <= 0 && f >= minFloat) {
		r.err = fmt.Errorf("%g is no logarithm of a probability", f)
		return 0
	}
	return f
}

// tree reads the nodes of the trie, whose codes and numbers of frequencies are at most these.
func (r *reader) tree(codes, freqs int) *tree {
	n := r.count(maxNodes)
	t := &tree{make([]uint16, n+1), make([]uint16, n+1), make([]uint16, n+1)}
	left := n
	for i := range t.counts {
		// Breadth first each node but the root has a parent before it.
		t.counts[i] = uint16(r.number(uint64(min(left, codes)), 0))
		if left -= int(t.counts[i]); r.err == nil && n-left <= i && i < n {
			r.err = errors.New("a node without a parent")
		}
	}
	if r.err != nil {
		return t
	}
	child := 1
	for _, count := range t.counts {
		last := 0
		for range count {
			last += int(r.number(uint64(max(codes-last, 1)), 1))
			if last > codes {
				r.err = errors.New("a code too great")
			}
			t.labels[child] = uint16(last)
			child++
		}
	}
	for i := range t.freqs[1:] {
		t.freqs[i+1] = uint16(r.number(uint64(freqs), 0))
	}
	return t
}
