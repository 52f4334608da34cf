package dedupe

import (
	"errors"
	"fmt"

	"github.com/millrace/millrace/stages/dedupe/order"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// Config decides what counts as a duplicate. All of it affects the result.
type Config struct {
	// Threshold is the resemblance (Jaccard, of character 5-grams of the key text) from which two documents are near
	// duplicates; from 0.5 to 1.
	Threshold float64 `json:"threshold" yaml:"threshold"`
	// SameKey makes duplicates of documents whose key texts are equal, however short they are, and not empty.
	SameKey bool `json:"same_key" yaml:"same_key"`
	// MinShingles is how many 5-grams a document must have to be a near duplicate; at least 1.
	MinShingles int `json:"min_shingles" yaml:"min_shingles"`
	// GroupCap is how many different documents of a group of equal keys are compared pair by pair; in groups of more, every
	// document with all kept ones. Of the members that one index of earlier versions has, so many are compared; at least 1.
	GroupCap int `json:"group_cap" yaml:"group_cap"`
	// MaxComparisons bounds how many kept documents of its large groups a document is compared with; at least 1.
	MaxComparisons int `json:"max_comparisons" yaml:"max_comparisons"`
	// Winner says which document of a run stays of those that resemble each other: order.First, order.Longest, order.Newest, or
	// order.Field and the name of a member of the metadata. What an earlier version kept stays whatever it says.
	Winner string `json:"winner" yaml:"winner"`
}

// Default returns the default settings.
func Default() Config {
	return Config{Threshold: 0.75, SameKey: true, MinShingles: 20, GroupCap: 16, MaxComparisons: 16384, Winner: order.First}
}

// Validate returns every problem of the settings, each with its key.
func (c Config) Validate() error {
	var errs []error
	if !(c.Threshold >= shingle.LeastThreshold && c.Threshold <= 1) { // written so that NaN fails too
		errs = append(errs, fmt.Errorf("threshold: %v is not from %v to 1", c.Threshold, shingle.LeastThreshold))
	}
	positive := func(key string, n int) {
		if n < 1 {
			errs = append(errs, fmt.Errorf("%s: %d is less than 1", key, n))
		}
	}
	positive("min_shingles", c.MinShingles)
	positive("group_cap", c.GroupCap)
	positive("max_comparisons", c.MaxComparisons)
	if err := order.Validate(c.Winner); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// doubtWidth is how far from the threshold an estimate may lie for the sets of shingles to decide. The estimate of 256
// slots has a standard deviation of .027 at most where it matters, from a threshold of .5 on.
const doubtWidth = 0.10

// doubt returns how many bytes of two signatures must be equal for a pair that may be near, and for one that is without
// looking further; more than there are for none.
func (c Config) doubt() (least, sure int) {
	return shingle.LeastEqual(c.Threshold - doubtWidth), shingle.LeastEqual(c.Threshold + doubtWidth)
}

// ByTime says that modification times have a part in the result. They belong into the digest of the plan then.
func (c Config) ByTime() bool { return c.Winner == order.Newest }

// ordered says whether documents are gone through in another order than that of the plan.
func (c Config) ordered() bool { return c.Winner != order.First }

// bands is how many band keys a document has that is long enough to be a near duplicate.
func (c Config) bands() int {
	count, _ := shingle.Bands(c.Threshold)
	return count
}

// SameKeys says whether documents have the same keys by other settings.
func (c Config) SameKeys(o Config) bool {
	count, slots := shingle.Bands(c.Threshold)
	bands, wide := shingle.Bands(o.Threshold)
	return count == bands && slots == wide && c.MinShingles == o.MinShingles
}

// KeysOfDocument is how many keys a document has at most: one of its text, one of its key text, and the bands.
func (c Config) KeysOfDocument() int { return 2 + c.bands() }
