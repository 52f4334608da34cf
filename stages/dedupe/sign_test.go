package dedupe

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
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
		if got := equalBytes(&a, &b); got != want {
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

// The hot path allocates nothing once its memory has grown.
func TestSignAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(42, 43))
	var b columnar.Batch
	for _, n := range []int{0, 3, 30, 300, 3000} {
		b.File, b.Offset = append(b.File, 0), append(b.Offset, 0)
		b.Text.Append([]byte(chinese(r, n)))
	}
	stage := NewSign(Default())
	if n := testing.AllocsPerRun(20, func() {
		if _, err := stage.Process(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
	if d := cmp.Diff([]int32{0, 0, 26, 296, 2996}, b.Sketch.Shingles); d != "" {
		t.Error(d)
	}
	if len(b.Sketch.Signature) != 5*256 || len(b.Sketch.Bands) != 3*32 || b.Sketch.Key[0] != [16]byte{} {
		t.Errorf("%d signature bytes, %d bands, key %x", len(b.Sketch.Signature), len(b.Sketch.Bands), b.Sketch.Key[0])
	}
}

// A sketch does not depend on what was signed before it.
func TestSignHasNoMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(44, 45))
	texts := []string{"", chinese(r, 25), strings.Repeat("好", 30000), chinese(r, 9000), "***", chinese(r, 300)}
	sketch := func(stage pipeline.Stage, list ...string) columnar.Sketch {
		var b columnar.Batch
		for _, s := range list {
			b.File, b.Offset = append(b.File, 0), append(b.Offset, 0)
			b.Text.Append([]byte(s))
		}
		if _, err := stage.Process(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return b.Sketch
	}
	all := sketch(NewSign(Default()), texts...)
	var one columnar.Sketch
	for _, s := range texts {
		k := sketch(NewSign(Default()), s)
		one.Signature = append(one.Signature, k.Signature...)
		one.Exact, one.Key = append(one.Exact, k.Exact...), append(one.Key, k.Key...)
		one.Shingles, one.Bands = append(one.Shingles, k.Shingles...), append(one.Bands, k.Bands...)
	}
	if d := cmp.Diff(one, all); d != "" {
		t.Error(d)
	}
}
