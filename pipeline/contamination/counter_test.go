package contamination

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Counts are the same however documents are shared out, and in whatever order.
func TestCountersMerge(t *testing.T) {
	g := gradedDocuments(12)
	g.ask(Item{Question: "短的问题也要数一数"})
	g.docs = append(g.docs, "短的问题也要数一数。短的问题也要数一数。")
	x := build(t, Default(), &g.set)
	write := func(c *Counter) string {
		var b bytes.Buffer
		pipelinetest.Must(t, c.Write(&b))
		return b.String()
	}
	whole := x.Counter()
	for _, d := range g.docs {
		whole.Add([]byte(d))
	}
	for _, n := range []int{1, 2, 7} {
		parts := make([]*Counter, n)
		for i := range parts {
			parts[i] = x.Counter()
		}
		for i, d := range slices.Backward(g.docs) {
			parts[(i*5)%n].Add([]byte(d))
		}
		sum := x.Counter()
		for i := range parts {
			read, err := x.ReadCounter(bytes.NewReader([]byte(write(parts[n-1-i]))))
			pipelinetest.Must(t, err)
			pipelinetest.Must(t, sum.Merge(read))
		}
		if write(sum) != write(whole) || sum.Documents() != int64(len(g.docs)) {
			t.Errorf("%d parts: %d documents, %d are %d bytes", n, sum.Documents(), len(g.docs), len(write(sum)))
		}
	}
	if n := whole.counts[len(whole.counts)-1]; n != 1 {
		t.Errorf("a short question stands in %d documents", n)
	}
	// A slow count.
	most := uint32(0)
	for entry, hash := range x.grams.hashes {
		n := uint32(0)
		for _, d := range g.docs {
			s, in := sequence{characters: loadCharacters()}, false
			s.read([]byte(d))
			gr := newGrams(x.options.need(), x.powers)
			for gr.over(s.units); gr.next(); {
				in = in || gr.hash == hash
			}
			if in {
				n++
			}
		}
		if most = max(most, n); n != whole.counts[entry] {
			t.Fatalf("n-gram %d stands in %d documents, counted %d", entry, n, whole.counts[entry])
		}
		if entry == 500 {
			break
		}
	}
	if most < 2 {
		t.Error("no n-gram of two documents was looked at")
	}
}

func TestDamagedCounts(t *testing.T) {
	g := gradedDocuments(4)
	x := build(t, Default(), &g.set)
	c := x.Counter()
	for _, d := range g.docs {
		c.Add([]byte(d))
	}
	var b bytes.Buffer
	pipelinetest.Must(t, c.Write(&b))
	other := build(t, Default(), testItems())
	if _, err := other.ReadCounter(bytes.NewReader(b.Bytes())); !errors.Is(err, errOtherIndex) || !pipeline.IsPermanent(err) {
		t.Errorf("counts of another index: %v", err)
	}
	if err := other.Counter().Merge(c); !errors.Is(err, errOtherIndex) {
		t.Errorf("merge: %v", err)
	}
	if _, err := other.Weigh(c); !errors.Is(err, errOtherIndex) {
		t.Errorf("weigh: %v", err)
	}
	for n := range b.Len() {
		if _, err := x.ReadCounter(bytes.NewReader(b.Bytes()[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes are read", n, b.Len())
		}
	}
	if _, err := x.ReadCounter(bytes.NewReader(append(b.Bytes(), 0))); err == nil {
		t.Error("more bytes are read")
	}
}

func FuzzReadCounter(f *testing.F) {
	g := gradedDocuments(1)
	x := build(f, Default(), &g.set)
	c := x.Counter()
	c.Add([]byte(g.docs[1]))
	var b bytes.Buffer
	pipelinetest.Must(f, c.Write(&b))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := x.ReadCounter(bytes.NewReader(data))
		if err != nil {
			return
		}
		var again bytes.Buffer
		pipelinetest.Must(t, c.Write(&again))
		d, err := x.ReadCounter(&again)
		pipelinetest.Must(t, err)
		if !reflect.DeepEqual(c.counts, d.counts) || c.documents != d.documents {
			t.Fatal("written again they are others")
		}
		_, err = x.Weigh(c)
		pipelinetest.Must(t, err)
	})
}

func TestWeights(t *testing.T) {
	o := Default()
	o.MostDocuments = 500
	x := build(t, o, testItems())
	c := x.Counter()
	c.documents = 999
	for i := range c.counts {
		c.counts[i] = uint32(i)
	}
	w, err := x.Weigh(c)
	pipelinetest.Must(t, err)
	for i, got := range w.grams {
		want := 0.0
		switch {
		case i <= 1:
			want = million
		case i <= 500:
			want = million * math.Log(1000/float64(i)) / math.Log(1000)
		}
		if math.Abs(float64(got)-want) > 10 {
			t.Errorf("of %d documents: %d, want %.0f", i, got, want)
		}
	}
	for _, n := range []uint64{1, 2, 3, 1000, 1<<32 - 1, 1 << 62, math.MaxUint64} {
		if got, want := log2(n), math.Log2(float64(n))*(1<<logBits); math.Abs(float64(got)-want) > 1 {
			t.Errorf("log2(%d) is %d, want %.1f", n, got, want)
		}
	}
}

// Hashes that a table has are found, and others are not.
func TestTable(t *testing.T) {
	r := fixed(2)
	for _, n := range []int{0, 1, 2, 63, 1000} {
		var all []keyed
		for i := range n {
			h := r.Uint64()
			if i == 0 {
				h = 0
			}
			for k := range 1 + i%3*70 {
				all = append(all, keyed{h, posting{uint32(i), uint32(k)}})
			}
		}
		hashes := make([]uint64, 0, len(all))
		for _, k := range all {
			hashes = append(hashes, k.hash)
		}
		table := newTable(all)
		if len(table.hashes) != n {
			t.Fatalf("%d entries, want %d", len(table.hashes), n)
		}
		for _, h := range hashes {
			e := table.find(h)
			if e < 0 || table.sift([]uint64{h}) != 1 || table.hashes[e] != h {
				t.Fatalf("hash %x of %d is not found", h, n)
			}
			at := table.at(e)
			if want := min(1+int(at[0].part)%3*70, mostPostings); len(at) != want || at[0].at != 0 {
				t.Fatalf("%d places, want %d: %v", len(at), want, at[0])
			}
		}
		maybe := 0
		for range 1000 {
			h := r.Uint64()
			if table.find(h) >= 0 {
				t.Fatal("a hash that is not there")
			}
			maybe += int(table.sift([]uint64{h}))
		}
		if maybe > 100 {
			t.Errorf("%d of 1000 hashes that are none of %d pass the filter", maybe, n)
		}
	}
}

// Units are those of the key text, and lie where they say.
func TestUnits(t *testing.T) {
	s := sequence{characters: loadCharacters()}
	units := func(text string) string {
		s.read([]byte(text))
		return fmt.Sprint(s.units)
	}
	for a, b := range map[string]string{
		"荆楚大地":                   "荊 楚，大\n地",
		"ＡＢＣ１２３ abc123":          "abc123 ABC123",
		"don't DON’T":            "dont dont",
		"80,000 of":              "80000 OF",
		"ガイド":                    "ｶﾞｲﾄﾞ",
		"パン":                     "ﾊﾟﾝ",
		"t\u200bhe":              "the",
		"（第1条）【a】":               "第1条a",
		"**x** _y_ a+b":          "x y a b",
		"한국어 위키":                 "한 국 어 위 키",
		"e\u0301 x":              "e\u0301 x",
		"หนังสือ":                "หนัง สือ",
		"\xff荆\xe8\x8d楚\xf0\x9f": "荆楚",
	} {
		if units(a) != units(b) {
			t.Errorf("%q: %s\n%q: %s", a, units(a), b, units(b))
		}
	}
	for a, b := range map[string]string{"15": "1.5", "1,2": "12", "10,00": "1000", "word": "words", "ab": "a b", "ガ": "カ", "甲": "乙"} {
		if units(a) == units(b) {
			t.Errorf("%q and %q are the same", a, b)
		}
	}
	text := chineseFiller + englishFiller + "１９９８年 80,000 ｶﾞｲﾄﾞ don't"
	s.read([]byte(text))
	all := append([]unit(nil), s.units...)
	for i := range all {
		start, end := s.span(i, i+1)
		one := sequence{characters: loadCharacters()}
		if one.read([]byte(text[start:end])); len(one.units) != 1 || one.units[0] != all[i] {
			t.Fatalf("unit %d is %q", i, text[start:end])
		}
	}
	for u, want := range map[string][2]int{"汉": {8, 8}, "word": {13, 13}, "1998": {13, 65}, "ก": {4, 4}, "①": {13, 65}} {
		if s.read([]byte(u)); len(s.units) != 1 || s.units[0].weight() != want[0] || s.units[0].worth() != int64(want[1]) {
			t.Errorf("%s: %v", u, s.units)
		}
	}
}
