package shingle

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestEqualBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := [slotCount]byte(rapid.SliceOfN(rapid.Byte(), slotCount, slotCount).Draw(t, "a"))
		b := a
		want := slotCount
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 255), 0, 256, rapid.ID).Draw(t, "changed") {
			b[i] ^= byte(rapid.SampledFrom([]int{1, 0x80, 0x7F, 0xFF}).Draw(t, "by"))
			want--
		}
		if got := EqualBytes(&a, &b); got != want {
			t.Fatalf("%d equal bytes, want %d", got, want)
		}
	})
}

func TestWordBytes(t *testing.T) {
	key := []uint32{1, 0x01020304, math.MaxUint32}
	slots := []uint64{1, 0x0102030405060708}
	a, _ := wordBytes(key, nil)
	b, _ := copyWords(key, nil)
	c, _ := wordBytes(slots, nil)
	d, _ := copyWords(slots, nil)
	if !bytes.Equal(a, b) || !bytes.Equal(c, d) || binary.LittleEndian.Uint32(b[4:]) != key[1] {
		t.Errorf("%x %x %x %x", a, b, c, d)
	}
	if e, _ := wordBytes[uint32](nil, nil); len(e) != 0 {
		t.Errorf("%x", e)
	}
}
