package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// Status is a picture of the cluster at one moment: what `status --json` prints.
type Status struct {
	Time        time.Time `json:"time"`
	Coordinator string    `json:"coordinator,omitempty"` // who led by the last that was heard; "" if nobody does
	// Leading says that the coordinator was heard of not long ago; CoordinatorAge is how long.
	Leading        bool    `json:"leading"`
	CoordinatorAge float64 `json:"coordinator_age_seconds,omitempty"`
	Run            Record  `json:"run"`
	// DroppedBy is the version that has dropped what the run made, 0 if none has. Who reads the corpus fills it in.
	DroppedBy   int            `json:"dropped_by,omitempty"`
	Stages      []StageStatus  `json:"stages"`    // of the run under way
	Documents   DocumentCounts `json:"documents"` // of the run under way
	Dead        int            `json:"dead_letters"`
	DeadLetters []DeadLetter   `json:"dead"`
	InputBytes  int64          `json:"input_bytes"`
	ETASeconds  float64        `json:"eta_seconds,omitempty"` // of the stages under way; 0: not known
	Workers     []WorkerStatus `json:"workers"`
	// Unmanned are stages of the run under way that no worker does: it waits until one comes.
	Unmanned []string `json:"stages_without_worker,omitempty"`
	Waiting  []string `json:"waiting"` // requests for runs that have not begun
	// Planning is how far the plan of the run under way is, nil if none is made.
	Planning *pipeline.PlanningState `json:"planning,omitempty"`
	// Chain are all stages of the run under way, in order. Done is how much of it is done as a whole, from 0 to 1, and WholeETASeconds what it
	// still needs; 0: not known.
	Chain           []ChainStage `json:"chain,omitempty"`
	Done            float64      `json:"done,omitempty"`
	WholeETASeconds float64      `json:"whole_eta_seconds,omitempty"`
}

// StageStatus is one stage of the run under way.
type StageStatus struct {
	StageProgress
	// Waiting tasks are in the queue and in nobody's hands; Working ones are in hand. Both together are the stage's lag.
	Waiting int `json:"waiting"`
	Working int `json:"working"`
	// Bytes are the input that went through it, and Rate that in a second, by the workers that are there.
	Bytes int64   `json:"bytes"`
	Rate  float64 `json:"bytes_per_second"`
}

// silence is how long a coordinator that leads may be silent. Clocks of machines differ by a little.
const silence = 2 * leaseTTL

// since is the time from a moment on the server's clock to the picture.
func (s *Status) since(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(s.Time.Sub(t), 0)
}

// does says whether a worker takes tasks of a stage.
func (w *WorkerStatus) does(stage string) bool {
	return !w.Draining && w.Refused == "" && slices.Contains(w.Stages, stage)
}

// What a worker does.
const (
	WorkerIdle     = "idle"
	WorkerWorking  = "working"
	WorkerStopping = "stopping"
	WorkerRefuses  = "refuses the run"
)

// WorkerState is what a worker of the picture does.
func (s *Status) WorkerState(w *WorkerStatus) string {
	switch {
	case w.Draining:
		return WorkerStopping
	case w.Refused != "":
		return WorkerRefuses
	case w.Plan != "" && w.Plan == s.Run.Plan && s.Run.State.UnderWay():
		return WorkerWorking
	}
	return WorkerIdle
}

// Look takes the picture.
func (c *Client) Look(ctx context.Context) (s Status, err error) {
	s.Time = time.Now().UTC()
	s.Stages, s.Workers, s.Waiting, s.DeadLetters = []StageStatus{}, []WorkerStatus{}, []string{}, []DeadLetter{}
	if s.Run, _, err = readRecord(ctx, c.Control); err != nil {
		return s, err
	}
	var heard time.Time
	if s.Coordinator, heard, err = c.Control.Leader(ctx); err != nil {
		return s, err
	}
	if s.Coordinator != "" {
		age := s.since(heard)
		s.Leading, s.CoordinatorAge = age < silence, age.Seconds()
	}
	workers, err := c.Control.List(ctx, keyWorker)
	if err != nil {
		return s, err
	}
	for _, e := range workers {
		var w WorkerStatus
		if err := json.Unmarshal(e.Data, &w); err != nil {
			return s, fmt.Errorf("decode %s: %w", e.Key, err)
		}
		w.Heard, w.Age = e.Time.UTC(), s.since(e.Time).Seconds()
		s.Workers = append(s.Workers, w)
	}
	requests, err := c.Control.List(ctx, keyStart)
	if err != nil {
		return s, err
	}
	for _, e := range requests {
		if id := e.Key[len(keyStart):]; id != s.Run.ID {
			s.Waiting = append(s.Waiting, id)
		}
	}
	if !s.Run.State.UnderWay() {
		return s, nil
	}
	if s.Run.Plan == "" {
		p, _, err := read[Progress](ctx, c.Control, keyProgress)
		if p.Run == s.Run.ID {
			s.Planning = p.Planning
		}
		return s, err
	}
	return s, c.lookAtRun(ctx, &s)
}

// lookAtRun adds what progress and queue say.
func (c *Client) lookAtRun(ctx context.Context, s *Status) error {
	p, _, err := read[Progress](ctx, c.Control, keyProgress)
	if err != nil || p.Plan != s.Run.Plan {
		return err
	}
	s.Dead, s.InputBytes, s.Documents, s.Chain = p.Dead, p.InputBytes, p.Documents, p.Chain
	s.DeadLetters = append(s.DeadLetters, p.DeadLetters...)
	backlog := map[string]queue.StageBacklog{}
	q, err := c.Control.Bind(ctx, s.Run.Plan)
	if errors.Is(err, queue.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer q.Close()
	list, err := q.Stages(ctx)
	if err != nil && !errors.Is(err, queue.ErrGone) {
		return err
	}
	var stages []string
	for _, b := range list {
		backlog[b.Stage] = b
		stages = append(stages, b.Stage)
	}
	s.Unmanned = unmanned(s.Workers, stages)
	for _, st := range p.Stages {
		one := StageStatus{StageProgress: st, Waiting: backlog[st.Stage].Waiting, Working: backlog[st.Stage].Working}
		for _, w := range s.Workers {
			if w.Plan == s.Run.Plan {
				one.Bytes += w.Bytes[st.Stage]
				one.Rate += w.Rates[st.Stage]
			}
		}
		s.ETASeconds = max(s.ETASeconds, st.ETASeconds)
		s.Stages = append(s.Stages, one)
	}
	shown := s.Snapshot()
	s.Done = shown.Whole
	if shown.Known {
		s.WholeETASeconds = shown.ETA.Seconds()
	}
	return nil
}
