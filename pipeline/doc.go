// Package pipeline holds the words and the ports of millrace, and this page is its architecture.
//
// # What it is
//
// millrace turns piles of raw text files into a training-ready corpus: one folder that grows by one version a run.
//
//	files ─▶ [parse] ─▶ [normalize] ─▶ [dedupe] ─▶ [settle] ─▶ [resolve] ─▶ [index]  ─▶ [merge] ─▶ commit
//	                                                                      ├▶ [vocab]
//	                                                                      └▶ [sink]  ─▶ Parquet, Arrow
//
// A run is a finite set of pure tasks over immutable files with names that follow from the plan. NATS hands the tasks out
// and keeps the ledger of what is done; the bytes lie in a store. Nothing depends on who did a task, when, or how often.
// From this follow exactly-once results without trusting acknowledgements, the same bytes for any number of workers,
// resuming after any crash, and a queue that may be lost and rebuilt.
//
// # The chain
//
// A task is a stage and a number. Its subject is millrace.<run>.task.<stage>.<number>; each stage has one consumer.
//
//	stage      a task is          reads                                   writes
//	parse      a split            source bytes                            documents and rejects
//	normalize  a split            documents                               documents (the document spill)
//	dedupe     a split            documents                               signatures; keys, by partition
//	settle     a key partition    keys of all splits, earlier index       edges (later, earlier, estimate)
//	resolve    the run            edges of all partitions; texts of       kept bits, verdicts, the plan of the shards
//	                              pairs near the threshold
//	index      a key partition    keys, kept bits, earlier indexes        this version's index; earlier ones, merged
//	vocab      a shard            document spills, kept bits              counts of its characters
//	sink       a shard            document spills, kept bits              the shard's file
//	merge      the run            counts of all shards, the parent's      vocabulary tables
//
// parse, normalize and dedupe carry on: a worker that has several of them in a row takes a split through all of them,
// batch by batch in memory, and only the last has a ledger entry. A worker that has only some of them spills, makes its
// entry, and publishes the split on the next stage's subject. Same code, same bytes.
//
// Settle needs the keys of every split, so it begins when dedupe is over; resolve needs every partition, and so on: the
// coordinator (package engine) moves the run from phase to phase. Its state is one subject, moved by compare-and-set. A
// phase is over when the ledger holds all its tasks; then its entries are written to phase/<stage>.json, and that is where
// later stages read what earlier ones did.
//
// The index is sorted runs of keys that never change. A version adds the run of its own documents, and, where enough runs of
// a size have come together (TierMerge), one that takes the place of several earlier ones; its manifest says which runs there
// are. Its own is never among those that it merges, so a drop of the newest version finds the index of the one before.
//
// # Versions
//
// A version is made by a run, which adds documents; by a drop, which is what the corpus was before some of the newest; or by
// a compaction, which holds the documents of small shards in large ones while all else of their versions stays where it is.
// Each is one exclusive create of the next manifest, and removes nothing: only gc does, and only what no manifest that it
// keeps names.
//
// # The ledger
//
// A worker does, for every task: take it; look whether the ledger has it; count the attempt, durably; do it; write its
// outputs under their final names; make the ledger entry; acknowledge. The entry says what came out and carries digests of
// it. It is made by compare-and-set on its own subject, so of two workers that did the same task one is told that the
// entry stands already, and compares: equal is fine, different is the end of the run.
//
//	dies before the outputs have their names   delivered again, done again; the torn file had a temporary name
//	dies between outputs and entry             delivered again; the same bytes are written to the same names
//	dies between entry and ack                 delivered again; the entry is found, nothing is done
//	dies at once, again and again              the attempts were counted: it runs in a process of its own, and only what that
//	                                           one does counts: a split is rejected, another task ends the run
//	an output is damaged later                 whoever reads it fails: the entry is taken back, the task is done again
//	the queue loses what was acknowledged      the coordinator counts, finds the task missing, publishes it again
//	the work folder is lost                    the plan is made again and everything is done again: time, nothing else
//
// # Invariants
//
// The code quotes these numbers where it enforces them.
//
//  1. A task's output is a function of its inputs, the config and the code version: never of time, order, host, goroutine
//     scheduling or worker count. All boundaries (splits, batches, partitions, shards) are in the plan or follow from
//     content.
//  2. An output file appears whole or not at all: temporary name, write, fsync, rename, fsync the folder. (Files of the
//     work folder skip the two fsyncs where a reboot can be noticed; after one the work folder is thrown away.)
//  3. Output first, ledger entry second, ack last. A ledger entry is a compare-and-set and carries the digest of the output.
//  4. A phase is over when the ledger holds every task of the plan: counted, never inferred from an empty queue.
//  5. Merges are idempotent and commutative, or are taken once over the set of committed parts.
//  6. A version exists when its manifest does: one exclusive create, which fails if its parent is not the newest.
//  7. Every document read is accounted for: read = kept + duplicates + filtered + rejected, in every task, run and version;
//     and listed = read + skipped + rejected + in part, of files. A run whose ledger does not add up does not commit.
//  8. Input never crashes a worker and is never silently dropped: it is parsed, repaired with a counter, or rejected with a
//     reason of the closed list of package ingest.
//
// # Where things are
//
// This package stands on columnar (batches, spills, Parquet) and text (character tables), and holds what every kind of job needs.
// Package ingest is what the tasks of an ingest leave each other; package rule is bounds on figures of a text, compared without
// rounding; package sorted is what stages need that have more keys than memory: sorted runs, merges, indexes. Stages (stages/…) and
// sinks (sinks/…) are pure functions of batches and files; they see neither the queue nor each other. Package intake finds files and
// plans; engine works and coordinates; cluster lets many processes do so together; corpus keeps manifests and ledgers,
// corpus/verify recomputes them and corpus/show is what people look at; queue is NATS; store is files; monitor is what people
// see of a run. Only cmd/millrace knows them all: its wiring.go is the table of stages and sinks.
//
// Two interfaces carry the work: a Stage turns a batch into a batch, and is what parse, normalize, filter and dedupe are
// made of; a Runner does one task, and is all that the worker's loop knows.
package pipeline
