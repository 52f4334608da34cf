package vocab

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	tablePath = "vocab/000001/chars.parquet"
	linesPath = "vocab/000001/vocab.txt"
	modelPath = "vocab/000001/tokenizer.json"
)

// runOf makes a run of version 1 from texts; every fifth document is dropped.
func runOf(texts []string) pipelinetest.Run {
	r := pipelinetest.Run{
		Plan: ingest.Plan{
			Version: 1, Sources: []pipeline.Source{{Name: "news"}}, Files: []ingest.File{{Path: "a.txt"}},
		},
		SplitRows: []int{len(texts) / 3, 0}, BatchRows: 7, ShardBytes: 4000,
	}
	for i, text := range texts {
		r.Documents = append(r.Documents, pipelinetest.Document{Text: text, Offset: int64(i), Dropped: i%5 == 4})
	}
	return r
}

func sampleTexts(seed uint64, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = string(pipelinetest.Chinese(seed+uint64(i)*1000, 60+i*13%700))
	}
	texts[n-1] += "<PAD>\u3000\t荆楚\u00a0"
	return texts
}

func kept(r pipelinetest.Run) (texts []string) {
	for _, d := range r.Documents {
		if !d.Dropped {
			texts = append(texts, d.Text)
		}
	}
	return texts
}

// build runs vocab for every shard, and merge.
func build(t *testing.T, job *pipeline.Job) (entries []pipeline.Entry, err error) {
	t.Helper()
	shards, err := ingest.Shards(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for i := range shards {
		e, err := pipelinetest.RunStep(t.Context(), CountStage(Default()).Step, pipeline.Task{Stage: stageCount, Index: i}, job)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	e, err := NewMerge(Default()).Run(t.Context(), pipeline.Task{Stage: stageMerge}, job)
	return append(entries, e), err
}

func mustBuild(t *testing.T, job *pipeline.Job) []pipeline.Entry {
	t.Helper()
	entries, err := build(t, job)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// row is a row of chars.parquet as another library reads it.
type row struct {
	ID           int32  `parquet:"id"`
	Token        string `parquet:"token"`
	Type         string `parquet:"type"`
	Count        int64  `parquet:"count"`
	Documents    int64  `parquet:"documents"`
	NewCount     int64  `parquet:"new_count"`
	NewDocuments int64  `parquet:"new_documents"`
}

func readRows(t *testing.T, data []byte) []row {
	t.Helper()
	rows, err := parquet.Read[row](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// expected is the table that a slow recount gives.
func expected(before, tonight []string) []row {
	all, fresh := recount(slices.Concat(before, tonight)...), recount(tonight...)
	var rows []row
	for r, c := range all {
		kind := "char"
		if unicode.IsSpace(r) {
			kind = "space"
		}
		rows = append(rows, row{0, string(r), kind, c.Count, c.Documents, fresh[r].Count, fresh[r].Documents})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), cmp.Compare(b.Count, a.Count), strings.Compare(a.Token, b.Token))
	})
	for i := len(Default().Special) - 1; i >= 0; i-- {
		rows = slices.Insert(rows, 0, row{Token: Default().Special[i], Type: "special"})
	}
	for i := range rows {
		rows[i].ID = int32(i)
	}
	return rows
}

func TestVocabulary(t *testing.T) {
	run := runOf(sampleTexts(1, 60))
	m := pipelinetest.NewMemory()
	job := run.Job(t, m)
	entries := mustBuild(t, job)
	if len(entries) < 4 {
		t.Fatalf("%d entries are too few shards to mean anything", len(entries))
	}
	want := expected(nil, kept(run))
	if diff := gocmp.Diff(want, readRows(t, m.Get("out/"+tablePath))); diff != "" {
		t.Error(diff)
	}

	// The counters and outputs of merge, and vocab.txt, follow from the table.
	var lines strings.Builder
	counters := columnar.Counters{}
	for _, r := range want {
		counters[counterTotal] += r.Count
		counters[counterNewTotal] += r.Count
		counters[counterTokens]++
		switch r.Type {
		case "space":
			fmt.Fprintf(&lines, "\\u%04X\n", []rune(r.Token)[0])
		case "char":
			counters[counterChars]++
			fallthrough
		default:
			lines.WriteString(r.Token + "\n")
		}
	}
	if got := string(m.Get("out/" + linesPath)); got != lines.String() {
		t.Errorf("vocab.txt is %q", got)
	}
	merge := entries[len(entries)-1]
	if diff := gocmp.Diff(counters, merge.Counters); diff != "" {
		t.Error(diff)
	}
	for i, o := range merge.Outputs {
		if o.Name != []string{tablePath, linesPath, modelPath}[i] || !o.Out || o.Bytes != int64(len(m.Get("out/"+o.Name))) {
			t.Errorf("output %+v", o)
		}
	}
	if merge.Rows != int64(len(want)) || merge.Outputs[0].Rows != merge.Rows || merge.Outputs[1].Rows != counters[counterTokens] || merge.Outputs[2].Rows != counters[counterTokens] {
		t.Errorf("entry %+v", merge)
	}
}

// Our own reader, which adds the table of the version before, sees the same.
func TestVocabularyReadTable(t *testing.T) {
	m := pipelinetest.NewMemory()
	run := runOf(sampleTexts(2, 20))
	mustBuild(t, run.Job(t, m))
	data := m.Get("out/" + tablePath)
	var got []row
	columns := columnar.Selection{Text: []string{"token"}, Int: []string{"id", "count"}}
	err := columnar.ReadTable(bytes.NewReader(data), int64(len(data)), columns, nil, func(f *columnar.Frame) error {
		for i, id := range f.Int("id") {
			got = append(got, row{ID: int32(id), Token: string(f.Text("token").At(i)), Count: f.Int("count")[i]})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := expected(nil, kept(run))
	for i, r := range want {
		want[i] = row{ID: r.ID, Token: r.Token, Count: r.Count}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVocabularyIsReproducible(t *testing.T) {
	var first []pipeline.Entry
	for i, rows := range []int{7, 7, 1, 1000} {
		run := runOf(sampleTexts(3, 40))
		run.BatchRows = rows
		entries := mustBuild(t, run.Job(t, pipelinetest.NewMemory()))
		if i == 0 {
			first = entries
		}
		if diff := gocmp.Diff(first, entries); diff != "" {
			t.Errorf("blocks of %d documents: %s", rows, diff)
		}
	}
}

func TestVocabularyIsCumulative(t *testing.T) {
	texts := sampleTexts(4, 50)
	m := pipelinetest.NewMemory()
	one := runOf(texts[:20])
	mustBuild(t, one.Job(t, m))
	first := m.Get("out/" + tablePath)

	two := runOf(texts[20:])
	two.Plan.Version, two.Plan.Parent, two.Plan.BaseVocab = 2, 1, tablePath
	m = pipelinetest.NewMemory()
	if err := pipeline.WriteAll(t.Context(), m.Sub("corpus"), tablePath, first); err != nil {
		t.Fatal(err)
	}
	mustBuild(t, two.Job(t, m))
	want := expected(kept(one), kept(two))
	if !slices.ContainsFunc(want, func(r row) bool { return r.Count > 0 && r.NewCount == 0 }) {
		t.Fatal("no character is in the first version alone")
	}
	if diff := gocmp.Diff(want, readRows(t, m.Get("out/vocab/000002/chars.parquet"))); diff != "" {
		t.Error(diff)
	}
}

func TestVocabularyOfNothing(t *testing.T) {
	run := runOf([]string{"荆楚"})
	run.Documents[0].Dropped = true
	m := pipelinetest.NewMemory()
	entries := mustBuild(t, run.Job(t, m))
	if diff := gocmp.Diff(expected(nil, nil), readRows(t, m.Get("out/"+tablePath))); diff != "" {
		t.Error(diff)
	}
	if got := string(m.Get("out/" + linesPath)); got != "<PAD>\n<UNK>\n<BOS>\n<EOS>\n" {
		t.Errorf("vocab.txt is %q", got)
	}
	if rows := entries[len(entries)-1].Rows; rows != 4 {
		t.Errorf("%d rows", rows)
	}
}

func TestVocabularyGolden(t *testing.T) {
	m := pipelinetest.NewMemory()
	mustBuild(t, runOf([]string{
		"荆楚大地涌动『温暖』潮。\n1994年，大地回春。", "大地 <BOS>\u3000𠀀𠀀", "春江潮水连海平，\n海上明月共潮生。", "", "dropped",
	}).Job(t, m))
	for golden, path := range map[string]string{"testdata/vocab.txt": linesPath, "testdata/tokenizer.json": modelPath} {
		got := m.Get("out/" + path)
		if *update {
			if err := os.WriteFile(golden, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestVocabularyFailingDisk(t *testing.T) {
	run := runOf(sampleTexts(5, 30))
	whole := pipelinetest.NewMemory()
	mustBuild(t, run.Job(t, whole))

	m := pipelinetest.NewMemory()
	job := run.Job(t, m)
	pipelinetest.EachFault(t, m, func() error {
		for _, s := range []pipeline.Store{job.Out, job.Work} {
			for _, name := range []string{"vocab", "counts"} {
				if err := s.Remove(t.Context(), name); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err := build(t, job)
		return err
	}, func(failed string) {
		list, err := m.List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			if !bytes.Equal(m.Get(o.Name), whole.Get(o.Name)) {
				t.Errorf("after %s failed, %s is not whole", failed, o.Name)
			}
		}
		for _, path := range []string{linesPath, modelPath} {
			if strings.HasSuffix(failed, path) && m.Get("out/"+path) != nil {
				t.Errorf("%s failed, and the file is there", failed)
			}
		}
	})
}

func TestMergeRefuses(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, job *pipeline.Job)
		want   string
	}{
		{"missing counts", func(t *testing.T, job *pipeline.Job) {
			if err := job.Work.Remove(t.Context(), ingest.CountsName(1)); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrNotExist.Error()},
		{"damaged counts", func(t *testing.T, job *pipeline.Job) {
			write(t, job.Work, ingest.CountsName(0), []byte(countsMagic+"荆楚大地涌动"))
		}, "checksum"},
		{"endless counts", func(t *testing.T, job *pipeline.Job) {
			write(t, job.Work, ingest.CountsName(0), make([]byte, maxCountsBytes+1))
		}, "more than counts can have"},
		{"missing base", func(t *testing.T, job *pipeline.Job) {
			setBase(t, job, "vocab/000000/chars.parquet")
		}, "version before"},
		{"base is no table", func(t *testing.T, job *pipeline.Job) {
			setBase(t, job, "base")
			write(t, job.Corpus, "base", []byte("PAR1 and no more PAR1"))
		}, "decode base"},
		{"base with two characters in a row", base(row{Token: "荆楚", Type: "char", Count: 1, Documents: 1}), "not one character"},
		{"base with an empty row", base(row{Type: "char", Count: 1, Documents: 1}), "not one character"},
		{"base with bad bytes", base(row{Token: "\xff", Type: "char", Count: 1, Documents: 1}), "not one character"},
		{"base with a row twice", base(row{Token: "荆", Type: "char", Count: 1, Documents: 1}, row{Token: "荆", Type: "char", Count: 1, Documents: 1}), "twice"},
		{"base with a negative count", base(row{Token: "荆", Type: "char", Count: -1, Documents: -1}), "cannot be"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := pipelinetest.NewMemory()
			job := runOf(sampleTexts(6, 30)).Job(t, m)
			mustBuild(t, job)
			if err := job.Out.Remove(t.Context(), "vocab"); err != nil {
				t.Fatal(err)
			}
			tt.damage(t, job)
			_, err := NewMerge(Default()).Run(t.Context(), pipeline.Task{Stage: stageMerge}, job)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if m.Get("out/"+tablePath) != nil {
				t.Error("a table was written")
			}
		})
	}
}

func write(t *testing.T, s pipeline.Store, name string, data []byte) {
	t.Helper()
	if err := pipeline.WriteAll(t.Context(), s, name, data); err != nil {
		t.Fatal(err)
	}
}

// setBase changes the plan of a job.
func setBase(t *testing.T, job *pipeline.Job, name string) {
	t.Helper()
	plan, err := ingest.PlanOf(job)
	if err != nil {
		t.Fatal(err)
	}
	changed := *plan
	changed.BaseVocab = name
	job.Plan = pipelinetest.Seal(t, &changed)
}

// base makes a table of an earlier version, with another library.
func base(rows ...row) func(t *testing.T, job *pipeline.Job) {
	return func(t *testing.T, job *pipeline.Job) {
		var data bytes.Buffer
		if err := parquet.Write(&data, rows); err != nil {
			t.Fatal(err)
		}
		setBase(t, job, "base")
		write(t, job.Corpus, "base", data.Bytes())
	}
}

func TestCountRefusesWrongShard(t *testing.T) {
	run := runOf(sampleTexts(7, 30))
	job := run.Job(t, pipelinetest.NewMemory())
	for _, index := range []int{-1, 1000} {
		task := pipeline.Task{Stage: stageCount, Index: index}
		if _, err := pipelinetest.RunStep(t.Context(), CountStage(Default()).Step, task, job); !pipeline.IsPermanent(err) {
			t.Errorf("shard %d: %v", index, err)
		}
	}
	// Invariant 7: the shard plan says otherwise.
	write(t, job.Work, ingest.ShardsName, fmt.Appendf(nil, `[{"first":0,"end":30,"kept":23,"bytes":1}]`))
	if _, err := pipelinetest.RunStep(t.Context(), CountStage(Default()).Step, pipeline.Task{Stage: stageCount}, job); err == nil {
		t.Error("a wrong shard plan went through")
	}
	if _, err := job.Work.Open(t.Context(), ingest.CountsName(0)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("counts: %v", err)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	c := Default()
	c.Special = []string{"<PAD>", "", "荆", "a b", "a\nb", "\xffab", "<PAD>", "ok", "a\u3000b", `\u000A`, `\U0001F600`, `\u000a`, `\u000A>`}
	err := c.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 9 {
		t.Errorf("%d problems, want 9: %v", n, err)
	}
	c = Config{Count: []string{CountWords, "word", CountWords}, Ngrams: []int{1, 2, 2, 6}, Least: 0}
	if err := c.Validate(); err == nil || strings.Count(err.Error(), "\n")+1 != 7 {
		t.Errorf("not 7 problems: %v", err)
	}
	for _, growth := range []float64{-1, 101, math.NaN()} {
		c := Default()
		c.Growth = growth
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "growth: ") {
			t.Errorf("growth %v: %v", growth, err)
		}
	}
	c.Count, c.Ngrams = []string{CountChars}, nil
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "ngrams: name lengths") {
		t.Error(err)
	}
}
