package unigram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

var update = flag.Bool("update", false, "write testdata/own.json and own.model")

type golden struct {
	Text string
	IDs  map[string][]int32
}

// goldens are lines with the ids that Hugging Face's tokenizers and sentencepiece give: see cmd/goldens.
func goldens(t testing.TB) []golden {
	t.Helper()
	return pipelinetest.JSONLines[golden](t, "testdata/lines.jsonl", 100)
}

// open reads a tokenizer of testdata; own.model is ownspm, for own.json is own.
func open(t testing.TB, name string) *Tokenizer {
	t.Helper()
	file, read := name+".json", Read
	if strings.Contains(name, "spm") {
		file, read = strings.Replace(name, "ownspm", "own", 1)+".model", ReadModel
	}
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	k, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestIDs: the ids are those of the libraries that the files are made for.
func TestIDs(t *testing.T) {
	list := goldens(t)
	names := slices.Sorted(maps.Keys(list[1].IDs))
	if len(names) != 9 {
		t.Errorf("%q", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			k := open(t, name)
			e := k.Encoder()
			for _, g := range list {
				want, ok := g.IDs[name]
				if !ok {
					continue
				}
				if diff := cmp.Diff(want, e.Encode([]int32{}, []byte(g.Text))); diff != "" {
					t.Errorf("%q: %s", g.Text, diff)
				}
			}
		})
	}
}

// sample are the texts of the repository.
func sample(t testing.TB) (texts []string) {
	t.Helper()
	names, err := filepath.Glob("../../../testdata/sample/*/*.txt")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d texts: %v", len(names), err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(data))
	}
	return texts
}

func train(t testing.TB, o Options, texts []string) *Model {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var c Cutter
	for _, text := range texts {
		c.Cut([]byte(text), func(p []byte) {
			if err := r.Add(p, 1); err != nil {
				t.Fatal(err)
			}
		})
	}
	m, err := r.Train(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func written(t testing.TB, m *Model, f Front) (tokenizer, model []byte) {
	t.Helper()
	var a, b bytes.Buffer
	if err := m.WriteJSON(&a, f); err != nil {
		t.Fatal(err)
	}
	if err := m.WriteModel(&b, f); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), b.Bytes()
}

var ownOptions = Options{Size: 1500, Special: []string{"<s>", "<unk>", "</s>"}, Reserved: 2, ByteFallback: true, CharacterCoverage: .98}

// TestOwn: the trainer makes of the sample what it made when the libraries said how they cut texts by it.
func TestOwn(t *testing.T) {
	a, b := written(t, train(t, ownOptions, sample(t)), Front{})
	for name, got := range map[string][]byte{"testdata/own.json": a, "testdata/own.model": b} {
		if *update {
			if err := os.WriteFile(name, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

// TestSame: for any number of goroutines, order of pre-tokens and parts that they are counted in there is one model.
func TestSame(t *testing.T) {
	counts := map[string]int64{}
	var c Cutter
	for _, text := range sample(t) {
		c.Cut([]byte(text), func(p []byte) { counts[string(p)]++ })
	}
	words := slices.Sorted(maps.Keys(counts))
	var want []byte
	for _, goroutines := range []int{1, 2, 7} {
		o := ownOptions
		o.Goroutines = goroutines
		r, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(words)
		for _, w := range words {
			n := counts[w]
			if goroutines == 7 && n > 1 {
				if err := r.Add([]byte(w), n-1); err != nil {
					t.Fatal(err)
				}
				n = 1
			}
			if err := r.Add([]byte(w), n); err != nil {
				t.Fatal(err)
			}
		}
		m, err := r.Train(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, _ := written(t, m, Front{})
		if want == nil {
			want = got
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%d goroutines: another model", goroutines)
		}
	}
	if own, err := os.ReadFile("testdata/own.json"); err != nil || !bytes.Equal(own, want) {
		t.Errorf("counted at once it is another model (%v)", err)
	}
}

// TestModel: what a model has, by its options.
func TestModel(t *testing.T) {
	for _, o := range []Options{
		ownOptions,
		{Size: 1200},
		{Size: 1300, SplitDigits: true, MaxPieceLength: 3, Special: []string{"[BOS]"}},
		{Size: 1300, MixScripts: true, MaxPieceLength: 5, SeedSize: 2000},
	} {
		m := train(t, o, sample(t))
		// The sample is small: some sizes it does not fill.
		if n := len(m.Pieces); n > o.Size || n < 1200 {
			t.Errorf("%+v: %d pieces", o, len(m.Pieces))
		}
		seen, normal, mixed := map[string]bool{}, 0, 0
		for i, p := range m.Pieces {
			if seen[p.Text] {
				t.Errorf("%q is there twice", p.Text)
			}
			seen[p.Text] = true
			if p.Type != Normal {
				continue
			}
			if normal++; normal > 1 && m.Pieces[i-1].Type == Normal && p.Score > m.Pieces[i-1].Score {
				t.Errorf("%q scores more than what is before it", p.Text)
			}
			r := []rune(p.Text)
			if n := len(r); o.MaxPieceLength > 0 && n > o.MaxPieceLength || n > 16 {
				t.Errorf("%q is too long", p.Text)
			}
			if strings.Contains(p.Text[1:], "▁") && r[0] != '▁' || strings.Count(p.Text, "▁") > 1 {
				t.Errorf("%q: a blank within", p.Text)
			}
			digits := strings.ContainsAny(p.Text, "0123456789")
			if o.SplitDigits && digits && len(r) > 1 {
				t.Errorf("%q has a digit", p.Text)
			}
			if digits && strings.ContainsAny(p.Text, "年月日") {
				mixed++
			}
			if float64(p.Score)*grid != math.Trunc(float64(p.Score)*grid) || p.Score >= 0 {
				t.Errorf("%q scores %v", p.Text, p.Score)
			}
		}
		if (mixed > 0) != o.MixScripts {
			t.Errorf("%+v: %d pieces with digits and others", o, mixed)
		}
		if seen["<|reserved_1|>"] != (o.Reserved > 1) || seen["<0xFF>"] != o.ByteFallback || !seen["<unk>"] {
			t.Errorf("%+v: other special tokens", o)
		}
	}
}

// TestPieceCounts: the counts of pieces are those of the encoder over the same texts.
func TestPieceCounts(t *testing.T) {
	for _, o := range []Options{ownOptions, {Size: 1300, CharacterCoverage: .97}} {
		m := train(t, o, sample(t))
		data, _ := written(t, m, Front{})
		k, err := Read(data)
		if err != nil {
			t.Fatal(err)
		}
		counts, e := make([]int64, len(m.Pieces)), k.Encoder()
		for _, text := range sample(t) {
			for _, id := range e.Encode(nil, []byte(text)) {
				counts[id]++
			}
		}
		for id, p := range m.Pieces {
			// Unknown characters beside each other are one token, and are counted apart.
			if p.Count != counts[id] && p.Type != Unknown || p.Type == Unknown && p.Count < counts[id] {
				t.Errorf("%q is counted %d times, the encoder has it %d times", p.Text, p.Count, counts[id])
			}
		}
	}
}

// TestTrip: with bytes as the last resort the tokens of a text are the text, whatever it is, but for ▁.
func TestTrip(t *testing.T) {
	own, spm := open(t, "own"), open(t, "ownspm")
	e, f := own.Encoder(), spm.Encoder()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(rapid.String().Draw(t, "text"), "▁", "_")
		var back []byte
		ids := e.Encode(nil, []byte(text))
		for _, id := range ids {
			back = append(back, own.Bytes(id)...)
		}
		if string(back) != text {
			t.Errorf("%q became %q", text, back)
		}
		if other := f.Encode(nil, []byte(text)); !slices.Equal(ids, other) {
			t.Errorf("%q: %v by the json, %v by the model", text, ids, other)
		}
	})
}

// TestBest: no way to cut a text scores more.
func TestBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := &Tokenizer{unknown: 0, unkCost: -30, pieces: [][]byte{[]byte("<unk>")}, scores: []float64{0}}
		letters := rapid.SampledFrom([]rune("abc荆楚"))
		score := map[string]float64{}
		for _, p := range rapid.SliceOfNDistinct(rapid.StringOfN(letters, 1, 4, -1), 1, 12, rapid.ID[string]).Draw(t, "pieces") {
			s := float64(-rapid.IntRange(1, 20).Draw(t, "score"))
			k.pieces, k.scores = append(k.pieces, []byte(p)), append(k.scores, s)
			score[p] = s
		}
		if err := k.build(func(int) bool { return true }); err != nil {
			t.Fatal(err)
		}
		text := rapid.StringOfN(letters, 1, 9, -1).Draw(t, "text")
		var best func(text []rune) float64
		best = func(text []rune) float64 {
			if len(text) == 0 {
				return 0
			}
			most := math.Inf(-1)
			for n := 1; n <= len(text); n++ {
				s, ok := score[string(text[:n])]
				if !ok && n == 1 {
					s, ok = k.unkCost, true
				}
				if ok {
					most = max(most, s+best(text[n:]))
				}
			}
			return most
		}
		e := k.Encoder()
		e.best([]byte(text))
		e.flush()
		got, rest := 0.0, text
		for i, id := range e.dst {
			if id != 0 {
				got += k.scores[id]
				if !strings.Contains(rest, string(k.pieces[id])) {
					t.Fatalf("%q: %v", text, e.dst)
				}
				_, rest, _ = strings.Cut(rest, string(k.pieces[id]))
			} else if i > 0 && e.dst[i-1] == 0 {
				t.Errorf("%q: two unknown tokens beside each other", text)
			}
		}
		if !slices.Contains(e.dst, 0) {
			if want := best([]rune(text)); got != want {
				t.Errorf("%q: %v is %v, the best is %v", text, e.dst, got, want)
			}
		}
	})
}

// TestMarginals: expected pieces are those of all ways to cut a text, weighed, by either way to compute them.
func TestMarginals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symbol := rapid.Int32Range(1, 3)
		r := &training{symbols: []int32{}}
		p := &pieces{r: r}
		score := map[string]int{}
		key := func(s []int32) string { b, _ := json.Marshal(s); return string(b) }
		for _, s := range rapid.SliceOfN(rapid.SliceOfN(symbol, 1, 3), 1, 8).Draw(t, "pieces") {
			if _, ok := score[key(s)]; !ok {
				score[key(s)] = p.len()
				p.add(uint32(len(r.symbols)), uint8(len(s)), float64(-rapid.IntRange(1, 9).Draw(t, "score")))
				r.symbols = append(r.symbols, s...)
			}
		}
		text := rapid.SliceOfN(symbol, 1, 7).Draw(t, "text")
		const unknown = -15.0
		want, all := make([]float64, p.len()), 0.0
		var walk func(rest []int32, sum float64, used []int)
		walk = func(rest []int32, sum float64, used []int) {
			if len(rest) == 0 {
				all += math.Exp(sum)
				for _, u := range used {
					want[u] += math.Exp(sum)
				}
				return
			}
			for n := 1; n <= len(rest); n++ {
				if i, ok := score[key(rest[:n])]; ok {
					walk(rest[n:], sum+p.score[i], append(slices.Clip(used), i))
				} else if n == 1 {
					walk(rest[1:], sum+unknown, used)
				}
			}
		}
		walk(text, 0, nil)
		l := &lattice{p: p, trie: p.build()}
		for i := range p.len() {
			l.now = append(l.now, int32(i))
		}
		l.set(text)
		of := make([]float64, p.len())
		for i := range of {
			of[i] = exp(p.score[i] + 2*float64(p.size[i]))
		}
		linear, logs := make([]float64, p.len()), make([]float64, p.len())
		if !l.marginals(len(text), of, exp(unknown+2), func(i int32, v float64) { linear[i] += v }) {
			t.Fatal("too great or too small")
		}
		l.lnMarginals(len(text), unknown, func(i int32, v float64) { logs[i] += v })
		for i := range want {
			if w := want[i] / all; math.Abs(w-linear[i]) > 1e-9 || math.Abs(w-logs[i]) > 1e-9 {
				t.Errorf("piece %d: %v, by products %v, by logarithms %v", i, w, linear[i], logs[i])
			}
		}
	})
}

// TestSeeds: seeds are the runs that are there twice and are not always followed by the same, by a count of all of them.
func TestSeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{Size: 1000, MaxPieceLength: rapid.IntRange(1, 4).Draw(t, "longest"), CharacterCoverage: 1, Goroutines: 2}
		tr, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		for _, w := range rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 1, 8, -1), 1, 12).Draw(t, "words") {
			n := rapid.Int64Range(1, 3).Draw(t, "count")
			counts[w] += n
			if err := tr.Add([]byte(w), n); err != nil {
				t.Fatal(err)
			}
		}
		type found struct {
			count int64
			next  map[string]bool
			ended bool
		}
		all := map[string]*found{}
		for w, n := range counts {
			for i := range w {
				for j := i + 2; j <= len(w); j++ {
					f := all[w[i:j]]
					if f == nil {
						f = &found{next: map[string]bool{}}
						all[w[i:j]] = f
					}
					f.count += n
					if j == len(w) {
						f.ended = true
					} else {
						f.next[w[j:j+1]] = true
					}
				}
			}
		}
		want := map[string]int64{}
		for s, f := range all {
			if f.count > 1 && len(s) <= o.MaxPieceLength && (f.ended || len(f.next) > 1) {
				want[s] = f.count
			}
		}
		r := &training{o: &tr.o, procs: 2}
		r.alphabet(&tr.segments, tr.total)
		if err := r.number(&tr.segments); err != nil {
			t.Fatal(err)
		}
		p, err := r.seeds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, s := range p.score {
			sum += math.Exp(s)
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("probabilities add up to %v", sum)
		}
		least := math.Inf(1)
		got := map[string]int64{}
		for i := len(r.runes) - 1; i < p.len(); i++ {
			s := r.text(p.symbols(i))
			got[s] = want[s] // the score says whether it is so
			least = min(least, p.score[i])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		total := 0.0
		for _, n := range r.freq[1:] {
			total += float64(n)
		}
		for s, n := range want {
			total += float64(n * int64(len(s)))
		}
		for i := len(r.runes) - 1; i < p.len(); i++ {
			s := r.text(p.symbols(i))
			if w := math.Log(float64(want[s]*int64(len(s))) / total); math.Abs(w-p.score[i]) > 1e-9 {
				t.Errorf("%q: %v, want %v", s, p.score[i], w)
			}
		}
	})
}

// TestCounts: counts beyond 2^40 are counted, and a sum that has no room is an error.
func TestCounts(t *testing.T) {
	model := func(times int64) *Model {
		r, err := New(Options{Size: 40})
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range []string{"荆楚", "荆楚大地", "大地", "荆州", "楚州"} {
			if err := r.Add([]byte(w), times*int64(i+1)); err != nil {
				t.Fatal(err)
			}
		}
		m, err := r.Train(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	few, many := model(1<<28), model(1<<45)
	if len(few.Pieces) != len(many.Pieces) || len(few.Pieces) < 6 {
		t.Fatalf("%v, %v", few.Pieces, many.Pieces)
	}
	for i := range few.Pieces {
		if a, b := few.Pieces[i], many.Pieces[i]; a.Text != b.Text || math.Abs(float64(a.Score-b.Score)) > .02 {
			t.Errorf("%v of counts beyond 2^28, %v beyond 2^45", a, b)
		}
	}
	r, err := New(Options{Size: 40})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		word  string
		count int64
		want  string
	}{
		{"ab", mostCharacters / 2, ""},
		{"ab", 1, "more than"},
		{"ab", math.MaxInt64, "more than"},
		{"a", 0, "not above 0"},
		{"a", -1, "not above 0"},
		{"a b", 1, "a blank"},
		{"\xff", 1, "no valid utf-8"},
	} {
		if err := r.Add([]byte(c.word), c.count); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q, %d: %v, want %q", c.word, c.count, err, c.want)
		}
	}
}

// TestOptions: what cannot be made is said, all of it at once.
func TestOptions(t *testing.T) {
	_, err := New(Options{Size: -1, Reserved: -1, CharacterCoverage: 2, MaxPieceLength: 999, SeedSize: -1, Goroutines: -1, Special: []string{"", "a", "a"}})
	for _, want := range []string{"size: -1", "reserved: -1", "coverage: 2", "piece: 999", "seed size", "goroutines", `"": it is empty`, `"a": it is there twice`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, c := range []struct {
		size int
		want string
	}{{3, "has room for 2 pieces: the characters that are to be covered are 3"}, {0, "size: 0"}} {
		r, err := New(Options{Size: c.size})
		if err == nil {
			if err = r.Add([]byte("abc"), 1); err != nil {
				t.Fatal(err)
			}
			_, err = r.Train(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	r, err := New(Options{Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Train(t.Context()); err == nil || !strings.Contains(err.Error(), "nothing to train on") {
		t.Error(err)
	}
	if r, err = New(Options{Size: 50}); err != nil {
		t.Fatal(err)
	}
	if err := r.Add([]byte("abab"), 9); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Train(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := r.Add([]byte("abab"), 9); err == nil {
		t.Error("a pre-token was added behind the end")
	}
	var m Model
	if err := m.WriteModel(&bytes.Buffer{}, Front{Normalizer: "NFKC"}); err == nil {
		t.Error("a model of sentencepiece with NFKC was written")
	}
	if err := m.WriteJSON(&bytes.Buffer{}, Front{Normalizer: "Lowercase"}); err == nil {
		t.Error("a normalizer that there is not was written")
	}
}

// TestCutter: pre-tokens are the text.
func TestCutter(t *testing.T) {
	for _, c := range []struct {
		text   string
		prefix bool
		want   string
	}{
		{"a b  c\n\nd\r\n e", false, "a|▁b|▁|▁c|\n\n|d|\r\n|▁e"},
		{"a b", true, "▁a|▁b"},
		{" a", true, "▁a"},
		{"\na", true, "▁|\n|a"},
		{"", true, ""},
		{"荆楚，大地", false, "荆楚，大地"},
	} {
		var got []string
		cutter := Cutter{Prefix: c.prefix}
		cutter.Cut([]byte(c.text), func(p []byte) { got = append(got, string(p)) })
		if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

// TestParts: where no piece reaches over.
func TestParts(t *testing.T) {
	for _, c := range []struct {
		o          Options
		text, want string
	}{
		{Options{}, "▁荆楚，12年abcд", "▁荆楚|，12|年|abc|д"},
		{Options{SplitDigits: true}, "▁12，3a", "▁|1|2|，|3|a"},
		{Options{MixScripts: true}, "▁荆楚，12年abc", "▁荆楚，12年abc"},
		{Options{}, "ひらカー漢e\u0301x▁▁a", "ひらカー漢|e\u0301x|▁|▁a"},
	} {
		var got []string
		c.o.cut([]byte(c.text), func(p []byte) { got = append(got, string(p)) })
		if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

// TestUnread: what a file asks for and is not read is named.
func TestUnread(t *testing.T) {
	var m message
	m.text(modelPieces, "\x0a\x01a\x15\x00\x00\x80\xbf")
	ok := string(m)
	unknown := message(ok)
	unknown.text(modelPieces, "\x0a\x05<unk>\x18\x02")
	bpe := slices.Clone(unknown)
	bpe.text(modelTrainer, "\x18\x02")
	chars := slices.Clone(unknown)
	chars.text(modelNormalizer, "\x12\x03abc")
	for _, c := range []struct{ data, want string }{
		{`{"model":{"type":"BPE"}}`, `the type is "BPE"`},
		{`{"model":{"type":"Unigram","vocab":[["a",0]]}}`, "no unk_id"},
		{`{"model":{"type":"Unigram","unk_id":1,"vocab":[["a",0]]}}`, "unk_id 1 is not one of 1"},
		{`{"model":{"type":"Unigram","unk_id":0,"vocab":[["a"]]}}`, "vocab: 0 is no piece"},
		{`{"model":{"type":"Unigram","unk_id":0,"vocab":[["a",0],["b","c"]]}}`, "vocab: 1 is no piece"},
		{`{"model":{"type":"Unigram","unk_id":0,"vocab":[["a",1e300]]}}`, "the score 1e+300 of piece 0"},
		{`{"model":{"type":"Unigram","unk_id":0,"vocab":[["` + strings.Repeat("a", mostPiece+1) + `",0]]}}`, "1024 at most"},
		{`{"model":{"type":"Unigram","unk_id":0,"vocab":[["a",0]]},"normalizer":{"type":"Nmt"}}`, "normalizer: Nmt is not read"},
		{"\xff\xff", "no model of sentencepiece"},
		{"", "no model of sentencepiece: it has no pieces"},
		{ok, "no piece is of type unknown"},
		{string(unknown) + string(unknown), "two pieces are of type unknown"},
		{string(bpe), "type 2"},
		{string(chars), "map of characters"},
	} {
		read := ReadModel
		if strings.HasPrefix(c.data, "{") {
			read = Read
		}
		if _, err := read([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %s", c.data, err, c.want)
		}
	}
	if _, err := ReadModel(unknown); err != nil {
		t.Error(err)
	}
}

// Files are strange ones of others, and texts are anything: neither blows up.
func FuzzRead(f *testing.F) {
	for _, vocab := range []string{`[["<unk>",0],["a",-1],["▁b",-2],["ab",0.5]]`, `[["a",0],["a",1],["",3]]`} {
		f.Add(vocab, true, `"pre_tokenizer":{"type":"Metaspace","replacement":"▁"}`, "ab b\xff荆")
	}
	f.Fuzz(func(t *testing.T, vocab string, byByte bool, rest, text string) {
		fallback := "false"
		if byByte {
			fallback = "true"
		}
		if k, err := Read([]byte(`{"model":{"type":"Unigram","unk_id":0,"byte_fallback":` + fallback + `,"vocab":` + vocab + "}," + rest + "}")); err == nil {
			inside(t, k, text)
		}
	})
}

func inside(t *testing.T, k *Tokenizer, text string) {
	t.Helper()
	for _, id := range k.Encoder().Encode(nil, []byte(text)) {
		if id < 0 || int(id) >= k.Size() {
			t.Errorf("token %d of %d", id, k.Size())
		}
	}
}

func FuzzReadModel(f *testing.F) {
	small := &Model{ByteFallback: true, Pieces: []Piece{
		{Text: "<unk>", Type: Unknown}, {Text: "a", Score: -1, Type: Normal}, {Text: "▁b", Score: -2, Type: Normal}, {Text: "ab", Type: Given}, {Text: "<s>", Type: Control},
	}}
	_, data := written(f, small, Front{Prefix: true})
	f.Add(data, "ab  b\xff荆")
	for _, name := range []string{"spm", "spmbytes", "spmsuffix"} {
		data, err := os.ReadFile("testdata/" + name + ".model")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, " ab  荆楚\xff")
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		if k, err := ReadModel(data); err == nil {
			inside(t, k, text)
		}
	})
}

// FuzzEncode: tokens of valid text are the text.
func FuzzEncode(f *testing.F) {
	f.Add("a  b'll 荆楚<|end|><0x41>\n")
	k := open(f, "own")
	e := k.Encoder()
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "▁", "_")
		var back []byte
		for _, id := range e.Encode(nil, []byte(text)) {
			back = append(back, k.Bytes(id)...)
		}
		if string(back) != text {
			t.Errorf("%q became %q", text, back)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	text := []byte(strings.Repeat("中国政府网发布了关于推进信息化建设的意见，要求2026年底前完成。The quick brown fox jumps. ", 100))
	for _, name := range []string{"always", "own", "spm"} {
		b.Run(name, func(b *testing.B) {
			e := open(b, name).Encoder()
			var ids []int32
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				ids = e.Encode(ids[:0], text)
			}
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	texts := sample(b)
	for b.Loop() {
		train(b, ownOptions, texts)
	}
}
