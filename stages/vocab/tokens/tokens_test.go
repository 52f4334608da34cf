package tokens

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/words"
)

// corpus is versions of texts in memory, as the stages make them.
type corpus struct {
	t       testing.TB
	store   *pipelinetest.Memory
	version int
	kinds   []ingest.Counted
	live    []string
	tables  []string // paths, by kind
	sums    []Merged
	least   int64
	without bool // the next version writes no table: it is made of the runs
}

func newCorpus(t *testing.T, kinds ...string) *corpus {
	c := &corpus{t: t, store: pipelinetest.NewMemory(), least: 1}
	for _, k := range kinds {
		c.kinds = append(c.kinds, ingest.Counted{Kind: k})
	}
	return c
}

// job is one whose stages have left some files.
func (c *corpus) job(left map[string][]pipeline.Output) *pipeline.Job {
	entries := map[string][]pipeline.Entry{}
	var chain pipeline.Chain
	for _, folder := range slices.Sorted(maps.Keys(left)) {
		spec := pipeline.StageSpec{Name: "of-" + folder, Work: []pipeline.WorkFiles{{Folder: folder}}}
		chain = append(chain, pipeline.Phase{Name: folder, Tracks: []pipeline.Track{{
			Stages: []pipeline.StageSpec{spec}, Tasks: func(context.Context, *pipeline.Job) (int, error) { return 1, nil },
		}}})
		entries[spec.Name] = []pipeline.Entry{{Stage: spec.Name, Verdict: pipeline.VerdictDone, Outputs: left[folder]}}
	}
	job := &pipeline.Job{
		Plan: &pipeline.Plan{Version: c.version}, Work: c.store.Sub(fmt.Sprintf("work%d", c.version)), Out: c.store, Corpus: c.store, Chain: chain,
	}
	for stage, list := range entries {
		pipelinetest.WriteJSON(c.t, job.Work, pipeline.PhaseName(stage), list)
	}
	return job
}

// add makes a version: texts come, and others go.
func (c *corpus) add(come, goes []string, partitions int, merge int) {
	t := c.t
	t.Helper()
	c.version++
	p := &ingest.Counting{Kinds: slices.Clone(c.kinds), Partitions: partitions}
	for i := range p.Kinds {
		p.Kinds[i].MergeRuns, p.Kinds[i].Untabled = min(merge, len(p.Kinds[i].Runs)), c.without
	}
	work := &pipeline.Job{Work: c.store.Sub(fmt.Sprintf("work%d", c.version))}
	left := map[string][]pipeline.Output{}
	for folder, texts := range map[string][]string{ingest.TokensFolder: come, ingest.UntokensFolder: goes} {
		k, err := New(t.Context(), work, p, folder, 0, false)
		must(t, err)
		for _, text := range texts {
			must(t, k.Document([]byte(text), nil))
		}
		left[folder], err = k.Commit()
		must(t, err)
		must(t, k.Close())
	}
	c.merge(p, c.job(left))
	for _, text := range goes {
		i := slices.Index(c.live, text)
		c.live = slices.Delete(slices.Clone(c.live), i, i+1)
	}
	c.live = append(c.live, come...)
}

// merge makes runs and tables.
func (c *corpus) merge(p *ingest.Counting, job *pipeline.Job) {
	t := c.t
	t.Helper()
	left, err := LeftOf(t.Context(), job)
	must(t, err)
	c.tables, c.sums = nil, nil
	for i := range p.Kinds {
		k := &p.Kinds[i]
		var sum Merged
		var files, rows []string
		entries := int64(0)
		for part := range p.Partitions {
			s, outputs, err := Merge(t.Context(), job, p, k, left, part, c.least)
			must(t, err)
			sum.Add(s)
			for _, o := range outputs {
				if o.Out {
					files = append(files, o.Name)
					entries += o.Rows
				} else {
					rows = append(rows, o.Name)
				}
			}
		}
		c.kinds[i].Runs = append(slices.Clone(k.Kept()), ingest.CountsRun{Made: c.version, Entries: entries, Files: files})
		if k.Untabled {
			if len(rows) > 0 {
				t.Errorf("there is no table, and there are rows of one: %v", rows)
			}
			at := fmt.Sprintf("made%d", c.version)
			table, err := MakeTable(t.Context(), c.store, c.store.Sub(at), c.kinds[i], c.version, c.least)
			must(t, err)
			said, err := Footer(t.Context(), c.store, at+"/"+table.Name)
			must(t, err)
			c.tables, c.sums = append(c.tables, at+"/"+table.Name), append(c.sums, said.Merged)
			continue
		}
		table, err := WriteTable(t.Context(), job, k.Kind, rows, sum, c.least)
		must(t, err)
		c.tables, c.sums = append(c.tables, table.Name), append(c.sums, sum)
	}
}

// check holds each table against what a plain count of the live texts says.
func (c *corpus) check() {
	t := c.t
	t.Helper()
	for i, k := range c.kinds {
		want := map[string]counts.Row{}
		for _, text := range c.live {
			list := gramsOf(text, ingest.GramsOf(k.Kind))
			if k.Kind == ingest.KindWords {
				list = wordsOf(text)
			}
			seen := map[string]bool{}
			for _, token := range list {
				r := want[token]
				r.Count++
				if !seen[token] {
					seen[token] = true
					r.Documents++
				}
				want[token] = r
			}
		}
		tokens, sum := int64(len(want)), int64(0)
		for token, r := range want {
			sum += r.Count
			if r.Count < c.least {
				delete(want, token)
			}
		}
		columns := columnar.Selection{Text: []string{"token"}, Int: []string{"count", "documents"}}
		got := map[string]counts.Row{}
		must(t, pipeline.ReadTable(t.Context(), c.store, c.tables[i], columns, func(f *columnar.Frame) error {
			for row, n := range f.Int("count") {
				got[string(f.Text("token").At(row))] = counts.Row{Count: n, Documents: f.Int("documents")[row]}
			}
			return nil
		}))
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("version %d, %s (-want +got):\n%s", c.version, k.Kind, d)
		}
		if said := c.sums[i]; said.Tokens != tokens || said.Count != sum {
			t.Errorf("version %d, %s: %+v, there are %d tokens, %d in all", c.version, k.Kind, said, tokens, sum)
		}
	}
}

func wordsOf(text string) (list []string) {
	for _, w := range words.New(jieba.Default()).Cut(nil, []byte(text)) {
		list = append(list, text[w.Start:w.End])
	}
	return list
}

func gramsOf(text string, n int) (list []string) {
	runes := []rune(text)
	for i := 0; i+n <= len(runes); i++ {
		if !slices.ContainsFunc(runes[i:i+n], func(r rune) bool { return r > counts.MostLetter || !unicode.In(r, unicode.L, unicode.M) }) {
			list = append(list, string(runes[i:i+n]))
		}
	}
	return list
}

var texts = []string{
	"国务院关于印发发展规划的通知。", "国务院 issued 3 orders，其中 order No. 5 是新的", "", "The quick brown fox can't jump 32.3 feet.", "通知通知通知", "荆楚大地涌动温暖潮", "𠮷野家の東京タワー", "大地大地 a", "葛\U000e0100飾区葛飾区",
}

// TestVersions: tables have what the live texts have, whatever was merged before, in how many partitions, from how many occurrences on, and which versions have
// written some.
func TestVersions(t *testing.T) {
	for without := range 1 << 7 {
		if without%5 == 0 {
			versions(t, without)
		}
	}
}

// versions makes versions, of which those whose bits are set write no tables.
func versions(t *testing.T, without int) {
	t.Helper()
	c := newCorpus(t, ingest.KindWords, ingest.GramsKind(2), ingest.GramsKind(3), ingest.GramsKind(5))
	for i, v := range []struct {
		come, goes        []string
		partitions, merge int
	}{
		{texts[:4], nil, 1, 0},
		{texts[4:6], nil, 3, 0},
		{texts[6:], texts[1:2], 2, 1},
		{nil, texts[4:5], 2, 0},
		{texts[1:2], texts[:1], 4, 4},
		{nil, slices.Concat(texts[1:4], texts[5:]), 1, 0},
		{texts, nil, 2, 2},
	} {
		c.least, c.without = int64(1+i%2), without>>i&1 == 1
		c.add(v.come, v.goes, v.partitions, v.merge)
		c.check()
	}
}

// TestTooMuchTaken: what was never there cannot be taken away.
func TestTooMuchTaken(t *testing.T) {
	c := newCorpus(t, ingest.KindWords)
	c.add(texts[:1], nil, 1, 0)
	p := &ingest.Counting{Kinds: c.kinds, Partitions: 1}
	k, err := New(t.Context(), &pipeline.Job{Work: c.store.Sub("work2")}, p, ingest.UntokensFolder, 0, false)
	must(t, err)
	must(t, k.Document([]byte("通知通知"), nil))
	outputs, err := k.Commit()
	must(t, err)
	c.version++
	job := c.job(map[string][]pipeline.Output{ingest.UntokensFolder: outputs})
	left, err := LeftOf(t.Context(), job)
	must(t, err)
	_, _, err = Merge(t.Context(), job, p, &c.kinds[0], left, 0, 1)
	if err == nil || !strings.Contains(err.Error(), `words: "通知" is there -1 times`) {
		t.Error(err)
	}
}

// TestGiven: a document's own words are counted where its metadata says them.
func TestGiven(t *testing.T) {
	store := pipelinetest.NewMemory()
	p := &ingest.Counting{Kinds: []ingest.Counted{{Kind: ingest.KindWords}}, Partitions: 1}
	k, err := New(t.Context(), &pipeline.Job{Work: store}, p, ingest.TokensFolder, 0, false)
	must(t, err)
	must(t, k.Document([]byte("国务院通知。"), []byte(`{"words":[1,2,2,-1]}`)))
	outputs, err := k.Commit()
	must(t, err)
	files := sorted.NewHandles(t.Context(), store)
	f, err := counts.Open(files, outputs[0].Name, 0, 1)
	must(t, err)
	var list []string
	for f.Next() {
		list = append(list, string(f.Item().Token))
	}
	slices.Sort(list)
	if got := strings.Join(list, " "); got != "务院 国 通知" {
		t.Error(got)
	}
	must(t, files.Close())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
