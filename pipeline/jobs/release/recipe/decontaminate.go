package recipe

import (
	"github.com/millrace/millrace/pipeline/contamination"
	"github.com/millrace/millrace/pipeline/rule"
)

// Decontaminate leaves out documents that have items of evaluation sets in them.
type Decontaminate struct {
	Sets []Set `yaml:"sets" json:"sets"`
	// Ngram is how many units of the key text a run has that is looked for: characters of Chinese, words of Latin scripts.
	Ngram int `yaml:"ngram" json:"ngram,omitempty"`
	// LeastOverlap is the share of an item that a document has to have.
	LeastOverlap rule.Number `yaml:"least_overlap" json:"least_overlap,omitempty"`
	// MostDocuments is in how many documents of the corpus a run of an item may stand before it weighs nothing.
	MostDocuments int64 `yaml:"most_documents" json:"most_documents,omitempty"`
	// LeastShort is how many units a question must have that is shorter than Ngram: it is looked for as a whole.
	LeastShort int `yaml:"least_short" json:"least_short,omitempty"`
	// AllowShort leaves out shorter questions, and says how many; without it they are an error.
	AllowShort bool `yaml:"allow_short" json:"allow_short,omitempty"`
}

// Set is a file of evaluation items. In YAML a set of which nothing but the path is said is the path alone.
type Set struct {
	// Path is the file's, relative to the recipe's.
	Path string `yaml:"path" json:"path,omitempty"`
	// Name is what the ledger calls it: the file's without its extension, if none is given.
	Name string `yaml:"name" json:"name,omitempty"`
	// Question, Choices, Answer and Passage are the fields of an item, ID the one that names it; where none of the first is named, those of known
	// shapes are found.
	Question []string `yaml:"question" json:"question,omitempty"`
	Choices  []string `yaml:"choices" json:"choices,omitempty"`
	Answer   []string `yaml:"answer" json:"answer,omitempty"`
	Passage  []string `yaml:"passage" json:"passage,omitempty"`
	ID       string   `yaml:"id" json:"id,omitempty"`
	// AnswerAlone has documents found by an answer without its question.
	AnswerAlone bool `yaml:"answer_alone" json:"answer_alone,omitempty"`
	// Digest is the sha256 of the file. It is set by who reads it, and stands for the path in what is digested.
	Digest string `yaml:"-" json:"digest,omitempty"`
}

// UnmarshalYAML reads a path, or the keys.
func (s *Set) UnmarshalYAML(unmarshal func(any) error) error {
	*s = Set{}
	if unmarshal(&s.Path) == nil {
		return nil
	}
	type keys Set
	return unmarshal((*keys)(s))
}

// Options are what the search goes by.
func (d *Decontaminate) Options() contamination.Options {
	return contamination.Options{
		NGram: d.Ngram, LeastOverlap: float64(d.LeastOverlap) / float64(rule.One), MostDocuments: d.MostDocuments,
		LeastShort: d.LeastShort, AllowShort: d.AllowShort,
	}
}

// Config is the set as the search reads it, from a place.
func (s *Set) Config(place string) contamination.SetConfig {
	return contamination.SetConfig{
		Path: place, Name: s.Name, AnswerAlone: s.AnswerAlone,
		Fields: contamination.Fields{Question: s.Question, Choices: s.Choices, Answer: s.Answer, Passage: s.Passage, ID: s.ID},
	}
}
