package dedupe

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// live are the texts of a version that are not withdrawn.
func (c *corpus) live(version int) (texts []string) {
	for rank, text := range c.texts[version-1] {
		if _, gone := c.gone[ref{uint64(rank), uint32(version)}]; !gone {
			texts = append(texts, text)
		}
	}
	return texts
}

// fillWithdrawn writes the rows of some documents, which say whether they block.
func fillWithdrawn(documents map[ref]bool) func(*withdrawn.Writer) error {
	return func(w *withdrawn.Writer) error {
		list := slices.SortedFunc(maps.Keys(documents), func(a, b ref) int {
			return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.number, b.number))
		})
		for _, d := range list {
			err := w.Write(&withdrawn.Document{Version: int(d.version), Rank: int64(d.number), Blocks: documents[d]})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// withdraw takes documents out of the corpus: their texts are gone, and a table names them.
func (c *corpus) withdraw(t tester, documents map[ref]bool) {
	t.Helper()
	if len(documents) == 0 {
		return
	}
	job := &pipeline.Job{Plan: sealed(t, &ingest.Plan{Version: 1000 + len(c.tables)}), Out: c.store}
	out, err := withdrawn.Write(t.Context(), job, fillWithdrawn(documents))
	if err != nil {
		t.Fatal(err)
	}
	c.tables = append(slices.Clone(c.tables), out.Name)
	maps.Copy(c.gone, documents)
	c.history = slices.Clone(c.history)
	for i := range c.history {
		texts, rows := c.live(i+1), int64(0)
		for _, t := range c.history[i].Texts {
			rows += t.Rows
		}
		if rows == int64(len(texts)) {
			continue
		}
		c.history[i].Texts = nil
		if len(texts) > 0 {
			name := fmt.Sprintf("data/%d-without-%d.parquet", i+1, len(c.tables))
			c.writeTexts(t, name, texts)
			c.history[i].Texts = []ingest.TextRows{{Path: name, Rows: int64(len(texts))}}
		}
	}
}

// supersede leaves in the work of a job what it withdraws itself, in two tables.
func (c *corpus) supersede(t tester, job *pipeline.Job) {
	t.Helper()
	if len(c.leave) == 0 {
		return
	}
	parts := []map[ref]bool{{}, {}}
	for d, blocks := range c.leave {
		parts[d.number%2][d] = blocks
	}
	spec := pipeline.StageSpec{Name: "supersede", Work: []pipeline.WorkFiles{{Folder: ingest.WithdrawnFolder}}}
	job.Chain = append(slices.Clone(job.Chain), pipeline.Phase{Name: "supersede", Tracks: []pipeline.Track{{Stages: []pipeline.StageSpec{spec}}}})
	var entries []pipeline.Entry
	for i, part := range parts {
		e := pipeline.Entry{Stage: spec.Name, Index: i, Verdict: pipeline.VerdictDone}
		if len(part) > 0 {
			out, err := withdrawn.WriteWork(t.Context(), job, ingest.WithdrawnName(i), fillWithdrawn(part))
			if err != nil {
				t.Fatal(err)
			}
			e.Outputs = append(e.Outputs, out)
		}
		entries = append(entries, e)
	}
	data, err := pipeline.EncodePhase(entries)
	if err != nil {
		t.Fatal(err)
	}
	if err := pipeline.WriteAll(t.Context(), job.Work, pipeline.PhaseName(spec.Name), data); err != nil {
		t.Fatal(err)
	}
}

// some draws documents of the history that are live.
func (c *corpus) some(r *rand.Rand, one int, blocks func() bool) map[ref]bool {
	list := map[ref]bool{}
	for i, texts := range c.texts {
		for rank := range texts {
			d := ref{uint64(rank), uint32(i + 1)}
			if _, gone := c.gone[d]; !gone && r.IntN(one) == 0 {
				list[d] = blocks()
			}
		}
	}
	return list
}

// past is a history of some nights with documents withdrawn from it, before the last night and by it, and one that never had them. Both
// give documents the same ids.
func past(t *rapid.T, r *rand.Rand, cfg Config, base []string, blocks func() bool) (with, without *corpus) {
	with, without = newCorpus(cfg), newCorpus(cfg)
	var offsets [][]int64 // of kept documents
	for range rapid.IntRange(1, 3).Draw(t, "nights") {
		with.merge, with.compact = rapid.IntRange(0, 3).Draw(t, "merge"), rapid.Bool().Draw(t, "compact")
		list := append(night(r, 5+r.IntN(25)), base[:r.IntN(len(base))]...)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if rapid.Bool().Draw(t, "supersede") {
			with.leave = with.some(r, 4, blocks)
		}
		out := with.run(t, rapid.IntRange(1, 4).Draw(t, "partitions"), list)
		var kept []int64
		at := int64(0)
		for i, text := range list {
			if out.kept[i] {
				kept = append(kept, at)
			}
			at += int64(len(text)) + 1
		}
		offsets = append(offsets, kept)
		if rapid.Bool().Draw(t, "withdraw") {
			with.withdraw(t, with.some(r, 3, blocks))
		}
	}
	with.leave = with.some(r, 5, blocks)
	maps.Copy(with.gone, with.leave) // for live
	for i := range with.texts {
		without.offsets = nil
		for rank, at := range offsets[i] {
			if _, gone := with.gone[ref{uint64(rank), uint32(i + 1)}]; !gone {
				without.offsets = append(without.offsets, at)
			}
		}
		if out := without.run(t, 1, with.live(i+1)); slices.Contains(out.kept, false) {
			t.Fatalf("version %d: what was kept beside each other is not kept again: %v", i+1, out.verdicts)
		}
	}
	for d := range with.leave { // they are there until the next night
		delete(with.gone, d)
	}
	without.offsets = nil
	return with, without
}

// A history with documents that are withdrawn and block nothing is one that never had them, verdict by verdict: whether merges have
// dropped their keys or not, who withdrew them, where texts lie, and however many a group may have.
func TestWithdrawnAreNotThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		cfg := Default()
		cfg.GroupCap = rapid.SampledFrom([]int{1, 2, 16, 1000}).Draw(t, "cap")
		base := night(r, 25)
		with, without := past(t, r, cfg, base, func() bool { return false })
		list := append(night(r, 1+r.IntN(20)), base...)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		with.merge = rapid.IntRange(0, 3).Draw(t, "last merge")
		got := with.run(t, rapid.IntRange(1, 5).Draw(t, "last partitions"), cut(r, list, 3)...)
		want := without.run(t, 1, list)
		if diff := gocmp.Diff(want.verdicts, got.verdicts); diff != "" {
			t.Fatalf("verdicts (-never there +withdrawn):\n%s", diff)
		}
		if !slices.Equal(got.kept, want.kept) || got.overflow != want.overflow {
			t.Fatalf("%d overflows, want %d; kept %v, want %v", got.overflow, want.overflow, got.kept, want.kept)
		}
	})
}

// What is like a document that blocks is rejected, by the estimate of the signatures, and all others fare as if neither had been there.
func TestBlockingDocumentsReject(t *testing.T) {
	cfg := testConfig()
	rejected := 0
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		base := night(r, 25)
		with, without := past(t, r, cfg, base, func() bool { return r.IntN(2) == 0 })
		blocking := documentsOf(t, cfg, with)
		list := append(night(r, 1+r.IntN(20)), base...)
		for range 10 {
			list = append(list, substitute(r, base[r.IntN(len(base))], 1+r.IntN(4)))
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		var offsets []int64
		at := int64(0)
		for _, text := range list {
			offsets = append(offsets, at)
			at += int64(len(text)) + 1
		}
		got := with.run(t, rapid.IntRange(1, 5).Draw(t, "last partitions"), cut(r, list, 3)...)

		out := map[int64]bool{}
		var others []ingest.Verdict
		tonight := sketchesOf(t, cfg, list)
		for _, v := range got.verdicts {
			if !v.Withdrawn {
				others = append(others, v)
				continue
			}
			out[v.Document] = true
		}
		rejected += len(out)
		for i := range list {
			kind, score := uint8(0), 0
			for _, b := range blocking {
				if k, s := tonight[i].like(&cfg, &b); k != 0 && (kind == 0 || k < kind || k == kind && s > score) {
					kind, score = k, s
				}
			}
			if out[int64(i)] != (kind != 0) {
				t.Fatalf("document %d: rejected %v, but it is like a withdrawn one by %d, %d", i, out[int64(i)], kind, score)
			}
			if at := slices.IndexFunc(got.verdicts, func(v ingest.Verdict) bool { return v.Document == int64(i) && v.Withdrawn }); at >= 0 &&
				(got.verdicts[at].Kind != kind || got.verdicts[at].Score != uint32(score) || got.kept[i]) {
				t.Fatalf("document %d: %+v, want kind %d and score %d", i, got.verdicts[at], kind, score)
			}
		}
		sum := got.resolve.Sum
		if sum.For(pipeline.LeftRejected, ingest.ReasonWithdrawn) != int64(len(out)) || sum.Of(pipeline.LeftRejected) != int64(len(out)) {
			t.Fatalf("%d are rejected, the sum is %+v", len(out), sum)
		}

		// The others, alone.
		var left []string
		numbers := map[int64]int64{}
		for i, text := range list {
			if !out[int64(i)] {
				numbers[int64(i)] = int64(len(left))
				left, without.offsets = append(left, text), append(without.offsets, offsets[i])
			}
		}
		want := without.run(t, 1, left)
		for i := range others {
			others[i].Document = numbers[others[i].Document]
		}
		if diff := gocmp.Diff(want.verdicts, others); diff != "" {
			t.Fatalf("verdicts of the others (-never there +withdrawn):\n%s", diff)
		}
	})
	if rejected == 0 {
		t.Error("nothing was rejected in any history")
	}
}

// sketched is a document as signatures see it.
type sketched struct {
	exact, key [16]byte
	signature  [signatureBytes]byte
	near       bool
	keys       []uint64
}

func sketchesOf(t tester, cfg Config, texts []string) (list []sketched) {
	t.Helper()
	var b columnar.Batch
	for _, text := range texts {
		b.File, b.Offset = append(b.File, 0), append(b.Offset, 0)
		b.Text.Append([]byte(text))
	}
	if _, err := NewSign(cfg).Process(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	bands := b.Sketch.Bands
	for i := range texts {
		s := sketched{exact: b.Sketch.Exact[i], key: b.Sketch.Key[i], near: int(b.Sketch.Shingles[i]) >= cfg.MinShingles}
		copy(s.signature[:], b.Sketch.Signature[i*signatureBytes:])
		s.keys = append(s.keys, hashKey(&s.exact))
		if s.key != noKey {
			s.keys = append(s.keys, hashKey(&s.key))
		}
		if s.near {
			s.keys = append(s.keys, bands[:cfg.bands()]...)
			bands = bands[cfg.bands():]
		}
		list = append(list, s)
	}
	return list
}

// like says how two documents that share a key are alike, 0 for not at all.
func (s *sketched) like(cfg *Config, o *sketched) (kind uint8, score int) {
	switch {
	case s.exact == o.exact:
		return ingest.KindExact, signatureBytes
	case cfg.SameKey && s.key == o.key && s.key != noKey:
		return ingest.KindSameKey, signatureBytes
	case !s.near || !o.near || !slices.ContainsFunc(s.keys, func(k uint64) bool { return slices.Contains(o.keys, k) }):
		return 0, 0
	}
	if n := shingle.EqualBytes(&s.signature, &o.signature); n >= shingle.LeastEqual(cfg.Threshold) {
		return ingest.KindNear, n
	}
	return 0, 0
}

// documentsOf are the documents of a history that block, of those that the next night withdraws too.
func documentsOf(t tester, cfg Config, c *corpus) map[ref]sketched {
	list := map[ref]sketched{}
	for _, of := range []map[ref]bool{c.gone, c.leave} {
		for d, blocks := range of {
			if blocks {
				list[d] = sketchesOf(t, cfg, []string{c.texts[d.version-1][d.number]})[0]
			}
		}
	}
	return list
}

// Partitions, splits and the order of documents that are gone through change no byte of what is decided.
func TestWithdrawnSameBytes(t *testing.T) {
	for _, winner := range []string{"first", "longest"} {
		var first []byte
		for i, partitions := range []int{1, 2, 7} {
			r := rand.New(rand.NewPCG(5, 6))
			cfg := Default()
			cfg.Winner = winner
			c := newCorpus(cfg)
			base := night(r, 60)
			c.run(t, 3, base)
			c.withdraw(t, map[ref]bool{{1, 1}: true, {4, 1}: false, {5, 1}: true, {9, 1}: true})
			c.leave = map[ref]bool{{2, 1}: true, {3, 1}: false}
			c.merge = 1
			list := append(slices.Clone(base), night(r, 40)...)
			out := c.run(t, partitions, cut(rand.New(rand.NewPCG(uint64(i), 0)), list, 1+2*i)...)
			var data []byte
			for _, v := range out.verdicts {
				data = ingest.AppendVerdict(data, v)
			}
			if out.resolve.Sum.Of(pipeline.LeftRejected) < 4 {
				t.Fatalf("winner %s: %+v are too few to mean anything", winner, out.resolve.Sum)
			}
			if first == nil {
				first = data
			}
			if !slices.Equal(first, data) {
				t.Errorf("winner %s, %d partitions: other verdicts", winner, partitions)
			}
		}
	}
}

// A merge of indexes drops the keys of what is withdrawn and blocks nothing; all others keep their numbers.
func TestMergeDropsKeysOfWithdrawn(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	c := newCorpus(testConfig())
	for range 2 {
		c.run(t, 2, night(r, 30))
	}
	c.withdraw(t, map[ref]bool{{0, 1}: false, {3, 1}: true, {2, 2}: false})
	before := c.runs[0].Entries + c.runs[1].Entries
	c.leave = map[ref]bool{{4, 1}: false}
	c.merge = 2
	c.run(t, 3, []string{chinese(r, 100)})
	dropped := int64(0)
	for _, d := range []ref{{0, 1}, {2, 2}, {4, 1}} {
		dropped += int64(len(sketchesOf(t, c.cfg, []string{c.texts[d.version-1][d.number]})[0].keys))
	}
	if after := c.runs[0].Entries; before-after != dropped {
		t.Errorf("%d entries became %d, though %d are keys of what is gone", before, after, dropped)
	}
	// What is there still loses to what it lost to: all that was kept comes again.
	again := slices.Concat(c.texts[0], c.texts[1])
	out := c.run(t, 2, again)
	for i, kept := range out.kept {
		d := ref{uint64(i), 1}
		if i >= len(c.texts[0]) {
			d = ref{uint64(i - len(c.texts[0])), 2}
		}
		blocks, gone := c.gone[d]
		if kept != (gone && !blocks) {
			t.Errorf("document %d of version %d: kept %v, though it was withdrawn %v and blocks %v", d.number, d.version, kept, gone, blocks)
		}
	}
}

// A text of a document that is withdrawn is not there to be asked for.
func TestWithdrawnTextIsNotRead(t *testing.T) {
	mask := &withdrawn.Mask{}
	mask.Add(1, 2, false)
	pipelinetest.Must(t, mask.Seal())
	records := newRecords(&ingest.Plan{Version: 2}, nil, sorted.NewHandles(t.Context(), newMemoryStore()), []int64{0}, nil)
	aside, err := newComparedWriter(io.Discard)
	pipelinetest.Must(t, err)
	texts := newEarlierTexts(records, mask, aside)
	pipelinetest.Must(t, texts.ask([]ref{{2, 1}}))
	if _, err := texts.read(); err == nil || !strings.Contains(err.Error(), "withdrawn") {
		t.Errorf("read: %v", err)
	}
}
