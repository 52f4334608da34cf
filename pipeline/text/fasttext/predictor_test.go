package fasttext

import (
	"bytes"
	"math"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestQuantizedEither: rows that are decoded when a model is read, and those that are not, give equal results.
func TestQuantizedEither(t *testing.T) {
	for name, data := range small(t) {
		if !strings.HasSuffix(name, ".ftz") {
			continue
		}
		m, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		r := newReader(bytes.NewReader(data), int64(len(data)))
		var late Model
		late.args.read(r)
		late.words.read(r)
		late.grams.read(r, &late.words, &late.args)
		r.boolean("")
		late.input.coded = readQuantized(r, "")
		late.input.rows, late.input.dim = late.input.coded.rows, late.input.coded.dim
		if r.boolean("") {
			late.output.coded = readQuantized(r, "")
			late.output.rows, late.output.dim = late.output.coded.rows, late.output.coded.dim
		} else {
			late.output.read(r, "", false, false)
		}
		if late.args.loss == hierarchical {
			late.tree = buildTree(r, late.words.labelCounts)
		}
		if r.err != nil || r.left() > 0 || m.input.coded != nil {
			t.Fatalf("%s: %v", name, r.err)
		}
		p, q := m.Predictor(), late.Predictor()
		for _, g := range goldens(t, "testdata/lines.jsonl") {
			label, n := p.Predict([]byte(g.Text))
			if l, k := q.Predict([]byte(g.Text)); l != label || k != n {
				t.Errorf("%s: %q is %d with %d, and %d with %d", name, g.Text, label, n, l, k)
			}
		}
	}
}

// TestTogether: many goroutines get what one gets.
func TestTogether(t *testing.T) {
	list := goldens(t, "testdata/lines.jsonl")
	m := open(t, "testdata/models/softmax.ftz")
	ask := func() []int64 {
		p := m.Predictor()
		var all []int64
		for _, g := range list {
			label, n := p.Predict([]byte(g.Text))
			all = append(all, int64(label), n)
		}
		return all
	}
	want := ask()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got := ask(); !slices.Equal(got, want) {
				t.Error("other labels or probabilities")
			}
		})
	}
	group.Wait()
}

// TestEnds: a text ends at a line break, and a word of it may be anything.
func TestEnds(t *testing.T) {
	p := open(t, "testdata/models/softmax.bin").Predictor()
	for _, c := range [][2]string{{"的一", "的一\n是不"}, {"", "\n是不"}, {"的 一", "\t的\v\f一\r\x00 "}, {"的", "的 __label__x"}} {
		label, n := p.Predict([]byte(c[0]))
		if l, k := p.Predict([]byte(c[1])); l != label || k != n {
			t.Errorf("%q is %d with %d, %q is %d with %d", c[0], label, n, c[1], l, k)
		}
	}
}

func TestPredictDoesNotAllocate(t *testing.T) {
	for name, data := range small(t) {
		m, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		p, text := m.Predictor(), []byte(strings.Repeat("的一是 and 我人在 каонт ", 50))
		ask := func() {
			p.Predict(text)
			p.Score(text, 0)
		}
		ask()
		if n := testing.AllocsPerRun(20, ask); n != 0 {
			t.Errorf("%s: %v allocations a text", name, n)
		}
	}
}

// TestExp against the series in many more digits.
func TestExp(t *testing.T) {
	for x := -700.0; x <= 700; x += 0.37 {
		want := new(big.Float).SetPrec(300).SetInt64(1)
		half := new(big.Float).SetPrec(300).SetFloat64(x / 1024)
		sum, term := new(big.Float).SetPrec(300).SetInt64(1), new(big.Float).SetPrec(300).SetInt64(1)
		for i := int64(1); i < 60; i++ {
			term.Mul(term, half).Quo(term, new(big.Float).SetInt64(i))
			sum.Add(sum, term)
		}
		for want.Set(sum); half.Cmp(big.NewFloat(x)) != 0; half.Mul(half, big.NewFloat(2)) {
			want.Mul(want, want)
		}
		w, _ := want.Float64()
		if got := exp(x); math.Abs(got-w) > w*4e-16 {
			t.Fatalf("exp(%v) is %v, not %v", x, got, w)
		}
	}
	if exp(-1e9) != 0 || !math.IsInf(exp(1e9), 1) || !math.IsNaN(exp(math.NaN())) || exp(0) != 1 {
		t.Error("at its ends")
	}
}

// TestRemainder: n-grams get the rest of a division.
func TestRemainder(t *testing.T) {
	for _, bucket := range []uint32{1, 2, 3, 300, 1000, 2_000_000, 1<<31 - 1} {
		g := gramRows{bucket: bucket, inverse: ^uint64(0)/uint64(bucket) + 1, whole: true}
		for h := uint64(0); h < 1<<32; h += 999_983 {
			if got := g.row(uint32(h)); got != int(uint32(h)%bucket) {
				t.Fatalf("%d %% %d is %d", h, bucket, got)
			}
		}
		if got := g.row(1<<32 - 1); got != int((1<<32-1)%bucket) {
			t.Fatalf("the last %% %d is %d", bucket, got)
		}
	}
}

func BenchmarkPredict(b *testing.B) {
	for _, name := range []string{"softmax.ftz", "hs.bin"} {
		b.Run(name, func(b *testing.B) {
			p := open(b, "testdata/models/"+name).Predictor()
			text := []byte(strings.Repeat("的一是不了人我在有他这中大来上国，", 100))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				p.Predict(text)
			}
		})
	}
}
