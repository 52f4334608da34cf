package intake

import (
	"context"
	"encoding/json"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Options say which files are taken, and how they are cut. Only Settings, ByTime, SplitBytes, ShardBytes, PartitionBytes, Replace, Withdraw
// and what the paths hold have a part in the result.
type Options struct {
	Paths []string // files and folders to read, each of which gets the name of its source: see namer
	// Named are more of them, which have a name already, and Moved the names of sources that lie elsewhere than Held says.
	Named []NamedPath
	Moved []string
	// Held is what the corpus remembers of its sources. A name that stands for another place there is an error.
	Held Held
	// Roots take the place of Paths where sources are known by their names, and Published names files of them beside those that are
	// scanned.
	Roots     []Root
	Published []Published
	Sources   map[string]SourceOrder // by name of the source; one that is not named has priority 0, in order of the paths
	// Exclude is the folder of the corpus itself, which is never its own input; "" for none.
	Exclude string
	// ByContent says that a file of another time is known if its content is: planning reads every file that is new by its time.
	ByContent bool
	// ByTime says that by the settings modification times have a part in the result: they are in the digest of the plan.
	ByTime bool
	// RetryRejected takes files again that a live version rejected, wholly or in part, though they are as they were.
	RetryRejected bool
	// Replace says that a file which changed takes the place of its earlier state; Withdraw that documents of files go which their
	// sources hold no more. Both are asked for of a parent whose documents can be read: see Parent.Unreadable.
	Replace, Withdraw bool
	// Begun is the plan of a run that was just finished: its files, as they were, are not planned again. nil: there is none.
	Begun *ingest.Plan

	// TableGrowth is by which share the text has grown when tables of these are written again: see ingest.Counting.Untable.
	TableGrowth float64
	// Count are the kinds of tokens that are counted beside characters: see ingest.Counting.
	Count []string

	Settings         json.RawMessage // the result-affecting ones that are not as the defaults, canonical JSON; part of the plan
	SplitBytes       int64           // input of one map task; 0 leaves it to the planner
	ShardBytes       int64           // kept text in a shard
	PartitionBytes   int64           // input to one dedupe partition; 0 leaves it to the planner
	MaxDocumentBytes int64           // of one document; files that would be larger ones are warned of

	Formats Formats
	// ShowPages is how many web pages of each file Detect says what is taken of.
	ShowPages int
	// Text makes the stages that turn a raw record into the text of a document, for those who look at one: see Preview and Reread.
	Text   func(context.Context, *pipeline.Job) ([]pipeline.Stage, error)
	Access store.Access // reaches the sources that lie beyond this machine
	Log    zerolog.Logger
	// Planning hears how far a plan is; nil: nobody does.
	Planning *pipeline.Planning
}

// Formats is what is known of file formats: see package parse. Its methods are called by several goroutines at a time.
type Formats interface {
	// Detect looks at the name and the first bytes of a stored file of a source.
	Detect(source, name string, head []byte) ingest.Detection
	// Cut cuts a compressed file of the plan into pieces of about so many stored bytes: nil, or one piece, if there is no
	// place. A *pipeline.RejectError means that the file cannot be read.
	Cut(ctx context.Context, in ingest.Input, file int, size int64) ([]ingest.Piece, error)
	// Expected says how many bytes of decoded text a file of the plan is expected to hold, and how many it holds at least,
	// without reading its content.
	Expected(ctx context.Context, in ingest.Input, file int) (bytes, least int64, err error)
	// Line says in which line of a file of the plan an offset of its decoded text lies, 0 if it has none.
	Line(ctx context.Context, in ingest.Input, file int, offset int64) (int64, error)
	// Pages reads the first web pages of a file of the plan, at most so many, and says what of each is taken as its text.
	Pages(ctx context.Context, in ingest.Input, file, most int) ([]ingest.ShownPage, error)
	// Open reads the raw records of a split.
	Open(ctx context.Context, in ingest.Input, split int) (pipeline.Reader, error)
}

// SourceOrder says where the documents of a source stand in the order of the plan, which decides who wins a duplicate.
type SourceOrder struct {
	Priority   int  // higher first
	Descending bool // the last path first, so that the newest of dated files wins
}
