package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// Names of work files, below the job's work folder.
const (
	KeptName     = "resolve/kept"        // one bit a document
	VerdictsName = "resolve/verdicts"    // Verdict records, in order of the document
	WinnersName  = "resolve/winners"     // Winner records, in order of the document
	ShardsName   = "resolve/shards.json" // []Shard
	ComparedName = "resolve/compared"    // texts of earlier versions, for the index
)

// DocumentsName is the spill of a split's normalised documents, which vocab and sink read.
func DocumentsName(split int) string { return fmt.Sprintf("documents/%06d.arrow", split) }

// SketchesName holds a split's signatures and what else dedupe needs of each document.
func SketchesName(split int) string { return fmt.Sprintf("sketches/%06d.sketch", split) }

// KeysName holds a split's keys, sorted, by partition.
func KeysName(split int) string { return fmt.Sprintf("keys/%06d.keys", split) }

// RanksName holds what a split's documents have of what decides which of them stay, sorted; none where that is their order.
func RanksName(split int) string { return fmt.Sprintf("ranks/%06d.ranks", split) }

// AccountName holds what became of a split's files, and every reject, as JSON lines.
func AccountName(split int) string { return fmt.Sprintf("account/%06d.jsonl", split) }

// EdgesName holds the verified edges of a key partition.
func EdgesName(partition int) string { return fmt.Sprintf("edges/%06d.edges", partition) }

// CountsName holds the character counts of a shard.
func CountsName(shard int) string { return fmt.Sprintf("counts/%06d.counts", shard) }

// UncountsFolder has the counts files of withdrawn documents. The stage that leaves them is the one that says so in the Work of its spec.
const UncountsFolder = "uncounts"

// UncountsName holds the character counts of the documents that are withdrawn from one shard.
func UncountsName(task int) string { return fmt.Sprintf(UncountsFolder+"/%06d.counts", task) }

// StageCut is the stage of an ingest that writes the shards anew which lose documents: task k the k-th of the ShortenedShards, with one
// output, or none where nothing is left of it.
const StageCut = "cut"

// Counters in the entries of such a stage: what the withdrawn texts add up to.
const (
	CounterWithdrawn            = "withdrawn" // documents
	CounterWithdrawnBytes       = "withdrawn_bytes"
	CounterWithdrawnChars       = "withdrawn_chars"
	CounterWithdrawnHan         = "withdrawn_han_chars"
	CounterWithdrawnUncommon    = "withdrawn_uncommon_chars" // of the Han characters
	CounterWithdrawnReplacement = "withdrawn_replacement_chars"
)

// LeftIn are the work files that the stage of a job's chain which says that it leaves files in a folder has left, in the order of its
// tasks, which must be over: none if there is no such stage.
func LeftIn(ctx context.Context, job *pipeline.Job, folder string) (names []string, err error) {
	for _, s := range job.Chain.All() {
		if !slices.ContainsFunc(s.Work, func(w pipeline.WorkFiles) bool { return w.Folder == folder }) {
			continue
		}
		entries, err := job.Entries(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			for _, out := range entries[i].Outputs {
				if !out.Out && strings.HasPrefix(out.Name, folder+"/") {
					names = append(names, out.Name)
				}
			}
		}
	}
	return names, nil
}

// CounterBlocking is, of a task that makes records anew, how many withdrawn documents it met that block what resembles them.
const CounterBlocking = "blocking"

// CounterSkipped begins the names of the counters of records that are no documents, by why they are none.
const CounterSkipped = "skipped_"

// CounterLostWords counts documents that came in words, as their format gave them, whose text has these not any more, or never had.
const CounterLostWords = "lost_words"
