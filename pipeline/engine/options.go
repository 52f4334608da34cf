package engine

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/store"
)

// Options say what a run is to do. Only Settings, ByTime, SplitBytes, ShardBytes and what the paths hold have a part in its result.
type Options struct {
	Out string // folder of the corpus
	// Work is a folder for everything disposable; "" is Out/.millrace. In any other each corpus has a folder of its own.
	Work  string
	Paths []string // files and folders to read
	// Roots, where Site plans, take the place of Paths, and Published names files of them beside those that are scanned.
	Roots     []Root
	Published []Published
	Slots     int // batches and tasks that are worked on at once
	// ID and Date are what the run is for: see corpus.RunInfo. If a version was made for the ID already, there is nothing to do.
	ID, Date string
	// Wait waits for another run that has the corpus to end; without it that is an error.
	Wait bool
	// ByContent says that a file of another time is known if its content is: planning reads every file that is new by its time.
	ByContent bool
	// ByTime says that by the settings modification times have a part in the result: they are in the digest of the plan.
	ByTime bool
	// RetryRejected takes files again that a live version rejected, wholly or in part, though they are as they were.
	RetryRejected bool
	// Restart throws the stored plan of an unfinished run away.
	Restart bool

	// Settings are the result-affecting ones that are not as the defaults, canonical JSON; part of the plan. Effective says what
	// such settings, of any plan, mean: those that they leave out too. With nil they leave nothing out.
	Settings   json.RawMessage
	Effective  func(stored json.RawMessage) (map[string]any, error)
	Fixed      []string // settings, or sections of them, that the first version fixes
	ShardBytes int64    // kept text in a shard
	SplitBytes int64    // input of one map task; 0 leaves it to the planner

	PartitionBytes int64 // input to one dedupe partition; 0 leaves it to the planner

	Sources  map[string]SourceOrder // by name of the source; one that is not named has priority 0, in order of the paths
	Wiring   Wiring
	Log      zerolog.Logger
	Observer Observer
	Tool     string // name and version of the program, for the manifest

	Limits *Limits        // nil: none
	Alarms *corpus.Alarms // nil: none
	Force  bool           // commit beyond the alarms

	// AckWait is how long the queue waits for a sign of life of a task, 0 for a minute; in a cluster it is that of the queue's
	// consumers. A task that neither reads nor writes for five of them hangs, and is given up like one that fails.
	AckWait time.Duration
	// Workers are the stages of each worker in this process; nil is one worker with all stages. With one worker a stage
	// the stages are chained by the queue's subjects, as they are when every stage is a service of its own.
	Workers [][]string
	// Isolate does a task that was tried often in a process of its own. With nil such a task runs alone in this process, and is
	// given up if the process does not outlive that.
	Isolate Isolate
	// Hook is called at named points of the run, for crash tests; nil is no hook.
	Hook func(point string)

	workIsShared bool           // Work is not the corpus's own
	begun        *pipeline.Plan // of a run that was just finished: its files, as they were, are not planned again
}

// asked is what a run is asked to read: its paths, or its sources, in some order that is always the same.
func (o *Options) asked() (asked []string) {
	for _, p := range o.Paths {
		if abs, err := store.Absolute(p); err == nil {
			p = abs
		}
		asked = append(asked, p)
	}
	for _, r := range o.Roots {
		asked = append(asked, r.Name+" ("+r.Root+")")
	}
	slices.Sort(asked)
	return asked
}

// SourceOrder says where the documents of a source stand in the order of the plan, which decides who wins a duplicate.
type SourceOrder struct {
	Priority   int  // higher first
	Descending bool // the last path first, so that the newest of dated files wins
}

// point calls Hook. The names are "worker:…" round each task, "store:…" round each file, "phase:…" round each phase and
// "commit:…" during the commit.
func (o *Options) point(name string) {
	if o.Hook != nil {
		o.Hook(name)
	}
}

// alarms are those that the run is held to.
func (o *Options) alarms(force bool) *corpus.Alarms {
	if force {
		return nil
	}
	return o.Alarms
}
