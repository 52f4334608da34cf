package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Kind is a kind of job: one package, and one line in the table of cmd. The engine has tasks of its plans done, and knows nothing else
// of it. Its methods are called by any number of goroutines.
type Kind interface {
	// Name is the word for it: in plans, requests and on the command line.
	Name() string
	// Chain is how jobs of this kind are done.
	Chain() pipeline.Chain
	// Plan plans what is asked for on what the corpus is. It writes nothing.
	Plan(ctx context.Context, s *Site, r Request) (Draft, error)
	// Accept says why this process would not do a plan as it was meant, a pipeline.ErrUsage; nil if it would.
	Accept(p *pipeline.Plan) error
	// Job opens what the tasks of a plan read and write, all but Work and Chain, until closing is called.
	Job(s *Site, p *pipeline.Plan) (job *pipeline.Job, closing func(), err error)
	// Commit makes what the job was for, by one exclusive create, and returns it. Called again, it returns what stands.
	Commit(ctx context.Context, s *Site, job *pipeline.Job, c Commit) (Outcome, error)
	// Made is what a job of this kind has made that ended before: of that id, or of that plan; nil if there is none.
	Made(ctx context.Context, s *Site, id, plan string) (*Outcome, error)
	// Recover removes from the result what jobs left that nobody takes up again. What belongs to the plan, which may be nil, stays.
	Recover(ctx context.Context, s *Site, p *pipeline.Plan) error
}

// Mounter is the ability of a kind whose plans read sources from places that differ from machine to machine.
type Mounter interface {
	// Roots are the places of a plan's sources, by keys that Mount knows.
	Roots(p *pipeline.Plan) (map[string]string, error)
	// Mount is the same plan with them elsewhere.
	Mount(p *pipeline.Plan, roots map[string]string) (*pipeline.Plan, error)
}

// Examiner is the ability of a kind whose jobs may be stopped by what they find: it adds to an error of the job what people have to look
// at. Other errors stay as they are.
type Examiner interface {
	Examine(ctx context.Context, job *pipeline.Job, err error) error
}

// Resumer is the ability of a kind whose job, once stopped, comes first as long as what it read is as it was.
type Resumer interface {
	Stands(ctx context.Context, s *Site, p *pipeline.Plan) bool
}

// Locator is the ability of a kind whose tasks read parts of files, and may be given up: it says which parts, for people.
type Locator interface {
	// Parts are what a task of the track that may die reads, none if the plan has no such task.
	Parts(p *pipeline.Plan, task int) []Part
}

// Part is a range of a file of a source.
type Part struct {
	Source, Path string
	// FileBytes and ModTime (Unix nanoseconds) are the file's as it was planned.
	FileBytes, ModTime int64
	Offset, Bytes      int64
}

// Stopped is an error that stops a job behind its work: nothing of it is committed, and somebody is to look at it. The same request
// takes it up again.
type Stopped interface {
	error
	// Why says what stopped it.
	Why() string
}

// Request is what a job is asked for by.
type Request struct {
	Kind string
	// ID and Date are what the job is for. What was made for an id is not made again.
	ID, Date string
	Force    bool // commit what alarms would stop
	// Retry and Files are for kinds that read sources: take again what was rejected, and files that were published.
	Retry bool
	Files []PublishedFile
	// Moved are the names of sources that lie elsewhere than before.
	Moved []string
	// Params is what else the kind is told: JSON of its own, which may be empty.
	Params json.RawMessage
}

// PublishedFile is a file that somebody has named beside those that are found.
type PublishedFile struct {
	Source, Path string
	Digest       string // sha256 of its content, "" if it was not named
}

// Draft is what a kind has planned.
type Draft struct {
	Plan    *pipeline.Plan // nil: there is nothing to do
	Skipped int64          // files that the corpus holds already
	Room    int64          // bytes of disk that the job may take
	Asked   []string       // what it is to read, for people
}

// Commit is what a kind is told of the end of a job.
type Commit struct {
	Skipped int64
	Force   bool
	Info    Info
	// Lead, which may be nil, is asked right before the result comes to be whether this process is still the one to do so.
	Lead func(context.Context) error
}

// Info says for what, when and where a job is done. It lies outside of every digest.
type Info struct {
	ID, Date string
	Started  time.Time
	Host     string
	Tool     string
}

// NewInfo is of a job that began then, on this machine.
func NewInfo(started time.Time, tool string) Info {
	host, err := os.Hostname()
	if err != nil {
		host = "" // it is only for people to read
	}
	return Info{Started: started, Host: host, Tool: tool}
}

// Outcome is what a job ends with.
type Outcome struct {
	Result any // of the kind, for JSON
	// Nothing says that the job came to its end, and there was nothing to make of it.
	Nothing bool
	// Plan and Date are those of an outcome that Made has found.
	Plan, Date string
}

// kindOf finds a kind by its name. A plan that names none is of the first.
func kindOf(kinds []Kind, name string) (Kind, error) {
	var known []string
	for i, k := range kinds {
		if k.Name() == name || name == "" && i == 0 {
			return k, nil
		}
		known = append(known, k.Name())
	}
	return nil, fmt.Errorf("%w: unknown kind of job %q: known are %s", pipeline.ErrUsage, name, strings.Join(known, ", "))
}
