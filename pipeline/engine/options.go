package engine

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline/store"
)

// Options say how jobs are done here. Nothing of them has a part in a result.
type Options struct {
	Out string // where the corpus lies
	// Work is a folder for everything disposable; "" is Out/.millrace. In any other each corpus has a folder of its own.
	Work  string
	Kinds []Kind // of job, by which everything that is known of one goes
	Slots int    // batches and tasks that are worked on at once
	// Wait waits for somebody else who has the corpus; without it that is an error.
	Wait     bool
	Access   store.Access // reaches stores that lie beyond this machine
	Log      zerolog.Logger
	Observer Observer // nil: nobody
	Tool     string   // name and version of the program, for people
	// AckWait is how long the queue waits for a sign of life of a task, 0 for a minute; in a cluster it is that of the queue's
	// consumers. A task that neither reads nor writes for five of them hangs, and is given up like one that fails.
	AckWait time.Duration
	// Workers are the stages of each worker in this process; nil is one worker with all stages. With one worker a stage
	// the stages are chained by the queue's subjects, as they are when every stage is a service of its own. Every stage of a job
	// needs one.
	Workers [][]string
	// Isolate does a task that was tried often in a process of its own. With nil such a task runs alone in this process, and is
	// given up if the process does not outlive that.
	Isolate Isolate
	// Hook is called at named points of a job, for crash tests; nil is no hook.
	Hook func(point string)

	workIsShared bool // Work is not the corpus's own
	settled      bool // see Settle
}

// Point calls Hook. The names are "worker:…" round each task, "store:…" round each file, "phase:…" round each phase, "plan:…" round
// the plan and "commit:…" during the commit.
func (o *Options) Point(name string) {
	if o.Hook != nil {
		o.Hook(name)
	}
}

// begin says in the log that a part of a job begins, for those who measure: the phases of its chain, and what stands round them.
func (o *Options) begin(phase string) { o.Log.Debug().Str("phase", phase).Msg(PhaseBegins) }

// PhaseBegins is what the log says, at level debug, when a phase begins. Its field phase names it.
const PhaseBegins = "a phase begins"
