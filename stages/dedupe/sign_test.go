package dedupe

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

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
