package ingest

import (
	"fmt"
	"strconv"
	"strings"
)

// Kinds of tokens that are counted beside characters: words, and n-grams of each length.
const (
	KindWords = "words"
	kindGrams = "ngrams-"
)

// GramsKind is the kind of the n-grams of n characters.
func GramsKind(n int) string { return kindGrams + strconv.Itoa(n) }

// GramsOf is the reverse, 0 for another kind.
func GramsOf(kind string) int {
	digits, ok := strings.CutPrefix(kind, kindGrams)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || GramsKind(n) != kind {
		return 0
	}
	return n
}

// Counting is what the plan of a job says of tokens that are counted beside characters. All of it is in the digest. nil: there are none.
//
// The runs of a kind, added, are how often each token of the kind stands in the live documents: each version that brings or withdraws documents adds
// one, in which what is withdrawn is less than nothing, and merges it with the last of those before it.
type Counting struct {
	Kinds []Counted `json:"kinds"`
	// Partitions are those of the hashes of tokens.
	Partitions int `json:"partitions"`
	// Splits are all documents that are live, if one of the kinds was not counted so far.
	Splits [][]LivePiece `json:"splits,omitempty"`
}

// Counted is a kind of tokens that is counted.
type Counted struct {
	Kind string `json:"kind"`
	// Late says that the kind was not counted so far: documents of earlier versions are counted by the job.
	Late bool        `json:"late,omitempty"`
	Runs []CountsRun `json:"runs,omitempty"` // so far, oldest first
	// MergeRuns is how many of the last of them become one with the new one.
	MergeRuns int `json:"merge_runs,omitempty"`
	// Untabled says that the job adds its run and writes no table: see Untable.
	Untabled bool `json:"untabled,omitempty"`
}

// CountsRun is what a version added to the counts of a kind.
type CountsRun struct {
	Made    int      `json:"made"` // the version
	Entries int64    `json:"entries"`
	Files   []string `json:"files"` // by partition: runs differ in their number
}

// CountPartitionBytes of text go into a partition of the tokens, if nobody says otherwise.
const CountPartitionBytes = 256 << 20

const (
	maxCountPartitions = 1024

	// countEntryBytes is of how much input a run of counts has an entry, about: so large is the new one taken for.
	countEntryBytes = 16
)

// PlanCounting plans how kinds of tokens are counted of which some have runs already: coming is the input of the job. Splits are for the caller to fill
// in, if Late. It is nil if there are no kinds.
func PlanCounting(kinds []string, there []Counted, coming int64, partitions int64) *Counting {
	if len(kinds) == 0 {
		return nil
	}
	c := &Counting{Partitions: int(min(max(1, partitions), maxCountPartitions))}
	for _, kind := range kinds {
		k := Counted{Kind: kind, Late: true}
		for i := range there {
			if there[i].Kind == kind {
				k.Runs, k.Late = there[i].Runs, false
			}
		}
		var sizes []IndexRun
		for _, r := range k.Runs {
			sizes = append(sizes, IndexRun{Entries: r.Entries})
		}
		k.MergeRuns = max(TierMerge(append(sizes, IndexRun{Entries: coming / countEntryBytes}))-1, 0)
		c.Kinds = append(c.Kinds, k)
	}
	return c
}

// Untable says which kinds the job writes no table of: those of which there is one, since when the text has neither grown by this share nor become
// so much less. tabled are the bytes of text that were live with the last table of each kind, text those with the job, about. With a growth of 0 every job writes all.
func (c *Counting) Untable(growth float64, tabled map[string]int64, text int64) {
	if c == nil || growth <= 0 {
		return
	}
	for i := range c.Kinds {
		k := &c.Kinds[i]
		was, ok := tabled[k.Kind]
		k.Untabled = ok && !k.Late && was > 0 && float64(text) < float64(was)*(1+growth) && float64(text)*(1+growth) > float64(was)
	}
}

// Room is what counting takes of the disk, in work files and in the corpus, about: coming is the input of the job, and text that of the live documents. Tokens of a
// shard lie there up to three times, and most n-grams of more than two characters occur once.
func (c *Counting) Room(coming, text int64) (bytes int64) {
	if c == nil {
		return 0
	}
	for i := range c.Kinds {
		k := &c.Kinds[i]
		of := coming
		if k.Late {
			of += text
		}
		if n := GramsOf(k.Kind); n > 0 {
			bytes += int64(n) * of * 3 / 2
		} else {
			bytes += of / 2
		}
	}
	return bytes
}

// Late says whether a kind was not counted so far.
func (c *Counting) Late() bool {
	for i := range c.Kinds {
		if c.Kinds[i].Late {
			return true
		}
	}
	return false
}

// Kept are the runs of a kind that stay as they are.
func (k *Counted) Kept() []CountsRun { return k.Runs[:len(k.Runs)-k.MergeRuns] }

// Merged are those that become one with the new one.
func (k *Counted) Merged() []CountsRun { return k.Runs[len(k.Runs)-k.MergeRuns:] }

// Check says what is wrong with it, if it was read from somewhere.
func (c *Counting) Check() error {
	if c.Partitions < 1 || len(c.Kinds) == 0 {
		return fmt.Errorf("the plan counts %d kinds of tokens in %d partitions", len(c.Kinds), c.Partitions)
	}
	for i := range c.Kinds {
		if k := &c.Kinds[i]; k.MergeRuns < 0 || k.MergeRuns > len(k.Runs) || k.Kind != KindWords && GramsOf(k.Kind) == 0 {
			return fmt.Errorf("the plan counts %q, and merges %d of %d runs", k.Kind, k.MergeRuns, len(k.Runs))
		}
	}
	return nil
}

// Folders of work files, each with one for every kind: what the shards of a run have, what is withdrawn, and what earlier versions have.
const (
	TokensFolder   = "tokens"
	UntokensFolder = "untokens"
	LateFolder     = "latetokens"
)
