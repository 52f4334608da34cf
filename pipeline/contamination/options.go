package contamination

import (
	"errors"
	"fmt"
	"math"
)

// million is a share of 1: shares, weights and scores are in millionths.
const million = 1_000_000

// Options decide what counts as contaminated. All of it affects the result.
type Options struct {
	// NGram is how many Han characters an n-gram has, from 5 to 64; words count as 13 of 8, so 13 characters are 8 words.
	NGram int `json:"ngram" yaml:"ngram"`
	// LeastOverlap is the share of a long question from which on a document has it, over 0 to 1. A question of the weight of two n-grams or less
	// must be there as a whole, and between that and five n-grams the share falls in proportion.
	LeastOverlap float64 `json:"least_overlap" yaml:"least_overlap"`
	// MostDocuments is in how many documents of the corpus an n-gram may stand: what more have is boilerplate, and weighs nothing. At least 1.
	MostDocuments int64 `json:"most_documents" yaml:"most_documents"`
	// LeastShort is how many Han characters, or as much in words, a question must have that gives no n-gram: it is looked for as a whole.
	LeastShort int `json:"least_short" yaml:"least_short"`
	// AllowShort counts questions that say too little, and lists them, where they are an error else.
	AllowShort bool `json:"allow_short" yaml:"allow_short"`
}

// Default returns the default settings.
func Default() Options {
	return Options{NGram: 13, LeastOverlap: 0.8, MostDocuments: 1000, LeastShort: 8}
}

// Validate returns every problem of the settings, each with its key.
func (o Options) Validate() error {
	var errs []error
	if o.NGram < 5 || o.NGram > 64 {
		errs = append(errs, fmt.Errorf("ngram: %d is not from 5 to 64", o.NGram))
	}
	if !(o.LeastOverlap > 0 && o.LeastOverlap <= 1) { // written so that NaN fails too
		errs = append(errs, fmt.Errorf("least_overlap: %v is not over 0 to 1", o.LeastOverlap))
	}
	if o.MostDocuments < 1 {
		errs = append(errs, fmt.Errorf("most_documents: %d is less than 1", o.MostDocuments))
	}
	if o.LeastShort < 1 {
		errs = append(errs, fmt.Errorf("least_short: %d is less than 1", o.LeastShort))
	}
	return errors.Join(errs...)
}

// need is what an n-gram weighs, short the least weight of a question.
func (o Options) need() int  { return charWeight * o.NGram }
func (o Options) short() int { return charWeight * min(o.LeastShort, o.NGram) }

// leastOverlap is LeastOverlap in millionths: from here on there is no float.
func (o Options) leastOverlap() int64 { return int64(math.Round(o.LeastOverlap * million)) }

// Weights, in n-grams, up to which a question must be found as a whole, and from which on LeastOverlap of it is enough.
const (
	wholeGrams = 2
	longGrams  = 5
)

// needed is the least score of a question of some weight.
func (o Options) needed(weight int) int64 {
	whole, long := int64(wholeGrams*o.need()), int64(longGrams*o.need())
	w := min(max(int64(weight), whole), long)
	return million - (million-o.leastOverlap())*(w-whole)/(long-whole)
}
