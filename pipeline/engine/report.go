package engine

import (
	"context"
	"errors"
	"io/fs"

	"millrace/pipeline"
	"millrace/pipeline/store"
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
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return nil, err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Access: o.Access})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	identity, err := readIdentity(ctx, out)
	if err != nil {
		return nil, err
	}
	places, err := o.workPlaces(identity)
	if err != nil {
		return nil, err
	}
	for _, place := range append(places, also...) {
		r, err := unfinishedAt(ctx, &o, place, identity)
		if err != nil || r != nil {
			return r, err
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

// workPlaces is where the work of a run in one process lies, if there can be one.
func (o *Options) workPlaces(i identity) ([]string, error) {
	if store.IsRemote(o.Work) {
		return nil, nil
	}
	if err := o.settleWork(); err != nil {
		return nil, err
	}
	return []string{i.workFolder(o)}, nil
}

// unfinishedAt looks for the run in one place.
func unfinishedAt(ctx context.Context, o *Options, place string, i identity) (r *UnfinishedRun, err error) {
	work, err := store.Open(ctx, place, store.Options{Access: o.Access})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, work.Close()) }()
	u, _, err := findUnfinished(ctx, work)
	if err != nil || u == nil || u.Corpus != i.ID {
		return nil, err
	}
	sources, err := store.OpenSources(u.plan.Sources, o.Access)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	digest := u.plan.Digest()
	job := &pipeline.Job{Plan: u.plan, Chain: o.Chain, Work: work.Sub(runFolder(digest)), Sources: sources}
	r = &UnfinishedRun{
		ID: u.ID, Date: u.Date, Asked: u.Asked, Plan: digest, Version: u.plan.Version, Stopped: u.Stopped, Files: len(u.plan.Files),
		InputBytes: u.plan.InputBytes(), Splits: len(u.plan.Splits), Reasons: map[string]int64{}, Worst: []WorstFile{},
	}
	if r.Phase, err = phaseOf(ctx, o.Chain, job.Work); err != nil {
		return nil, err
	}
	_, all, err := tallyRejects(ctx, job)
	if err != nil {
		return nil, err
	}
	r.Documents, r.Rejected, r.UnreadBytes = all.documents, all.rejected, all.unread
	if all.reasons != nil {
		r.Reasons = all.reasons
	}
	worst, err := worstFiles(ctx, o.Formats, job)
	r.Worst = append(r.Worst, worst...)
	return r, err
}

// phaseOf is the first phase whose entries are not all written yet, "commit" behind the last.
func phaseOf(ctx context.Context, chain pipeline.Chain, work pipeline.Store) (string, error) {
	for i := range chain {
		for k := range chain[i].Tracks {
			for _, stage := range chain[i].Tracks[k].Recorded() {
				o, err := work.Open(ctx, pipeline.PhaseName(stage.Name))
				if errors.Is(err, fs.ErrNotExist) {
					return chain[i].Name, nil
				}
				if err != nil {
					return "", err
				}
				if err := o.Close(); err != nil {
					return "", err
				}
			}
		}
	}
	return "commit", nil
}
