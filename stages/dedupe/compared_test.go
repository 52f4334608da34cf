package dedupe

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/stages/dedupe/order"
)

// templates are nights of texts that resemble nothing, and some pages of one template each: pages of different nights lie so near to the
// threshold that only their shingles decide, and all of them stay.
func templates(r *rand.Rand, nights, fresh int) (list [][]string) {
	const families = 5
	of := make([][]string, families)
	for f := range of {
		of[f] = pages(r, nights, 300, 56) // J .71
	}
	for n := range nights {
		var night []string
		for i := range fresh {
			night = append(night, chinese(r, 300+r.IntN(300)))
			if i%(fresh/families) == 0 && len(night) > 0 && i*families/fresh < families {
				night = append(night, of[i*families/fresh][n])
			}
		}
		list = append(list, night)
	}
	return list
}

// What a night reads of the texts of earlier versions does not grow with their number: a document is looked for in its shard once. What
// was put aside there is no more than the texts that are compared.
func TestNightsReadEarlierTextsOnce(t *testing.T) {
	for _, winner := range []string{order.First, order.Longest} {
		t.Run(winner, func(t *testing.T) { testNightsReadOnce(t, winner) })
	}
}

func testNightsReadOnce(t *testing.T, winner string) {
	const nights = 16
	r := rand.New(rand.NewPCG(80, 81))
	cfg := testConfig()
	cfg.Winner = winner
	c := newCorpus(cfg)
	var shards, aside int64
	c.store.read = func(name string, bytes int) {
		switch {
		case strings.HasPrefix(name, "data/"):
			shards += int64(bytes)
		case strings.HasSuffix(name, ".texts"):
			aside += int64(bytes)
		}
	}
	var read, put []int64
	for _, night := range templates(r, nights, 40) {
		shards, aside = 0, 0
		out := c.run(t, 2, night)
		if slices.Contains(out.kept, false) || out.overflow != 0 {
			t.Fatalf("kept %v, overflow %d", out.kept, out.overflow)
		}
		read, put = append(read, shards), append(put, aside)
	}
	if read[0] != 0 || read[1] == 0 {
		t.Fatalf("bytes read of shards, by night: %d", read)
	}
	for n := 2; n < nights; n++ {
		// What stays beside an earlier text is put aside by its own night.
		if read[n] != 0 {
			t.Errorf("night %d read %d bytes of shards", n+1, read[n])
		}
		// Two runs of resolve, and of each night five texts of a kilobyte and the end of a file, some of which are read twice.
		if most := int64(2 * n * 2 * (5*1100 + 500)); put[n] > most {
			t.Errorf("night %d read %d bytes that were put aside, %d are expected at most", n+1, put[n], most)
		}
	}
}

// Verdicts are the same whatever was put aside and wherever the texts lie.
func TestComparedTextsDecideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		list := templates(r, 5, 15)
		for i := range list { // and some that go
			for range 3 {
				old := list[r.IntN(i+1)]
				list[i] = append(list[i], substitute(r, old[r.IntN(len(old))], r.IntN(12)))
			}
		}
		with, without := newCorpus(testConfig()), newCorpus(testConfig())
		without.compact = rapid.Bool().Draw(t, "compact")
		for _, night := range list {
			for i := range without.history {
				if r.IntN(3) > 0 {
					without.history[i].Compared = nil
				}
			}
			a, b := with.run(t, 2, night), without.run(t, 1, night)
			if d := cmp.Diff(a.verdicts, b.verdicts); d != "" {
				t.Fatal(d)
			}
		}
		if len(with.history[1].Compared) == 0 {
			t.Fatal("nothing was put aside")
		}
	})
}

func TestDamageOfComparedTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(82, 83))
	c := newCorpus(testConfig())
	list := templates(r, 3, 10)
	for _, night := range list[:2] {
		c.run(t, 1, night)
	}
	name := c.history[1].Compared[0]
	out := c.run(t, 1, list[2])
	whole := c.store.files[name]
	f, err := openCompared(sorted.NewHandles(t.Context(), storeOf("c", whole)), "c")
	if err != nil {
		t.Fatal(err)
	}
	caught := 0
	for round := range 120 {
		data := bytes.Clone(whole)
		at := r.IntN(len(data))
		switch round % 3 {
		case 0:
			data = data[:at]
		case 1:
			data = slices.Insert(data, at, byte(r.Uint32()))
		default:
			data[at] ^= 1 << r.IntN(8)
		}
		corpus := clone(c.store)
		corpus.files[name] = data
		job := &pipeline.Job{Plan: out.job.Plan, Chain: pipelinetest.Chain(), Work: out.job.Work, Out: newMemoryStore(), Corpus: corpus}
		e, err := NewResolve(c.cfg).Run(t.Context(), pipeline.Task{Stage: stageResolve}, job)
		switch {
		case err != nil:
			caught++
		case e.Digest() != out.resolve.Digest():
			t.Error("other output")
		case round%3 == 0 || int64(at) > f.table:
			t.Errorf("damage at %d was not noticed", at)
		}
	}
	if caught < 70 { // texts that nothing is compared with are not read
		t.Errorf("only %d damages were noticed", caught)
	}
}

func TestComparedFile(t *testing.T) {
	r := rand.New(rand.NewPCG(84, 85))
	var file bytes.Buffer
	w, err := newComparedWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[ref]string{}
	for range 3 {
		w.turn()
		for n := range 4000 { // more than are looked through at once
			d := ref{uint64(n), uint32(1 + n/1500)}
			text := fmt.Sprint(d, strings.Repeat("文", r.IntN(100)))
			if r.IntN(3) > 0 {
				continue
			}
			if err := w.add(d, []byte(text)); err != nil {
				t.Fatal(err)
			}
			if want[d] == "" {
				want[d] = text
			}
		}
	}
	if err := w.add(ref{5000, 1}, make([]byte, longCompared+1)); err != nil {
		t.Fatal(err)
	}
	n, err := w.finish()
	if err != nil || n != int64(len(want)) {
		t.Fatalf("%d of %d texts, %v", n, len(want), err)
	}
	c, err := openCompared(sorted.NewHandles(t.Context(), storeOf("c", file.Bytes())), "c")
	if err != nil || c.documents != n {
		t.Fatal(c, err)
	}
	var documents []ref
	for n := range 6000 {
		for v := range uint32(5) {
			documents = append(documents, ref{uint64(n), v})
		}
	}
	slices.SortFunc(documents, func(a, b ref) int { return comparedDocument{ref: a}.compare(b) })
	lies := make([]comparedPlace, len(documents))
	if err := c.find(documents, 7, lies); err != nil {
		t.Fatal(err)
	}
	var page comparedPage
	for i, d := range documents {
		if lies[i].file != 7 {
			if want[d] != "" || lies[i].file != 0 {
				t.Fatalf("document %v lies in file %d", d, lies[i].file)
			}
			continue
		}
		text, err := c.text(&page, lies[i], len(want[d]), nil)
		if err != nil || string(text) != want[d] {
			t.Fatalf("document %v: %q, %v, want %q", d, text, err, want[d])
		}
	}
}

// A corpus whose versions have no such files, and one without Parquet, are read as before.
func TestEarlierTextsOfOlderCorpora(t *testing.T) {
	r := rand.New(rand.NewPCG(86, 87))
	list := pages(r, 4, 300, 36) // J .783: all but the first go
	c := newCorpus(Default())
	for _, page := range list[:3] {
		c.run(t, 1, []string{chinese(r, 200), page})
		for i := range c.history {
			c.history[i].Compared = nil
		}
	}
	out := c.run(t, 1, list[3:])
	if len(out.verdicts) != 1 || !ingest.ExactScore(out.verdicts[0].Score) || out.verdicts[0].WinnerVersion != 1 {
		t.Errorf("%+v", out.verdicts)
	}
}
