package ingest

import "fmt"

// Names of work files, below the job's work folder.
const (
	KeptName     = "resolve/kept"        // one bit a document
	VerdictsName = "resolve/verdicts"    // Verdict records, in order of the document
	ShardsName   = "resolve/shards.json" // []Shard
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

// CounterSkipped begins the names of the counters of records that are no documents, by why they are none.
const CounterSkipped = "skipped_"
