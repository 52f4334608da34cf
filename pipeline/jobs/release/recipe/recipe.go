package recipe

import "millrace/pipeline/rule"

// Recipe is what a release is made of. A section that is nil does nothing.
type Recipe struct {
	// Name and License are for the card of the release.
	Name    string `yaml:"name" json:"name,omitempty"`
	License string `yaml:"license" json:"license,omitempty"`
	// Corpus is where the corpus lies, without the version; relative to the recipe's file. "" has to be given otherwise.
	Corpus string `yaml:"corpus" json:"corpus,omitempty"`
	// Version is that behind the @ of the corpus; 0 is the newest.
	Version int `yaml:"-" json:"version,omitempty"`
	// Select has the rules in the order in which they are tried. A document has to meet all of them.
	Select        []Rule         `yaml:"select" json:"select,omitempty"`
	Decontaminate *Decontaminate `yaml:"decontaminate" json:"decontaminate,omitempty"`
	Mix           *Mix           `yaml:"mix" json:"mix,omitempty"`
	Split         *Split         `yaml:"split" json:"split,omitempty"`
	Order         Order          `yaml:"order" json:"order,omitzero"`
	Encode        *Encode        `yaml:"encode" json:"encode,omitempty"`
	Write         []Write        `yaml:"write" json:"write,omitempty"`
	Shards        Shards         `yaml:"shards" json:"shards,omitzero"`
}

// Decontaminate leaves out documents that have items of evaluation sets in them.
type Decontaminate struct {
	Sets []Set `yaml:"sets" json:"sets"`
	// Ngram is how many units of the key text a run has that is looked for: characters of Chinese, words of Latin scripts.
	Ngram int `yaml:"ngram" json:"ngram,omitempty"`
	// LeastOverlap is the share of an item that a document has to have.
	LeastOverlap rule.Number `yaml:"least_overlap" json:"least_overlap,omitempty"`
	// MostDocuments is in how many documents of the corpus a run of an item may stand before it weighs nothing; 0 leaves it to package
	// contamination.
	MostDocuments int64 `yaml:"most_documents" json:"most_documents,omitempty"`
}

// Set is a file of evaluation items. In YAML a set of which nothing but the path is said is the path alone.
type Set struct {
	// Path is the file's, relative to the recipe's.
	Path string `yaml:"path" json:"path,omitempty"`
	// Name is what the ledger calls it: the file's without its extension, if none is given.
	Name string `yaml:"name" json:"name,omitempty"`
	// Question, Answer and Passage are the fields of an item; where none is named, those of known shapes are found.
	Question []string `yaml:"question" json:"question,omitempty"`
	Answer   []string `yaml:"answer" json:"answer,omitempty"`
	Passage  []string `yaml:"passage" json:"passage,omitempty"`
	// Digest is the sha256 of the file. It is set by who reads it, and stands for the path in what is digested.
	Digest string `yaml:"-" json:"digest,omitempty"`
}

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
