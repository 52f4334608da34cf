package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// State is how far a run is.
type State string

// States of a run. The first four are of one that is under way.
const (
	Planning   State = "planning"
	Running    State = "running"
	Paused     State = "paused"
	Committing State = "committing"

	Committed State = "committed"
	Nothing   State = "nothing new" // no version was made: the corpus holds all files already
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// UnderWay says that the run has not ended.
func (s State) UnderWay() bool {
	return s == Planning || s == Running || s == Paused || s == Committing
}

// well says that a run has ended so that it need not be done again.
func (s State) well() bool { return s == Committed || s == Nothing }

// Says is the state as what is said of a run.
func (s State) Says() string {
	switch s {
	case Nothing:
		return "found nothing new"
	case Failed:
		return "has failed"
	case Cancelled:
		return "was cancelled"
	}
	return "is " + string(s)
}

// Record is what is known of the newest run.
type Record struct {
	ID        string `json:"id"`
	Kind      string `json:"kind,omitempty"` // see Request
	Date      string `json:"date,omitempty"` // see Request
	State     State  `json:"state"`
	Plan      string `json:"plan,omitempty"` // its digest
	Skipped   int64  `json:"skipped,omitempty"`
	InboxUpTo uint64 `json:"inbox_up_to,omitempty"` // published files that the plan has considered
	Force     bool   `json:"force,omitempty"`       // see Request
	// RetryRejected is as in Request.
	RetryRejected bool `json:"retry_rejected,omitempty"`
	// Moved is as in Request.
	Moved []string `json:"moved,omitempty"`
	// Params is as in Request. A run that has ended has none: they may hold what is not to be kept, such as a text that was removed.
	Params json.RawMessage `json:"params,omitempty"`
	// Stopped says that limits or an alarm let it fail; Behind is the request that waits for it to end, if it was taken up again.
	Stopped bool   `json:"stopped,omitempty"`
	Behind  string `json:"behind,omitempty"`

	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	// Result of a committed run, or of one that no document came through, Error and Hint of a failed one.
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Hint   string          `json:"hint,omitempty"` // the way out of it
	// Usage says that the error is a pipeline.ErrUsage: what was asked for cannot be.
	Usage bool `json:"usage,omitempty"`
}

// Request asks the coordinator for a run: a job of some kind.
type Request struct {
	ID string `json:"id"`
	// Kind is that of the job, "" for the first of those that the coordinator knows.
	Kind string `json:"kind,omitempty"`
	// Date is the logical date that a scheduled run is for, RFC 3339 with its zone.
	Date string `json:"date,omitempty"`
	// Restart throws away what an earlier try of the same plan has done.
	Restart bool `json:"restart,omitempty"`
	// Force commits also what the alarms would stop.
	Force bool `json:"force,omitempty"`
	// RetryRejected takes files again that versions have rejected, wholly or in part, though they are as they were.
	RetryRejected bool `json:"retry_rejected,omitempty"`
	// Moved are the names of sources that lie elsewhere than before.
	Moved []string `json:"moved,omitempty"`
	// Params is what else the kind of the job is told: see engine.Request.
	Params json.RawMessage `json:"params,omitempty"`
	// Taken says that a coordinator begins the run: from then on it is cancelled as the run under way, not as a request.
	Taken bool `json:"taken,omitempty"`
}

// Progress is how far the run under way is.
type Progress struct {
	Plan       string          `json:"plan"`
	InputBytes int64           `json:"input_bytes"`
	Stages     []StageProgress `json:"stages"` // those that have begun
	// Chain are all stages of the run, in order.
	Chain     []ChainStage   `json:"chain,omitempty"`
	Documents DocumentCounts `json:"documents"`
	Dead      int            `json:"dead_letters"` // splits that were given up
	// DeadLetters are the files of these, the first maxDeadShown.
	DeadLetters []DeadLetter `json:"dead,omitempty"`
	// Run is the id of the run that is planned, and Planning how far that is. There is nothing else then.
	Run      string                  `json:"run,omitempty"`
	Planning *pipeline.PlanningState `json:"planning,omitempty"`
}

// ChainStage is a stage of a run, whether it has begun or not.
type ChainStage struct {
	Stage  string  `json:"stage"`
	Phase  int     `json:"phase"`  // stages of one phase are done at the same time
	Weight float64 `json:"weight"` // what it takes of the time of the whole, against the others
}

// DocumentCounts are the documents of the run so far. Kept and Duplicates are known when it has resolved the duplicates.
type DocumentCounts struct {
	Read       int64 `json:"read"`
	Kept       int64 `json:"kept"`
	Duplicates int64 `json:"duplicates"`
	Filtered   int64 `json:"filtered"`
	Rejected   int64 `json:"rejected"`
}

// StageProgress counts the tasks of one stage.
type StageProgress struct {
	Stage      string  `json:"stage"`
	Done       int     `json:"done"`
	Total      int     `json:"total"`
	ETASeconds float64 `json:"eta_seconds,omitempty"` // 0: not known
	Seconds    float64 `json:"seconds,omitempty"`     // since it began, up to its end
	Resumed    int     `json:"resumed,omitempty"`     // tasks that were done before it began
}

// DeadLetter is a file, or a range of one, of a split that was given up in the run under way.
type DeadLetter struct {
	Split int `json:"split"`
	// Stages are those that it may have failed at.
	Stages    []string `json:"stages,omitempty"`
	Source    string   `json:"source"`
	Path      string   `json:"path"`
	FileBytes int64    `json:"file_bytes"`
	ModTime   int64    `json:"mod_time"` // Unix nanoseconds
	Offset    int64    `json:"offset"`
	Bytes     int64    `json:"bytes"`
	Error     string   `json:"error"`
}

// WorkerStatus is a worker as it sees itself.
type WorkerStatus struct {
	ID       string    `json:"id"`
	Host     string    `json:"host"`
	PID      int       `json:"pid"`
	Stages   []string  `json:"stages"`
	Slots    int       `json:"slots"`
	Started  time.Time `json:"started"`
	Plan     string    `json:"plan,omitempty"`    // of the run that it works on
	Refused  string    `json:"refused,omitempty"` // why it does not work on the run under way
	Draining bool      `json:"draining,omitempty"`
	// Bytes are the input that went through each of its stages in this run, as it is stored; Rates, in bytes a second, are
	// those of the last ten seconds.
	Bytes map[string]int64   `json:"bytes,omitempty"`
	Rates map[string]float64 `json:"bytes_per_second,omitempty"`
	// Heard is when the worker said so, by the clock of the queue's server, and Age how long ago.
	Heard time.Time `json:"heard,omitzero"`
	Age   float64   `json:"age_seconds"`
}

// Keys of the control plane.
const (
	keyRuns     = "run."
	keyRun      = keyRuns + "newest"
	keyProgress = "progress"
	keyRequest  = "request."
	keyStart    = keyRequest + "start."
	keyPause    = keyRequest + "pause"
	keyResume   = keyRequest + "resume"
	keyCancel   = keyRequest + "cancel"
	keyEnded    = "ended." // Record of each run that has ended, as it did last
	keyFailed   = "failed."
	keyWorker   = "worker."
)

// read returns what a key holds and its revision, 0 if it holds nothing.
func read[T any](ctx context.Context, c *queue.Control, key string) (value T, revision uint64, err error) {
	data, revision, err := c.Get(ctx, key)
	if err != nil || revision == 0 {
		return value, 0, err
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return value, 0, fmt.Errorf("decode %s: %w", key, err)
	}
	return value, revision, nil
}

// set replaces what a key holds by value, as Control.Set.
func set(ctx context.Context, c *queue.Control, key string, value any, rev uint64) (revision uint64, err error) {
	data, err := json.Marshal(value)
	if err != nil {
		return 0, err
	}
	return c.Set(ctx, key, data, rev)
}

// put is set whatever the key holds, as Control.Put.
func put(ctx context.Context, c *queue.Control, key string, value any, ttl time.Duration) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return c.Put(ctx, key, data, ttl)
}

// readRecord returns the newest run's record and its revision, 0 if there never was a run.
func readRecord(ctx context.Context, c *queue.Control) (Record, uint64, error) {
	return read[Record](ctx, c, keyRun)
}

// readRequest returns the request for the run of an id and its revision, 0 if there is none.
func readRequest(ctx context.Context, c *queue.Control, id string) (Request, uint64, error) {
	return read[Request](ctx, c, keyStart+id)
}

// readEnd returns how the run of an id has ended last. No record has no id.
func readEnd(ctx context.Context, c *queue.Control, id string) (Record, error) {
	r, _, err := read[Record](ctx, c, keyEnded+id)
	return r, err
}

// writeEnd notes how a run has ended.
func writeEnd(ctx context.Context, c *queue.Control, r Record) error {
	return put(ctx, c, keyEnded+r.ID, r, endedTTL)
}

// isFenced says that somebody else has taken over.
func isFenced(err error) bool { return errors.Is(err, pipeline.ErrFenced) }
