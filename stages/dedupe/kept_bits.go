package dedupe

import (
	"encoding/binary"
	"math/bits"
)

// keptBits has one bit a document of the run, set while it is kept: bit d%8 of byte d/8.
type keptBits struct {
	bits  []byte
	ranks []int64 // set bits before every rankBytes; made by index
}

const rankBytes = 64

// newKeptBits returns n set bits.
func newKeptBits(n int64) *keptBits {
	k := &keptBits{bits: make([]byte, (n+7)/8)}
	for i := range k.bits {
		k.bits[i] = 0xFF
	}
	if n%8 != 0 {
		k.bits[n/8] = 1<<(n%8) - 1
	}
	return k
}

func (k *keptBits) get(d int64) bool { return k.bits[d/8]>>(d%8)&1 == 1 }
func (k *keptBits) clear(d int64)    { k.bits[d/8] &^= 1 << (d % 8) }

// index prepares rank. The bits must not change afterwards.
func (k *keptBits) index() {
	k.ranks = make([]int64, 0, len(k.bits)/rankBytes+1)
	sum := int64(0)
	for i, b := range k.bits {
		if i%rankBytes == 0 {
			k.ranks = append(k.ranks, sum)
		}
		sum += int64(bits.OnesCount8(b))
	}
	if len(k.bits)%rankBytes == 0 {
		k.ranks = append(k.ranks, sum)
	}
}

// numbered is the number of a document among the kept ones, if it is one of them.
func (k *keptBits) numbered(document uint64) (number uint64, ok bool) {
	d := int64(document)
	if !k.get(d) {
		return 0, false
	}
	return uint64(k.rank(d)), true
}

// rank is how many documents before d are kept. d may be the number of documents.
func (k *keptBits) rank(d int64) int64 {
	at := d / 8
	n := k.ranks[at/rankBytes]
	rest := k.bits[at/rankBytes*rankBytes : at]
	for ; len(rest) >= 8; rest = rest[8:] {
		n += int64(bits.OnesCount64(binary.LittleEndian.Uint64(rest)))
	}
	for _, b := range rest {
		n += int64(bits.OnesCount8(b))
	}
	if d%8 != 0 {
		n += int64(bits.OnesCount8(k.bits[at] & (1<<(d%8) - 1)))
	}
	return n
}
