package vocab

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

const nextTablePath = "vocab/000002/chars.parquet"

// withdrawal is a shard of earlier documents, and which of them are withdrawn.
type withdrawal struct {
	texts []string
	rows  []int64
}

// put writes the shards of withdrawals into the corpus of a job, as Parquet files of small row groups, and returns what names them.
func put(t *testing.T, job *pipeline.Job, list []withdrawal) func(context.Context, *pipeline.Job, int) (Withdrawn, error) {
	t.Helper()
	name := func(i int) string { return fmt.Sprintf("data/000001/train-%05d-of-%05d.parquet", i, len(list)) }
	for i, w := range list {
		var file bytes.Buffer
		p, err := columnar.NewParquetWriter(&file, []columnar.Column{{Name: "text", Type: columnar.String}}, columnar.TableOptions{GroupBytes: 900})
		pipelinetest.Must(t, err)
		for _, text := range w.texts {
			var column columnar.Strings
			column.Append([]byte(text))
			pipelinetest.Must(t, p.Write(&column))
		}
		_, err = p.Finish()
		pipelinetest.Must(t, err)
		pipelinetest.Must(t, pipeline.WriteAll(t.Context(), job.Corpus, name(i), file.Bytes()))
	}
	return func(_ context.Context, _ *pipeline.Job, task int) (Withdrawn, error) {
		return Withdrawn{Path: name(task), Format: &pipeline.ParquetTable, Rows: list[task].rows}, nil
	}
}

// none is the Counting of a job that counts characters alone.
func none(*pipeline.Job) (*ingest.Counting, error) { return nil, nil }

// uncount runs a stage that counts what is withdrawn, and makes it a part of the job's chain.
func uncount(t *testing.T, job *pipeline.Job, list []withdrawal) []pipeline.Entry {
	t.Helper()
	spec := UncountStage("uncount", put(t, job, list), none)
	tasks := func(context.Context, *pipeline.Job) (int, error) { return len(list), nil }
	job.Chain = append(slices.Clone(job.Chain), pipeline.Phase{Name: "uncount", Tracks: []pipeline.Track{{Stages: []pipeline.StageSpec{spec}, Tasks: tasks}}})
	entries := []pipeline.Entry{}
	for i := range list {
		task := pipeline.Task{Stage: "uncount", Index: i}
		e, err := spec.Runner.Run(t.Context(), task, job)
		pipelinetest.Must(t, err)
		again, err := spec.Runner.Run(t.Context(), task, job)
		pipelinetest.Must(t, err)
		if e.Digest() != again.Digest() {
			t.Fatalf("%s: %+v, then %+v", task, e, again)
		}
		entries = append(entries, e)
	}
	pipelinetest.WriteJSON(t, job.Work, pipeline.PhaseName("uncount"), entries)
	return entries
}

// withdraw cuts texts into shards and chooses some, and returns these and what is left.
func withdraw(r *rand.Rand, texts []string, shards int) (list []withdrawal, gone, left []string) {
	list = make([]withdrawal, shards)
	for _, text := range texts {
		w := &list[r.IntN(shards)]
		if r.IntN(3) == 0 {
			w.rows = append(w.rows, int64(len(w.texts)))
			gone = append(gone, text)
		} else {
			left = append(left, text)
		}
		w.texts = append(w.texts, text)
	}
	return slices.DeleteFunc(list, func(w withdrawal) bool { return len(w.rows) == 0 }), gone, left
}

// secondVersion is a job that follows a version of some texts.
func secondVersion(t *testing.T, before, tonight []string) *pipeline.Job {
	t.Helper()
	m := pipelinetest.NewMemory()
	one := runOf(nil)
	for _, text := range before {
		one.Documents = append(one.Documents, pipelinetest.Document{Text: text})
	}
	mustBuild(t, one.Job(t, m))
	first := m.Get("out/" + tablePath)
	two := runOf(tonight)
	two.Plan.Version, two.Plan.Parent, two.Plan.BaseVocab = 2, 1, tablePath
	job := two.Job(t, pipelinetest.NewMemory())
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), job.Corpus, tablePath, first))
	return job
}

// The table is that of a corpus which never had the withdrawn documents, however they lie in shards.
func TestWithdrawnAreTakenAway(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		before := append(sampleTexts(10*seed+1, 40), "只此一处：𠀀鱻\uFFFD", "鱻")
		tonight := sampleTexts(10*seed+2, 20)
		job := secondVersion(t, before, tonight)
		list, gone, left := withdraw(r, before, 1+r.IntN(6))
		counters := columnar.Counters{}
		for _, e := range uncount(t, job, list) {
			for name, n := range e.Counters {
				counters.Add(name, n)
			}
		}
		e, err := NewMerge(Default()).Run(t.Context(), pipeline.Task{Stage: stageMerge}, countTonight(t, job))
		pipelinetest.Must(t, err)
		want := expected(left, kept(runOf(tonight)))
		data, err := pipeline.ReadAll(t.Context(), job.Out, nextTablePath)
		pipelinetest.Must(t, err)
		if diff := gocmp.Diff(want, readRows(t, data)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		if e.Rows != int64(len(want)) {
			t.Errorf("the entry has %d rows, the table %d", e.Rows, len(want))
		}
		all := strings.Join(gone, "")
		if counters[ingest.CounterWithdrawn] != int64(len(gone)) || counters[ingest.CounterWithdrawnBytes] != int64(len(all)) ||
			counters[ingest.CounterWithdrawnChars] != int64(utf8.RuneCountInString(all)) ||
			counters[ingest.CounterWithdrawnReplacement] != int64(strings.Count(all, "\uFFFD")) ||
			counters[ingest.CounterWithdrawnHan] < counters[ingest.CounterWithdrawnUncommon]+1 ||
			counters[ingest.CounterWithdrawnUncommon] < int64(strings.Count(all, "𠀀")) {
			t.Errorf("seed %d: %d documents of %d bytes are withdrawn, the entries say %v", seed, len(gone), len(all), counters)
		}
	}
}

// countTonight counts the shards of a job.
func countTonight(t *testing.T, job *pipeline.Job) *pipeline.Job {
	t.Helper()
	shards, err := ingest.Shards(t.Context(), job)
	pipelinetest.Must(t, err)
	for i := range shards {
		_, err := pipelinetest.RunStep(t.Context(), CountStage(Default()).Step, pipeline.Task{Stage: stageCount, Index: i}, job)
		pipelinetest.Must(t, err)
	}
	return job
}

// A job without documents of its own leaves the table of the version before without what it withdraws.
func TestRecount(t *testing.T) {
	before := sampleTexts(7, 30)
	for name, c := range map[string]struct {
		of   func(texts []string) []int64
		left []string
	}{
		"some": {func([]string) []int64 { return []int64{0, 3, 29} }, slices.Concat(before[1:3], before[4:29])},
		"all": {func(texts []string) (rows []int64) {
			for i := range texts {
				rows = append(rows, int64(i))
			}
			return rows
		}, nil},
	} {
		job := secondVersion(t, before, nil)
		pipelinetest.Must(t, job.Work.Remove(t.Context(), ingest.ShardsName)) // no job but an ingest has it
		uncount(t, job, []withdrawal{{before, c.of(before)}})
		spec := RecountStage(Default(), "recount", func(context.Context, *pipeline.Job) (string, error) { return tablePath, nil }, none)
		_, err := spec.Runner.Run(t.Context(), pipeline.Task{Stage: "recount"}, job)
		pipelinetest.Must(t, err)
		data, err := pipeline.ReadAll(t.Context(), job.Out, nextTablePath)
		pipelinetest.Must(t, err)
		if diff := gocmp.Diff(expected(c.left, nil), readRows(t, data)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What cannot be right is an error that names it.
func TestWithdrawnMoreThanThereWas(t *testing.T) {
	before := []string{"荆楚大地", "春江潮水"}
	for name, c := range map[string]struct {
		list []withdrawal
		want string
	}{
		"never there":         {[]withdrawal{{[]string{"荆楚", "海"}, []int64{1}}}, `'海' is withdrawn 1 times in 1 documents`},
		"twice":               {[]withdrawal{{before, []int64{0}}, {before, []int64{0}}}, "uncounts/000001.counts"},
		"too often":           {[]withdrawal{{[]string{"潮潮"}, []int64{0}}}, `'潮' is withdrawn 2 times`},
		"in one document":     {[]withdrawal{{[]string{"大"}, []int64{0}}, {[]string{"大"}, []int64{0}}}, `'大' is withdrawn 1 times`},
		"of tonight's own":    {[]withdrawal{{[]string{"月", "江"}, []int64{0}}}, `'月' is withdrawn`},
		"documents for count": {[]withdrawal{{[]string{"谁谁"}, []int64{0}}}, `'谁' is withdrawn`},
	} {
		job := secondVersion(t, append(slices.Clone(before), "谁谁谁"), []string{"明月", "水"})
		uncount(t, job, c.list)
		_, err := NewMerge(Default()).Run(t.Context(), pipeline.Task{Stage: stageMerge}, countTonight(t, job))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A shard that is not as the plan says, or cannot be read, is an error.
func TestUncountRefuses(t *testing.T) {
	list := []withdrawal{{[]string{"荆楚", "大地"}, []int64{1, 2}}}
	job := secondVersion(t, nil, nil)
	of := put(t, job, list)
	for name, c := range map[string]struct {
		change func(*Withdrawn)
		want   string
	}{
		"row":    {func(*Withdrawn) {}, "has 1 of the 2 rows"},
		"shard":  {func(w *Withdrawn) { w.Path = "data/000001/gone.parquet" }, "gone.parquet"},
		"format": {func(w *Withdrawn) { w.Format = nil }, "no format that can be read here"},
		"unread": {func(w *Withdrawn) { w.Format = &pipeline.ArrowTable }, "cannot be read here"},
	} {
		changed := func(ctx context.Context, job *pipeline.Job, task int) (Withdrawn, error) {
			w, err := of(ctx, job, task)
			c.change(&w)
			return w, err
		}
		_, err := NewUncount(changed, none).Run(t.Context(), pipeline.Task{Stage: "uncount"}, job)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
