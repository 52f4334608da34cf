package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// What a job that has not ended leaves for the next command. The plan and the ticket lie in runs/<plan>/ of the work folder; the ticket is
// written first. What the next command makes of them its kind decides.
//
//	killed behind the ticket                 no plan: removed, planned anew
//	killed behind the plan, or interrupted   found by the next command
//	stopped by limits or an alarm            the same, and the ticket tells
//	killed before the ticket tells that      as interrupted: it goes on, stops again, and the ticket tells it
//	killed behind the exclusive create       its kind sees that what it was to make is there: removed
//	killed while it is removed               the plan went first: the rest is removed

// Ticket says what the job of a stored plan is for. Nothing of it has a part in what the job makes but for words on when and for which
// date.
type Ticket struct {
	Corpus  string   `json:"corpus"` // its identity
	ID      string   `json:"id,omitempty"`
	Date    string   `json:"date,omitempty"`
	Asked   []string `json:"asked"` // what it is to read
	Skipped int64    `json:"skipped,omitempty"`
	Stopped string   `json:"stopped,omitempty"` // what limits or an alarm said, "" if none has
}

const ticketName = "run.json"

// Left is a job whose result is not there yet.
type Left struct {
	Plan *pipeline.Plan
	Ticket
}

// Name is what a job is called where people read of it.
func (t *Ticket) Name() string {
	switch {
	case t.Date != "":
		return "the run of " + t.Date
	case t.ID != "":
		return "run " + t.ID
	case len(t.Asked) == 1:
		return "the run of " + t.Asked[0]
	case len(t.Asked) > 1:
		return fmt.Sprintf("the run of %s and %s more", t.Asked[0], pipeline.Thousands(int64(len(t.Asked)-1)))
	}
	return "a run"
}

// findLeft finds the unfinished job in a store for work, nil if there is none, and changes nothing. damaged names a plan that cannot be
// read.
func findLeft(ctx context.Context, work pipeline.Store) (u *Left, damaged string, err error) {
	infos, err := work.List(ctx, runsFolder)
	if err != nil {
		return nil, "", err
	}
	for _, info := range infos {
		folder, ok := strings.CutSuffix(info.Name, "/"+pipeline.PlanName)
		if !ok {
			continue
		}
		data, err := pipeline.ReadAll(ctx, work, info.Name)
		if err != nil {
			return nil, "", err
		}
		plan, err := pipeline.DecodePlan(data, path.Base(folder))
		if err != nil {
			damaged = info.Name
			continue
		}
		u := &Left{Plan: plan}
		data, err = pipeline.ReadAll(ctx, work.Sub(folder), ticketName)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
		if err == nil && json.Unmarshal(data, &u.Ticket) != nil {
			u.Ticket = Ticket{} // of no corpus
		}
		return u, "", nil
	}
	return nil, damaged, nil
}

// keep stores the plan and what it is for: from now on the job can be resumed.
func (s *Site) keep(ctx context.Context, u *Left) error {
	if err := s.note(ctx, u.Plan.Digest(), func(t *Ticket) { *t = u.Ticket }); err != nil {
		return err
	}
	data, err := u.Plan.Encode()
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	return pipeline.WriteAll(ctx, s.jobWork(u.Plan.Digest()), pipeline.PlanName, data)
}

// Stopped notes that limits or an alarm stopped a job, for those who look at it.
func (s *Site) Stopped(ctx context.Context, digest string, stopped Stopped) error {
	return s.note(ctx, digest, func(t *Ticket) { t.Stopped = stopped.Why() })
}

// note changes what is said of a job beside its plan. Nothing depends on it but what people see of an unfinished one, and whether it
// comes first.
func (s *Site) note(ctx context.Context, digest string, change func(*Ticket)) error {
	var t Ticket
	err := pipeline.ReadJSON(ctx, s.jobWork(digest), ticketName, &t)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t = Ticket{}
	}
	change(&t)
	data, err := json.Marshal(&t)
	if err != nil {
		return fmt.Errorf("encode what the run is for: %w", err)
	}
	return pipeline.WriteAll(ctx, s.jobWork(digest), ticketName, data)
}
