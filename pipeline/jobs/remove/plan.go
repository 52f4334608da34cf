package remove

import (
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Params are what a removal is asked for by: the parameters of its request.
type Params struct {
	Selection
	// Reason is told of each document in the ledger, for people.
	Reason string `json:"reason,omitempty"`
	// AllowAgain lets the same texts, and what resembles them, in when they come again.
	AllowAgain bool `json:"allow_again,omitempty"`
}

// body is what a plan says of a removal. All of it is in the digest.
type body struct {
	Params
	Shards     []ingest.LiveShard `json:"shards"`               // of the parent, in all formats; the tasks of find are those that are read
	Withdrawn  []string           `json:"withdrawn,omitempty"`  // tables of what live versions have withdrawn, oldest first
	Signatures []signatures       `json:"signatures,omitempty"` // of the versions, for a selection by resemblance
	BaseVocab  string             `json:"base_vocab,omitempty"` // chars.parquet of the parent
	// Counting is how tokens are counted that are counted already.
	Counting *ingest.Counting `json:"counting,omitempty"`
}

// signatures are the files of the index that tell what documents of a version resemble.
type signatures struct {
	Version int      `json:"version"`
	Files   []string `json:"files"`
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

// read are the shards that find looks through.
func (b *body) read() (list []ingest.LiveShard) {
	for _, s := range b.Shards {
		if s.Read {
			list = append(list, s)
		}
	}
	return list
}
