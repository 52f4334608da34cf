package ingest

// Reindexing is what a plan says of an index that is made anew, of all documents that the live versions have kept. They are numbered through
// these, oldest first, each by its rank.
type Reindexing struct {
	// Splits are the tasks that read the documents. Their pieces are those of each version, one version behind the other, in the order of
	// positions.
	Splits     [][]LivePiece `json:"splits"`
	Partitions int           `json:"partitions"` // of the key space

	History []SignedVersion `json:"history,omitempty"` // the live versions, oldest first, as the index so far has them
	// Runs are the keys so far, oldest first, if they are what they would be today: those of withdrawn documents that block are taken from
	// there.
	Runs    []IndexRun `json:"runs,omitempty"`
	KeyText int        `json:"key_text"` // of the index so far
	// Dedupe says that documents are compared with each other, and those withdrawn that resemble an earlier one; Reason is told of each.
	Dedupe bool   `json:"dedupe,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Withdrawn are the tables of documents that the live versions have withdrawn, oldest first: see package withdrawn.
	Withdrawn []string `json:"withdrawn,omitempty"`
}

// SignedVersion is a version by its signature files.
type SignedVersion struct {
	Version    int      `json:"version"`
	Documents  int64    `json:"documents"` // kept ones
	Signatures []string `json:"signatures,omitempty"`
}
