package ingest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func aPlan() *ingest.Plan {
	return &ingest.Plan{
		Version: 3, Parent: 2, Live: []int{1, 2}, Sources: []pipeline.Source{{Name: "news", Root: "/mnt/news"}, {Name: "laws", Root: "/mnt/laws"}},
		Files: []ingest.File{
			{Path: "a.txt", Bytes: 7, Format: "text", Document: "line", Found: ingest.Found{ModTime: 10, ETag: "e", Content: "00", Changed: true}},
			{Source: 1, Path: "b.txt", Bytes: 5, RetriedFrom: 1, Found: ingest.Found{ModTime: 20, Retried: 4}},
		},
		Splits:     []ingest.Split{{Pieces: []ingest.Piece{{End: 7}, {File: 1, End: 5}}}},
		Partitions: 2, ShardBytes: 100, Runs: []ingest.IndexRun{{Versions: []int{1, 2}, Made: 2}}, BaseVocab: "vocab/000002/chars.parquet",
	}
}

func seal(t *testing.T, change func(*ingest.Plan)) *pipeline.Plan {
	t.Helper()
	p := aPlan()
	if change != nil {
		change(p)
	}
	sealed, err := ingest.Seal(p, json.RawMessage(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// TestPlanInsideAndOutside: where the input lies and how it was found has no part in the digest, all else has.
func TestPlanInsideAndOutside(t *testing.T) {
	want := seal(t, nil).Digest()
	for name, change := range map[string]func(*ingest.Plan){
		"root":              func(p *ingest.Plan) { p.Sources[0].Root = "/elsewhere" },
		"modification time": func(p *ingest.Plan) { p.Files[0].ModTime++ },
		"etag":              func(p *ingest.Plan) { p.Files[0].ETag = "f" },
		"content":           func(p *ingest.Plan) { p.Files[0].Content = "" },
		"changed":           func(p *ingest.Plan) { p.Files[0].Changed = false },
		"retried":           func(p *ingest.Plan) { p.Files[1].Retried++ },
		"single":            func(p *ingest.Plan) { p.Sources[1].Single = true },
	} {
		if seal(t, change).Digest() != want {
			t.Errorf("%s lies inside of the digest", name)
		}
	}
	byTime := func(p *ingest.Plan) { p.ByTime = true }
	for name, change := range map[string]func(*ingest.Plan){
		"version":      func(p *ingest.Plan) { p.Version++ },
		"live":         func(p *ingest.Plan) { p.Live = p.Live[1:] },
		"source":       func(p *ingest.Plan) { p.Sources[0].Name = "old" },
		"path":         func(p *ingest.Plan) { p.Files[0].Path = "c.txt" },
		"bytes":        func(p *ingest.Plan) { p.Files[0].Bytes++ },
		"retried from": func(p *ingest.Plan) { p.Files[1].RetriedFrom++ },
		"splits":       func(p *ingest.Plan) { p.Splits[0].Pieces = p.Splits[0].Pieces[:1] },
		"base":         func(p *ingest.Plan) { p.BaseVocab = "" },
		"by time":      byTime,
	} {
		if seal(t, change).Digest() == want {
			t.Errorf("%s lies outside of the digest", name)
		}
	}
	other := func(p *ingest.Plan) {
		byTime(p)
		p.Files[0].ModTime++
	}
	if seal(t, byTime).Digest() == seal(t, other).Digest() {
		t.Error("times lie outside of the digest of a plan that goes by them")
	}
}

// TestPlanStored: a plan comes out of its file as it went in, by time and not, and its sources may lie elsewhere then.
func TestPlanStored(t *testing.T) {
	for _, byTime := range []bool{false, true} {
		plan := aPlan()
		plan.ByTime, plan.Sources[1].Single = byTime, byTime
		sealed := pipelinetest.Seal(t, plan)
		got, err := ingest.Open(sealed)
		if diff := cmp.Diff(plan, got); diff != "" || err != nil {
			t.Errorf("by time %v: %v\n%s", byTime, err, diff)
		}
		moved, err := ingest.Mounted(sealed, map[int]string{1: "/elsewhere", 2: "/none"})
		if err != nil || moved.Digest() != sealed.Digest() {
			t.Fatalf("moved: %v", err)
		}
		again, err := ingest.Open(moved)
		plan.Sources[1].Root = "/elsewhere"
		if diff := cmp.Diff(plan, again); diff != "" || err != nil {
			t.Errorf("moved: %v\n%s", err, diff)
		}
		if got.Sources[1].Root != "/mnt/laws" {
			t.Error("the plan was changed")
		}
	}
}

// TestOtherPlans: a plan of another kind, and one whose parts do not belong together, cannot be done, however often it is tried.
func TestOtherPlans(t *testing.T) {
	few := seal(t, func(p *ingest.Plan) { p.Files = p.Files[:1] }).Local
	single := strings.Replace(string(seal(t, nil).Local), `"files"`, `"single":[true],"files"`, 1)
	byTime := seal(t, func(p *ingest.Plan) { p.ByTime = true })
	for name, p := range map[string]*pipeline.Plan{
		"another kind":    {Kind: "compact", Body: json.RawMessage(`{}`), Local: json.RawMessage(`{}`)},
		"no body":         {Kind: ingest.Kind, Local: json.RawMessage(`{}`)},
		"no local":        {Kind: ingest.Kind, Body: seal(t, nil).Body},
		"local of fewer":  {Kind: ingest.Kind, Body: seal(t, nil).Body, Local: few},
		"single of fewer": {Kind: ingest.Kind, Body: seal(t, nil).Body, Local: json.RawMessage(single)},
		"no times": {
			Kind: ingest.Kind, Local: byTime.Local, Body: json.RawMessage(strings.Replace(string(byTime.Body), `"times"`, `"other"`, 1)),
		},
	} {
		if got, err := ingest.Open(p); got != nil || !pipeline.IsPermanent(err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestInput: stages can be tried on the files of a plan that is still being made.
func TestInput(t *testing.T) {
	plan := aPlan()
	in, err := ingest.InputOf(ingest.Input{Plan: plan}.Job())
	if err != nil || in.Plan != plan {
		t.Errorf("%+v, %v", in, err)
	}
}
