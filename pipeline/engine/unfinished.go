package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"millrace/pipeline"
)

// What a run that has not ended leaves for the next command, and what that makes of it. The plan and the ticket lie in
// runs/<plan>/ of the work folder; the ticket is written first.
//
//	killed behind the ticket                     no plan: removed, planned anew
//	killed behind the plan, or interrupted       its run ends first, under its own id and date; then comes what was asked for
//	stopped by limits or an alarm (told in       the same, if neither its files nor the settings that have a part in the result
//	the ticket)                                  differ: it stops again at once, unless limits were raised or --force given.
//	                                             If they do, it is given up: nothing of it was committed, its files are planned anew
//	killed before the ticket tells of the stop   as interrupted: it goes on, stops again, and the ticket tells it
//	killed behind the manifest                   the corpus is a version further than the plan's parent: removed
//	killed while it is removed                   the plan went first: the rest is removed
//	other settings, or code, and not stopped     refused, with --restart as the way out: the user decides what is right
//	the ticket names another corpus              given up: the corpus was copied, or removed and made anew

// ticket says what the run of a stored plan is for. Nothing of it has a part in what the run makes but for the manifest's
// words on when and for which date.
type ticket struct {
	Corpus  string   `json:"corpus"` // its identity
	ID      string   `json:"id,omitempty"`
	Date    string   `json:"date,omitempty"`
	Asked   []string `json:"asked"` // see Options.asked
	Skipped int64    `json:"skipped,omitempty"`
	Stopped string   `json:"stopped,omitempty"` // what limits or an alarm said, "" if none has
}

const ticketName = "run.json"

// leftRun is a run whose version is not there yet.
type leftRun struct {
	plan *pipeline.Plan
	ticket
}

// same says whether a command asks for the very run that is unfinished.
func (u *leftRun) same(o *Options) bool {
	if u.ID != "" || o.ID != "" {
		return u.ID == o.ID
	}
	return strings.Join(u.Asked, "\x00") == strings.Join(o.asked(), "\x00")
}

// name is what a run is called where people read of it.
func (t *ticket) name() string {
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

// findUnfinished finds the unfinished run in a store for work, nil if there is none, and changes nothing. damaged names a plan
// that cannot be read.
func findUnfinished(ctx context.Context, work pipeline.Store) (u *leftRun, damaged string, err error) {
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
		u := &leftRun{plan: &pipeline.Plan{}}
		if json.Unmarshal(data, u.plan) != nil || runFolder(u.plan.Digest()) != folder {
			damaged = info.Name
			continue
		}
		data, err = pipeline.ReadAll(ctx, work.Sub(folder), ticketName)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
		if err == nil && json.Unmarshal(data, &u.ticket) != nil {
			u.ticket = ticket{} // of no corpus
		}
		return u, "", nil
	}
	return nil, damaged, nil
}

// left returns the unfinished run, nil if there is none. What can never be finished is removed.
func (w *workspace) left(ctx context.Context) (*leftRun, error) {
	u, damaged, err := findUnfinished(ctx, w.store)
	if err != nil || u != nil {
		return u, err
	}
	if damaged != "" {
		w.log.Warn().Str("plan", damaged).Msg("the stored plan is damaged: planning anew")
	}
	return nil, w.forget(ctx)
}

// keep stores the plan and what it is for: from now on the run can be resumed.
func (w *workspace) keep(ctx context.Context, u *leftRun) error {
	if err := w.note(ctx, u); err != nil {
		return err
	}
	data, err := json.Marshal(u.plan)
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	return pipeline.WriteAll(ctx, w.store.Sub(runFolder(u.plan.Digest())), pipeline.PlanName, data)
}

// note stores what the plan is for.
func (w *workspace) note(ctx context.Context, u *leftRun) error {
	data, err := json.Marshal(&u.ticket)
	if err != nil {
		return fmt.Errorf("encode what the run is for: %w", err)
	}
	return pipeline.WriteAll(ctx, w.store.Sub(runFolder(u.plan.Digest())), ticketName, data)
}
