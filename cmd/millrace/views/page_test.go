package views

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/monitor"
	"github.com/millrace/millrace/pipeline/monitor/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestPictureOf: what the cluster says of itself is on the page.
func TestPictureOf(t *testing.T) {
	heard := time.Unix(1e9, 0)
	all := []string{"parse", "sink"}
	s := cluster.Status{
		Run:         cluster.Record{ID: "night", State: cluster.Running, Plan: "ab", Started: heard, Error: pipeline.ErrUsage.Error() + ": no such thing"},
		Coordinator: "c", Leading: true, InputBytes: 5, ETASeconds: 1.2, Dead: 1, Waiting: []string{"next"}, Unmanned: []string{"sink"},
		Documents: cluster.DocumentCounts{Read: 9, Kept: 4, Duplicates: 3, Filtered: 1, Rejected: 1},
		Stages: []cluster.StageStatus{
			{StageProgress: cluster.StageProgress{Stage: "parse", Done: 1, Total: 4, ETASeconds: 1.2}, Waiting: 2, Working: 1, Bytes: 7, Rate: 8.9},
			{StageProgress: cluster.StageProgress{Stage: "supersede"}},
		},
		Workers: []cluster.WorkerStatus{
			{ID: "a", Stages: all, Slots: 2, Plan: "ab", Heard: heard, Rates: map[string]float64{"parse": 8.9, "sink": 3}},
			{ID: "b", Stages: all[:1], Slots: 8, Refused: "planned by another version", Heard: heard},
			{ID: "c", Stages: all[:1], Slots: 1, Draining: true, Heard: heard},
		},
		DeadLetters: []cluster.DeadLetter{{Source: "news", Path: "x", Offset: 3, Bytes: 4, Error: "panic: poison"}},
	}
	want := live.Picture{
		Run:         live.Run{ID: "night", State: "running", UnderWay: true, Started: heard, Error: "no such thing"},
		Coordinator: &live.Coordinator{ID: "c", Leading: true}, InputBytes: 5, ETASeconds: 2, Dead: 1, Waiting: []string{"next"}, Unmanned: []string{"sink"},
		Documents: live.Documents{Read: 9, Kept: 4, Duplicates: 3, Filtered: 1, Rejected: 1},
		Stages: []live.Stage{
			{Name: "parse", Done: 1, Total: 4, PerMille: 250, Waiting: 2, Working: 1, Bytes: 7, BytesPerSecond: 8, ETASeconds: 2, Slots: 2},
			{Name: "supersede", PerMille: 1000},
		},
		Workers: []live.Worker{
			{ID: "a", Stages: []string{"all"}, Slots: 2, State: live.Working, Heard: heard, BytesPerSecond: 8},
			{ID: "b", Stages: all[:1], Slots: 8, State: live.Refuses, Why: "planned by another version", Heard: heard},
			{ID: "c", Stages: all[:1], Slots: 1, State: live.Stopping, Heard: heard},
		},
		DeadLetters: []live.DeadLetter{{ID: corpus.DeadID("run", "news", "x", 3), Run: "night", Source: "news", Path: "x", Offset: 3, Bytes: 4, Reason: "panic: poison"}},
	}
	if diff := cmp.Diff(want, pictureOf(&s, all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestProcessPicture: a run of one process is planned, then runs, and is committed when every stage is over.
func TestProcessPicture(t *testing.T) {
	tracker := monitor.NewTracker(pipeline.Chain{{Tracks: []pipeline.Track{{Stages: []pipeline.StageSpec{{Name: "parse"}}}}}})
	worker := live.Worker{ID: "me", Slots: 2}
	at := func() live.Picture {
		s := tracker.Snapshot()
		return processPicture(&s, worker)
	}
	if p := at(); p.Run.State != string(cluster.Planning) || len(p.Stages) != 0 || !p.Process {
		t.Errorf("at first: %+v", p)
	}
	tracker.Planning().Begin(pipeline.PlanningStep{Name: "finding files"})
	tracker.Planning().Found(2e6)
	if p := at(); p.Planning != "finding files: 1 file with 2.0 MB" {
		t.Errorf("planning: %q", p.Planning)
	}
	tracker.Planning().End()
	tracker.InputBytes(10)
	tracker.Phase("parse", 2)
	tracker.TaskDone("parse")
	p := at()
	if p.Run.State != string(cluster.Running) || len(p.Stages) != 1 || p.Stages[0].PerMille != 500 || p.Workers[0].State != live.Working || p.Workers[0].Slots != 2 {
		t.Errorf("under way: %+v", p)
	}
	tracker.TaskDone("parse")
	if p := at(); p.Run.State != string(cluster.Committing) {
		t.Errorf("at the end: %+v", p)
	}
}

// TestLists: versions and dead letters are those of the corpus, newest first. Before a process has joined there are none to be had.
func TestLists(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	list, err := Versions(t.Context(), c)
	if err != nil || len(list) != 2 || list[0].Version != 2 || list[1].Version != 1 || !list[1].Live || list[0].Documents.Read == 0 || list[0].Committed == "" {
		t.Errorf("%+v, %v", list, err)
	}
	dead, err := Dead(t.Context(), c)
	if err != nil || len(dead) == 0 || dead[0].Path != "d/dead.jsonl" || dead[0].ID == "" || dead[0].Reason == "" {
		t.Errorf("%+v, %v", dead, err)
	}
	v := New(nil)
	if _, _, err := v.both(); !errors.Is(err, errNotJoined) {
		t.Errorf("before it has joined: %v", err)
	}
	page := v.Page(PageOptions{Do: func(context.Context, *cluster.Client, *corpus.Corpus, live.Action) (string, error) { return "", nil }})
	page.Close()
}
