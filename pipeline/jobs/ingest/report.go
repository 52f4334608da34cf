package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// UnfinishedRun is a look at a run whose version is not there yet: the object that `inspect --unfinished --json` prints.
type UnfinishedRun struct {
	ID      string   `json:"id,omitempty"`
	Date    string   `json:"date,omitempty"`
	Asked   []string `json:"asked"` // the paths, or sources with their places, that it was to read
	Plan    string   `json:"plan"`
	Version int      `json:"version"` // that it is to make
	// Phase is the one that it is in, or stopped behind; "commit" if all its work is done.
	Phase      string `json:"phase"`
	Stopped    string `json:"stopped,omitempty"` // what limits or an alarm said; "": it is under way, or was interrupted
	Files      int    `json:"files"`
	InputBytes int64  `json:"input_bytes"`
	Splits     int    `json:"splits"`
	// Documents and bytes of the input that the map phase has done.
	Documents   int64            `json:"documents"`
	Rejected    int64            `json:"rejected"`
	UnreadBytes int64            `json:"unread_bytes"`
	Reasons     map[string]int64 `json:"reasons"` // rejects of documents and files
	Worst       []WorstFile      `json:"worst"`
}

// Unfinished looks at the unfinished run of the corpus in o.Out, which need not have a version yet; nil if there is none. It
// makes no folder and takes no lock: the run may be under way. Of the options Out, Work, Chain, Formats, Access and Log are used. also are other
// places where its work may lie.
func Unfinished(ctx context.Context, o Options, also ...string) (r *UnfinishedRun, err error) {
	err = engine.LookAtLeft(ctx, o.Engine(), also, func(u *engine.Left, work pipeline.Store) (err error) {
		if u.Plan.Kind == Name {
			r, err = o.unfinished(ctx, u, work)
		}
		return err
	})
	return r, err
}

// unfinished looks at a run whose work lies there.
func (o *Options) unfinished(ctx context.Context, u *engine.Left, work pipeline.Store) (r *UnfinishedRun, err error) {
	if u.Plan.Code != pipeline.CodeVersion {
		return nil, pipeline.WithHint(fmt.Errorf("%w: %s was planned by code version %s, this is %s", pipeline.ErrUsage, u.Name(), u.Plan.Code,
			pipeline.CodeVersion), "look at it by the version of millrace that began it")
	}
	plan, err := ingest.Open(u.Plan)
	if err != nil {
		return nil, err
	}
	sources, err := store.OpenSources(plan.Sources, o.Access)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	files := &pipeline.Job{Plan: u.Plan, Chain: o.Chain, Work: work, Sources: sources}
	r = &UnfinishedRun{
		ID: u.ID, Date: u.Date, Asked: u.Asked, Plan: u.Plan.Digest(), Version: u.Plan.Version, Stopped: u.Stopped, Files: len(plan.Files),
		InputBytes: plan.InputBytes(), Splits: len(plan.Splits), Reasons: map[string]int64{}, Worst: []WorstFile{},
	}
	if r.Phase, err = engine.PhaseOf(ctx, o.Chain, files.Work); err != nil {
		return nil, err
	}
	_, all, err := tallyRejects(ctx, files)
	if err != nil {
		return nil, err
	}
	r.Documents, r.Rejected, r.UnreadBytes = all.documents, all.rejected, all.unread
	if all.reasons != nil {
		r.Reasons = all.reasons
	}
	worst, err := worstFiles(ctx, o.Formats, files)
	r.Worst = append(r.Worst, worst...)
	return r, err
}
