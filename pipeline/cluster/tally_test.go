package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// toyChain is pipelinetest.Chain.
var toyChain = []ChainStage{
	{"cut", 0, 1.0 / 3},
	{"mill", 0, 1.0 / 3},
	{"sign", 0, 1.0 / 3},
	{"pair", 1, 1},
	{"choose", 2, 1},
	{"print", 3, 0.5},
	{"weigh", 3, 0.5},
	{"sort", 3, 1},
	{"sum", 4, 1},
}

// TestTally: splits are carried through the map phase by some workers and handed on by others; each stage counts every split
// once. The next run begins at zero.
func TestTally(t *testing.T) {
	parts := func(task int) []engine.Part {
		if task != 2 {
			t.Errorf("asked for the parts of task %d, which is not dead", task)
		}
		return []engine.Part{{Source: "news", Path: "b", FileBytes: 20, ModTime: 7, Offset: 5, Bytes: 15}}
	}
	tally := &Tally{}
	tally.Begin(pipelinetest.Chain(), parts)
	for _, stage := range []string{"cut", "mill", "sign"} {
		tally.Phase(stage, 3)
	}
	done := func(stage string, index int, read int64) {
		tally.Entry(pipeline.Entry{Stage: stage, Index: index, Verdict: pipeline.VerdictDone, Sum: pipeline.Sum{In: read, Left: map[string]int64{"rejected/bad_json": 1}}})
	}
	done("sign", 0, 5) // carried
	done("cut", 1, 3)
	tally.Entry(pipeline.Entry{Stage: "cut", Index: 2, Verdict: pipeline.VerdictDead, Reason: "panic: poison"})
	want := Progress{
		Chain: toyChain,
		Stages: []StageProgress{
			{Stage: "cut", Done: 3, Total: 3}, {Stage: "mill", Done: 2, Total: 3}, {Stage: "sign", Done: 2, Total: 3},
		},
		Documents: DocumentCounts{Read: 5, Rejected: 1}, // those of a task that goes on elsewhere are counted when it is through
		Dead:      1,
		DeadLetters: []DeadLetter{
			{Split: 2, Stages: []string{"cut", "mill", "sign"}, Source: "news", Path: "b", FileBytes: 20, ModTime: 7, Offset: 5, Bytes: 15, Error: "panic: poison"},
		},
	}
	if diff := cmp.Diff(want, tally.Progress()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	tally.Begin(pipelinetest.Chain(), nil)
	if diff := cmp.Diff(Progress{Chain: toyChain, Stages: []StageProgress{}}, tally.Progress()); diff != "" {
		t.Errorf("the next run (-want +got):\n%s", diff)
	}
	tally.Entry(pipeline.Entry{Stage: "cut", Index: 0, Verdict: pipeline.VerdictDead})
	if p := tally.Progress(); p.Dead != 1 || len(p.DeadLetters) > 0 {
		t.Errorf("of a kind that cannot say what its tasks read: %+v", p)
	}
}
