package recipe

import "github.com/millrace/millrace/pipeline/rule"

// Split says which documents are held back, as shares of the documents.
type Split struct {
	// Shares are those of the splits by their names; train is the rest, and cannot be named.
	Shares map[string]rule.Number `yaml:",inline" json:"shares"`
	// By is what stays together: id, source, site or metadata.KEY.
	By string `yaml:"by" json:"by,omitempty"`
	// Frozen is an earlier release whose documents stay in their splits; relative to the recipe's file.
	Frozen string `yaml:"frozen" json:"frozen,omitempty"`
	// FrozenDigest is that of the earlier release. It is set by who reads it, and stands for the path in what is digested.
	FrozenDigest string `yaml:"-" json:"frozen_digest,omitempty"`
}

// Train is the name of the split that has what no other has.
const Train = "train"
