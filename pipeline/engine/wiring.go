package engine

import (
	"context"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// Detection is what a file is taken for.
type Detection struct {
	Format      string
	Document    string // document rule
	Compression string
	Encoding    string // "" for UTF-8
	Returns     bool   // see pipeline.File, as is Numbered
	Numbered    bool
	Cut         bool   // may be read in byte ranges
	Why         string // what the format was told by, for people
	More        bool   // with more of its first bytes this could be told better
	Reject      string // reason why the file cannot be read at all, "" if it can
}

// Wiring gives the engine its stages and sinks: the one table of constructors, filled by cmd.
type Wiring struct {
	// Detect looks at the name and the first bytes of a stored file of a source.
	Detect func(source, name string, head []byte) Detection
	// Cut cuts a compressed file of the plan into pieces of about so many stored bytes: nil, or one piece, if there is no
	// place. A *RejectError means that the file cannot be read. May be nil.
	Cut func(ctx context.Context, files *pipeline.Files, file int, size int64) ([]pipeline.Piece, error)
	// Expected says how many bytes of decoded text a file of the plan is expected to hold, and how many it holds at least,
	// without reading its content. May be nil: what is stored is what there is.
	Expected func(ctx context.Context, files *pipeline.Files, file int) (bytes, least int64, err error)
	// Line says in which line of a file of the plan an offset of its decoded text lies, 0 if it has none.
	Line func(ctx context.Context, files *pipeline.Files, file int, offset int64) (int64, error)
	// Open reads the raw records of a split.
	Open func(ctx context.Context, files *pipeline.Files, split int) (pipeline.Reader, error)
	// Map makes the stages that parse, normalize (with the filters) and dedupe consist of, new ones at every call: each
	// goroutine has its own.
	Map func(stage string, plan *pipeline.Plan) ([]pipeline.Stage, error)
	// Sign writes what dedupe keeps of a split's signed batches.
	Sign func(ctx context.Context, files *pipeline.Files, split int) (pipeline.BatchWriter, error)
	// Runners do the tasks of the stages from settle on. A stage with several runners (two sinks) runs them in turn.
	Runners map[string][]pipeline.Runner
	// MaxDocumentBytes bounds one document; the planner warns by it.
	MaxDocumentBytes int64
	// Access reaches the sources, and a corpus, that lie beyond this machine.
	Access store.Access
}

// sequence runs several runners for one task and makes one entry of theirs.
type sequence []pipeline.Runner

func (s sequence) Run(ctx context.Context, task pipeline.Task, files *pipeline.Files) (pipeline.Entry, error) {
	var all pipeline.Entry
	for i, r := range s {
		e, err := r.Run(ctx, task, files)
		if err != nil {
			return pipeline.Entry{}, err
		}
		if i == 0 {
			all = e
			continue
		}
		all.Outputs = append(all.Outputs, e.Outputs...)
	}
	return all, nil
}
