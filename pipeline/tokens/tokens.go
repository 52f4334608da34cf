// Package tokens is the port behind which formats of token files lie: what a release hands them, and what they hand back. Each format is a package below
// sinks/tokens and a line in a table of cmd.
//
// A writer is the state of one task. What a crash leaves of it:
//
//	crash                                  left                                        then
//	while it writes                        temporary names; chunks that were full      the task is done again, and writes the same chunks
//	within Commit                          some of its files                           the same
//	behind Commit, before the ledger       all of its files                            the same
//	within Index                           all files of the shards                     the commit is done again, from the outputs in the ledger
//
// Whoever gives a release up removes its folder: files that no manifest names are of no use to anybody.
package tokens

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// Shard is one of the files, or groups of files, that a split falls into.
type Shard struct {
	Split      string
	Number, Of int
}

// Name is how the shard is called in names of files: train-00003-of-00016.
func (s Shard) Name() string { return fmt.Sprintf("%s-%05d-of-%05d", s.Split, s.Number, s.Of) }

// Path is the name of the files of the shard below a folder of the release, but for their endings: one folder a split, since most readers take all that a
// folder has.
func (s Shard) Path(folder string) string { return folder + "/" + s.Split + "/" + s.Name() }

// Spec is what holds for all shards of a release.
type Spec struct {
	Vocabulary int    // ids are below it
	EOS, Pad   int32  // -1: there is none
	Length     int    // tokens of every sequence, where they are packed; 0: sequences are as long as they are
	Tokenizer  string // sha256 of its file
}

// Sequence is what a trainer gets as one item: a document, a part of one, or a context that is packed of several.
type Sequence struct {
	Tokens []int32
	Starts []int32    // where documents, or parts of them, begin in Tokens; the first is 0; a document without tokens has one, too
	IDs    [][16]byte // whose they are
	Padded int        // so many tokens at the end are no text
}

// Writer writes a shard. It is for one goroutine.
type Writer interface {
	// Write appends a sequence, which is the caller's again afterwards. After an error the writer is of no more use.
	Write(s *Sequence) error
	// Commit makes the files appear that have not yet, each of them whole, and returns them all. After an error some of them may be there: the
	// task is done again, and gives the same bytes.
	Commit() ([]pipeline.Output, error)
	// Close removes what was written and did not appear.
	Close() error
}

// Format is a format of token files.
type Format struct {
	Name string
	// Fixed says that all sequences have to be of one length.
	Fixed bool
	// Check says why such a release cannot be written in the format; may be nil. It is called by Accepts.
	Check func(s Spec) error
	// New begins the files of a shard below the folder of the format: see Shard.Path. Their bytes depend on the sequences, the shard and the spec alone (invariant 1).
	New func(ctx context.Context, job *pipeline.Job, folder string, shard Shard, spec Spec) (Writer, error)
	// Index makes the files that say of all shards of a split what there is, beside them, by what their writers left: outputs are those of each shard, in
	// order. It may read files of job.Out. nil where the format has none.
	Index func(ctx context.Context, job *pipeline.Job, folder, split string, shards [][]pipeline.Output, spec Spec) ([]pipeline.Output, error)
}
