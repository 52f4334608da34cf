package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

// AckWait is how long a delivery may go without Working, unless Options say otherwise.
const AckWait = 60 * time.Second

const (
	defaultMaxAckPending = 1000
	// streamMaxBytes is a fuse: references of a run that big do not exist.
	streamMaxBytes = 2 << 30
)

// reserved cannot be run ids: other streams own millrace.<word>.>.
var reserved = []string{"inbox", "sched", "trigger", "dead"}

var token = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Options are the choices of the coordinator that creates a run's stream.
type Options struct {
	Stages        []string      // a consumer for each
	AckWait       time.Duration // how long a delivery may go without Working; default 60 s
	MaxAckPending int           // deliveries of one stage in flight, everywhere together; default 1000
	Replicas      int           // default 1
	// Patience is how long requests are repeated while NATS does not answer; default 30 s. A cluster may need some minutes to
	// restart a server or to agree on a leader.
	Patience time.Duration
	// Exclusive says that no other process can hold a task of this run, as with an embedded server: what a process that
	// died left in flight is delivered again at once, not after AckWait. So is everything else, for the ledger to refuse what it
	// has: who got what is kept in memory, which spares a folder and three files a stage, a file each tenth of a second, and a
	// hundred milliseconds when the server stops.
	Exclusive bool
}

// Run is the queue and ledger of one run. Safe for concurrent use.
type Run struct {
	stream
	id   string
	recv receiver

	mu    sync.Mutex
	looks map[string]look // guarded by mu; what Stuck saw last, by stage

	options Options // of who created it
}

var _ pipeline.Queue = (*Run)(nil)

// Create opens the run, making its stream and consumers if they are not there. Only the coordinator does so.
func Create(ctx context.Context, nc *nats.Conn, runID string, o Options) (*Run, error) {
	r, err := newRun(nc, runID, o.Patience)
	if err != nil {
		return nil, err
	}
	for _, s := range o.Stages {
		if !token.MatchString(s) {
			return nil, fmt.Errorf("create run %s: stage %q: only letters, digits, - and _", runID, s)
		}
	}
	o.AckWait, o.Replicas = cmp.Or(o.AckWait, AckWait), cmp.Or(o.Replicas, 1)
	o.MaxAckPending = cmp.Or(o.MaxAckPending, defaultMaxAckPending)
	r.options = o
	if err := r.retry(ctx, func(ctx context.Context) error { return r.create(ctx, o) }); err != nil {
		return nil, fmt.Errorf("create run %s: %w", runID, err)
	}
	return r, nil
}

// BindOptions are the choices of those who use a run that is there.
type BindOptions struct {
	Patience time.Duration // as in Options
}

// Bind opens a run that a coordinator has created. If there is none, the error is ErrGone.
func Bind(ctx context.Context, nc *nats.Conn, runID string, o BindOptions) (*Run, error) {
	r, err := newRun(nc, runID, o.Patience)
	if err != nil {
		return nil, err
	}
	if err := r.bind(ctx); err != nil {
		return nil, fmt.Errorf("bind to run %s: %w", runID, err)
	}
	return r, nil
}

func newRun(nc *nats.Conn, runID string, patience time.Duration) (*Run, error) {
	if !token.MatchString(runID) || slices.Contains(reserved, runID) {
		return nil, fmt.Errorf("run id %q: only letters, digits, - and _, and none of %v", runID, reserved)
	}
	s, err := newStream(nc, "RUN_"+runID, patience, ErrGone)
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", runID, err)
	}
	r := &Run{stream: s, id: runID}
	r.recv.run = r
	return r, nil
}

func (r *Run) create(ctx context.Context, o Options) error {
	handle, err := r.js.Stream(ctx, r.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		handle, err = r.js.CreateStream(ctx, jetstream.StreamConfig{
			Name:        r.name,
			Subjects:    []string{"millrace." + r.id + ".>"},
			Retention:   jetstream.LimitsPolicy,
			Storage:     jetstream.FileStorage,
			Discard:     jetstream.DiscardNew,
			MaxBytes:    streamMaxBytes,
			AllowDirect: true,
			Duplicates:  100 * time.Millisecond, // unused: message ids are not durable
			Replicas:    o.Replicas,
		})
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another coordinator, with other options
			handle, err = r.js.Stream(ctx, r.name)
		}
	}
	if err != nil {
		return withRoom(err, streamMaxBytes)
	}
	r.handle = handle
	for _, stage := range o.Stages {
		if err := r.createConsumer(ctx, stage, o); err != nil {
			return fmt.Errorf("consumer %s: %w", stage, err)
		}
	}
	return nil
}

// subject joins the parts of a subject of the run.
func (r *Run) subject(kind, stage, key string) string {
	return "millrace." + r.id + "." + kind + "." + stage + "." + key
}

// taskSubject is subject for one task.
func (r *Run) taskSubject(kind string, t pipeline.Task) (string, error) {
	if !token.MatchString(t.Stage) {
		return "", fmt.Errorf("task %s: the stage is no part of a subject", t)
	}
	return r.subject(kind, t.Stage, t.Key()), nil
}

// Lives says whether the run is still in the queue: the error is ErrGone if somebody has removed it.
func (r *Run) Lives(ctx context.Context) error {
	if _, err := r.lookUp(ctx); err != nil {
		return fmt.Errorf("look for run %s: %w", r.id, err)
	}
	return nil
}

// Close ends every Receive and gives back what was delivered meanwhile. The connection stays open. It may be called again.
func (r *Run) Close() { r.recv.close(nats.ErrConnectionClosed) }

// Delete removes the run from the queue, with its ledger. That there is none is no error.
func (r *Run) Delete(ctx context.Context) error {
	err := r.retry(ctx, func(ctx context.Context) error { return r.js.DeleteStream(ctx, r.name) })
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("delete run %s: %w", r.id, err)
	}
	return nil
}

// runID is the id of a run of the corpus. Two corpora that read the same files at the same settings have plans of one digest, and may share a server.
func (c *Control) runID(plan string) string { return c.name + "-" + plan }

// Create is the function Create for the plan of a digest, over the connection and with the patience of the control plane. The run is one of this
// corpus alone.
func (c *Control) Create(ctx context.Context, plan string, o Options) (*Run, error) {
	o.Patience = cmp.Or(o.Patience, c.patience)
	return Create(ctx, c.nc, c.runID(plan), o)
}

// Bind is the function Bind for a run that Create has made, over the connection and with the patience of the control plane.
func (c *Control) Bind(ctx context.Context, plan string) (*Run, error) {
	return Bind(ctx, c.nc, c.runID(plan), BindOptions{Patience: c.patience})
}

// DeleteRun removes a run with its ledger. That there is none is no error.
func (c *Control) DeleteRun(ctx context.Context, plan string) error {
	r, err := c.Bind(ctx, plan)
	if errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Delete(ctx)
}
