package lines

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// document is one of a toy corpus.
type document struct {
	text, site string
	gone       bool // withdrawn, with the next job
	version    int
	rank       int64
}

// toy is a corpus of a shard a version, whose lines are counted job by job.
type toy struct {
	t         testing.TB
	store     *pipelinetest.Memory
	history   []ingest.IndexVersion
	runs      []ingest.IndexRun
	documents []document // by version and rank
	tables    []string   // of what is withdrawn
	version   int
	most      int // keys of a sorted run
}

var textSchema = []columnar.Column{{Name: "text", Type: columnar.String}, {Name: "source", Type: columnar.String}, {Name: "metadata", Type: columnar.String}}

func (c *toy) job(version int) *pipeline.Job {
	return &pipeline.Job{Plan: &pipeline.Plan{Version: version}, Work: c.store.Sub(fmt.Sprintf("work/%d", version)), Out: c.store, Corpus: c.store}
}

func (c *toy) shard(version int) string {
	return "data/" + pipeline.VersionName(version) + "/train-00000-of-00001.parquet"
}

func (d *document) meta() string {
	if d.site == "" {
		return "{}"
	}
	return fmt.Sprintf(`{"url":"https://www.%s/page"}`, d.site)
}

// write writes the live documents of a version.
func (c *toy) write(version int) {
	c.t.Helper()
	_, err := pipeline.WriteTable(c.t.Context(), c.job(version), c.shard(version), pipeline.ParquetTable, textSchema, columnar.TableOptions{Level: 1},
		func(w columnar.TableWriter) (rows int64, err error) {
			texts, sources, metas := &columnar.Strings{}, &columnar.Strings{}, &columnar.Strings{}
			for i := range c.documents {
				if d := &c.documents[i]; d.version == version && !d.gone {
					texts.Append([]byte(d.text))
					sources.Append([]byte("crawl"))
					metas.Append([]byte(d.meta()))
					rows++
				}
			}
			return rows, w.Write(texts, sources, metas)
		})
	must(c.t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add is a night.
func (c *toy) add(documents []document) {
	c.version++
	for i, d := range documents {
		d.version, d.rank = c.version, int64(i)
		c.documents = append(c.documents, d)
	}
	c.history = append(c.history, ingest.IndexVersion{Version: c.version, Documents: int64(len(documents))})
	c.write(c.version)
}

// withdraw takes documents out.
func (c *toy) withdraw(gone func(i int) bool) {
	c.version++
	var list []withdrawn.Document
	touched := map[int]bool{}
	for i := range c.documents {
		if d := &c.documents[i]; !d.gone && gone(i) {
			d.gone, touched[d.version] = true, true
			list = append(list, withdrawn.Document{ID: [16]byte{byte(i), byte(i >> 8)}, Version: d.version, Rank: d.rank, Blocks: i%2 == 0})
		}
	}
	if len(list) == 0 {
		return
	}
	slices.SortFunc(list, withdrawn.Compare)
	job := &pipeline.Job{Plan: &pipeline.Plan{Version: c.version}, Work: c.store}
	out, err := withdrawn.LeaveWork(c.t.Context(), job, withdrawn.Name(c.version), list)
	must(c.t, err)
	c.tables = append(c.tables, out[0].Name)
	for version := range touched {
		c.write(version)
	}
}

// count counts lines as a job of some splits does, and measures all live documents.
func (c *toy) count(splits, partitions int) (signals [][Columns]int64) {
	c.t.Helper()
	c.version++
	p := &Plan{Partitions: partitions, History: c.history, Runs: c.runs, Withdrawn: c.tables}
	p.Cover()
	var pieces []ingest.LivePiece
	for _, version := range p.Covers {
		live := int64(0)
		for i := range c.documents {
			if d := &c.documents[i]; d.version == version && !d.gone {
				live++
			}
		}
		if live < 2 || splits < 2 {
			pieces = append(pieces, ingest.LivePiece{LiveRows: ingest.LiveRows{Version: version, Rows: live}, Path: c.shard(version)})
			continue
		}
		half := live / 2
		pieces = append(pieces, ingest.LivePiece{LiveRows: ingest.LiveRows{Version: version, Rows: half}, Path: c.shard(version)},
			ingest.LivePiece{LiveRows: ingest.LiveRows{Version: version, First: half, Rows: live - half}, Path: c.shard(version), Row: half})
	}
	for i, piece := range pieces {
		if n := len(p.Splits); n > 0 && i%splits != 0 {
			p.Splits[n-1] = append(p.Splits[n-1], piece)
			continue
		}
		p.Splits = append(p.Splits, []ingest.LivePiece{piece})
	}
	data, err := json.Marshal(p)
	must(c.t, err)
	p = &Plan{}
	must(c.t, json.Unmarshal(data, p))
	of := func(*pipeline.Plan) (*Plan, error) { return p, nil }
	job := c.job(c.version)
	collect := &collector{tables: pipeline.TableFormats{pipeline.ParquetTable}, grounds: grounds{of: of}, most: cmp.Or(c.most, mostKeys)}
	for i := range p.Splits {
		_, err := collect.Run(c.t.Context(), pipeline.Task{Stage: StageCollect, Index: i}, job)
		must(c.t, err)
	}
	runs := p.Index(c.version)
	count := CountStage(of).Runner
	for i := range partitions {
		e, err := count.Run(c.t.Context(), pipeline.Task{Stage: StageCount, Index: i}, job)
		must(c.t, err)
		for _, out := range e.Outputs {
			if out.Out {
				last := &runs[len(runs)-1]
				last.Keys, last.Entries = append(last.Keys, out.Name), last.Entries+out.Rows
			}
		}
	}
	c.runs = runs
	mask := c.mask()
	for _, r := range runs {
		must(c.t, Check(c.t.Context(), c.store, c.history, r, mask))
	}
	m := NewMeasurer(c.t.Context(), job, p)
	live := c.live()
	for len(live) > 0 { // in batches of several sizes
		n := min(len(live), 1+len(live)/2)
		out := [][]int64{make([]int64, n), make([]int64, n), make([]int64, n)}
		must(c.t, m.Measure(n, func(i int, d *signal.Document) error {
			*d = signal.Document{Text: []byte(live[i].text), Chars: utf8.RuneCountInString(live[i].text), Meta: []byte(live[i].meta()), Source: "crawl"}
			return nil
		}, out))
		for i := range n {
			signals = append(signals, [Columns]int64{out[0][i], out[1][i], out[2][i]})
		}
		live = live[n:]
	}
	must(c.t, m.Close())
	return signals
}

func (c *toy) mask() *withdrawn.Mask {
	mask, err := withdrawn.ReadMask(c.t.Context(), c.store, c.tables...)
	must(c.t, err)
	return mask
}

func (c *toy) live() (list []document) {
	for _, d := range c.documents {
		if !d.gone {
			list = append(list, d)
		}
	}
	return list
}

// want are the signals of the live documents, counted the plain way.
func (c *toy) want() (signals [][Columns]int64) {
	live := c.live()
	in, groups := map[string]int64{}, map[string]int64{}
	for _, d := range live {
		groups[d.site]++
		seen := map[string]bool{}
		for line := range strings.SplitSeq(d.text, "\n") {
			if form := plainly(line); form != "" && !seen[form] {
				seen[form] = true
				in[d.site+"\n"+form]++
			}
		}
	}
	for _, d := range live {
		var s [Columns]int64
		var all, edge, since int64
		own := false // a line of the document's own was there
		for line := range strings.SplitAfterSeq(d.text, "\n") {
			form := plainly(line)
			if form == "" {
				continue
			}
			n, share, short := in[d.site+"\n"+form], int64(100), utf8.RuneCountInString(form) < 8
			if short {
				share = 2
			} else if n >= 5 {
				s[2] = max(s[2], n)
			}
			if group := groups[d.site]; group < 20 || n < 5 || n*share < group {
				if !short {
					own, since = true, 0
				}
				continue
			}
			chars := int64(utf8.RuneCountInString(line))
			all += chars
			if own {
				since += chars
			} else {
				edge += chars
			}
		}
		chars := int64(utf8.RuneCountInString(d.text))
		s[0], s[1] = signal.Share(all, chars), signal.Share(edge+since, chars)
		signals = append(signals, s)
	}
	return signals
}

// TestCountedAsByHand: over random corpora of several nights, with withdrawals between them, signals are what counting all lines of all live
// documents gives, job after job and at once, for any number of splits and partitions; and the runs hold what they should.
func TestCountedAsByHand(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		c := &toy{t: t, store: pipelinetest.NewMemory(), most: rapid.SampledFrom([]int{0, 20}).Draw(rt, "most")}
		for range rapid.IntRange(1, 7).Draw(rt, "steps") {
			if len(c.documents) > 0 && r.IntN(4) == 0 {
				nth := 2 + r.IntN(6)
				c.withdraw(func(i int) bool { return i%nth == 1 })
			} else {
				c.add(randomDocuments(r, r.IntN(60)))
			}
			if r.IntN(3) > 0 {
				got := c.count(1+r.IntN(3), 1+r.IntN(4))
				if d := gocmp.Diff(c.want(), got); d != "" {
					rt.Fatalf("signals (-by hand +counted): %s", d)
				}
			}
		}
		got := c.count(2, 3)
		if d := gocmp.Diff(c.want(), got); d != "" {
			rt.Fatalf("signals (-by hand +counted): %s", d)
		}
		c.runs = nil
		if d := gocmp.Diff(got, c.count(1, 2)); d != "" {
			rt.Fatalf("counted at once (-in steps +at once): %s", d)
		}
		if len(c.runs) != 1 {
			rt.Fatalf("%d runs of one job", len(c.runs))
		}
		left, err := Left(t.Context(), c.store, c.history, c.runs, c.mask())
		if err != nil || len(left) > 0 {
			rt.Fatalf("left of withdrawn documents: %v, %v", left, err)
		}
	})
}

// randomDocuments are documents of few sites and few lines, so that all counts come up.
func randomDocuments(r *rand.Rand, n int) (list []document) {
	sites := []string{"", "a.com", "b.com", "rare.org"}
	for range n {
		d := document{site: sites[min(r.IntN(7), 3)%4]}
		var lines []string
		for range r.IntN(6) {
			switch r.IntN(4) {
			case 0:
				lines = append(lines, []string{"首页 新闻 关于我们", "Copyright 20２4 Site", "copyright 2024 Site", "  首页　新闻 关于我们 "}[r.IntN(4)])
			case 1:
				lines = append(lines, "short")
			case 2:
				lines = append(lines, fmt.Sprintf("%c is one of some lines", 'a'+r.IntN(20)))
			default:
				lines = append(lines, string(pipelinetest.Chinese(r.Uint64(), 30)))
			}
		}
		d.text = strings.Join(lines, "\n")
		if r.IntN(3) == 0 {
			d.text += "\n"
		}
		list = append(list, d)
	}
	return list
}

// TestTiers: many nights leave few runs, and these cover every version once.
func TestTiers(t *testing.T) {
	c := &toy{t: t, store: pipelinetest.NewMemory()}
	r := rand.New(rand.NewPCG(3, 4))
	for range 30 {
		c.add(randomDocuments(r, 3))
		c.count(1, 1)
	}
	var covered []int
	for _, run := range c.runs {
		covered = append(covered, run.Versions...)
	}
	var want []int
	for _, v := range c.history {
		want = append(want, v.Version)
	}
	if !slices.Equal(covered, want) || len(c.runs) > 4 {
		t.Errorf("%d runs cover %v, want %v", len(c.runs), covered, want)
	}
}

// TestLeft: entries of withdrawn documents are found until a merge has left them out, and a run that lacks a document is.
func TestLeft(t *testing.T) {
	c := &toy{t: t, store: pipelinetest.NewMemory()}
	c.add(randomDocuments(rand.New(rand.NewPCG(5, 6)), 40))
	c.count(1, 2)
	before := c.runs
	c.withdraw(func(i int) bool { return i%4 == 0 })
	left, err := Left(t.Context(), c.store, c.history, c.runs, c.mask())
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	c.runs = nil
	c.count(1, 2)
	must(t, Check(t.Context(), c.store, c.history, c.runs[0], c.mask()))
	if err := Check(t.Context(), c.store, c.history, c.runs[0], nil); err == nil || !strings.Contains(err.Error(), "is in no group") {
		t.Errorf("a document without a group: %v", err)
	}
	wrong := before[0]
	wrong.Entries++
	if err := Check(t.Context(), c.store, c.history, wrong, nil); err == nil || !strings.Contains(err.Error(), "their manifest says") {
		t.Errorf("other entries: %v", err)
	}
	n := int64(0)
	must(t, CountAll(t.Context(), c.store, c.history, before, c.mask(), func(key uint64, documents int64) error {
		if IsGroup(key) {
			n += documents
		}
		return nil
	}))
	if n != 30 {
		t.Errorf("the groups have %d documents, 30 are live", n)
	}
}

// TestBadPlan: what a plan cannot mean is an error that ends the task.
func TestBadPlan(t *testing.T) {
	piece := ingest.LivePiece{LiveRows: ingest.LiveRows{Version: 1, Rows: 1}, Path: "data/000001/x.parquet"}
	for what, p := range map[string]*Plan{
		"no lines":             nil,
		"no partition":         {},
		"too many runs":        {Partitions: 1, MergeRuns: 1},
		"an empty split":       {Partitions: 1, Splits: [][]ingest.LivePiece{{}}},
		"a covered version":    {Partitions: 1, Splits: [][]ingest.LivePiece{{piece}}},
		"a version of no run":  {Partitions: 1, Covers: []int{1}, Splits: [][]ingest.LivePiece{{piece}}},
		"an unknown format":    {Partitions: 1, Covers: []int{1}, History: []ingest.IndexVersion{{Version: 1, Documents: 1}}, Splits: [][]ingest.LivePiece{{{LiveRows: piece.LiveRows, Path: "x"}}}},
		"splits in no order":   {Partitions: 1, Covers: []int{1, 2}, History: []ingest.IndexVersion{{Version: 1, Documents: 1}, {Version: 2, Documents: 1}}, Splits: [][]ingest.LivePiece{{{LiveRows: ingest.LiveRows{Version: 2}}}, {piece}}},
		"a document elsewhere": {Partitions: 1, Covers: []int{1}, History: []ingest.IndexVersion{{Version: 1}}, Splits: [][]ingest.LivePiece{{piece}}},
	} {
		store := pipelinetest.NewMemory()
		job := &pipeline.Job{Plan: &pipeline.Plan{Version: 3}, Work: store, Out: store, Corpus: store}
		_, err := CollectStage(func(*pipeline.Plan) (*Plan, error) { return p, nil }, pipeline.TableFormats{pipeline.ParquetTable}).Runner.Run(
			context.Background(), pipeline.Task{Stage: StageCollect}, job)
		if err == nil {
			t.Errorf("%s: done", what)
		}
	}
}
