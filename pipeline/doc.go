// Package pipeline holds the words and the ports of millrace, and this page is its architecture.
//
// # What it is
//
// millrace turns piles of raw text files into a training-ready corpus: one folder that grows by one version a job. Everything that reads
// or writes more than a manifest is a job: a stored plan, a chain of phases of numbered pure tasks, and one exclusive create at its end.
// NATS hands the tasks out and keeps the ledger of what is done; the bytes lie in a store. Nothing depends on who did a task, when, or
// how often. From this follow exactly-once results without trusting acknowledgements, the same bytes for any number of workers, resuming
// after any crash, and a queue that may be lost and rebuilt.
//
// A kind of job is a package below jobs (engine.Kind): its plan, its chain, its commit. Today there are
//
//	ingest     new and changed files: map (parse ─▶ normalize ─▶ dedupe) · supersede · settle · resolve ·
//	           emit (sink ─▶ vocab, index, cut, uncount) · merge
//	compact    the documents of small shards in large ones: rewrite
//	remove     documents leave: find · rewrite · recount
//	reindex    the index made anew, by other settings: sign · match · read · judge · find · rewrite · recount
//
// # The chain
//
// A Chain is a value: its phases in order, in each phase tracks that run at the same time, in each track the stages that a task goes
// through, and for each of these the number of its tasks and what does one. Engine, ledger, display and cluster go by it and know no
// stage by name. Check refuses chains that leave something open, at the start of every process; a file that a stage writes to a folder
// which it has not named ends the job.
//
// A task is a stage and a number. Its subject is millrace.<job>.task.<stage>.<number>; each stage has one consumer. A stage has a Runner,
// which does one task; or it is a Step of a track whose stages carry on: a worker that has several of them in a row takes a task through
// all of them, batch by batch in memory. Where the next stage is somebody else's it leaves a spill, makes its entry, and publishes the
// task on that stage's subject. Same code, same bytes. In a track that is Apart each stage reads by itself and makes an entry of its own:
// carried, one reading serves all of them, as the shards of an ingest are read once for all sinks, vocabulary and what comes later.
//
// The coordinator (package engine) moves the job from phase to phase. Its state is one subject, moved by compare-and-set. A phase is over
// when the ledger holds all its tasks; then its entries are written to phase/<stage>.json, and that is where later stages read what
// earlier ones did.
//
// # One front door
//
// engine.Site has four steps for every kind of job: plan, coordinate, work, commit. A process by itself takes all of them over an embedded
// queue (engine.Local); on a cluster whoever leads plans, coordinates and commits, and workers work (package cluster).
//
// # Versions
//
// A version is made by an ingest, which adds documents; by a drop, which is what the corpus was before some of the newest; or by
// a compaction, which holds the documents of small shards in large ones while all else of their versions stays where it is.
// Each is one exclusive create of the next manifest, and removes nothing from the store: only gc does, and only what no manifest that it
// keeps needs. A manifest says which versions are live, which files its version adds, and which of earlier ones it removes; the corpus is
// the replay of that over the live versions, whatever their kinds.
//
// The index, in which an ingest looks up what earlier versions hold, is sorted runs of keys that never change. A version adds the run of
// its own documents, and, where enough runs of a size have come together (ingest.TierMerge), one that takes the place of several earlier
// ones; its manifest says which there are. Its own is never among those that it merges, so a drop of the newest version finds the index
// of the one before.
//
// # The ledger
//
// A worker does, for every task: take it; look whether the ledger has it; count the attempt, durably; do it; write its
// outputs under their final names; make the ledger entry; acknowledge. The entry says what came out and carries digests of
// it. It is made by compare-and-set on its own subject, so of two workers that did the same task one is told that the
// entry stands already, and compares: equal is fine, different is the end of the job.
//
//	dies before the outputs have their names   delivered again, done again; the torn file had a temporary name
//	dies between outputs and entry             delivered again; the same bytes are written to the same names
//	dies between entry and ack                 delivered again; the entry is found, nothing is done
//	dies at once, again and again              the attempts were counted: it runs in a process of its own, and only what that
//	                                           one does counts: its input is rejected where the track lets it die, else it ends the job
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
//	cmd/millrace     commands, and three tables: the stages of chains, the sinks, the kinds of job; output
//	                 is what they print, views what they show over HTTP, config their settings
//	stages, sinks    pure functions of batches and files; they see neither the queue nor each other
//	jobs             a kind of job a package: ingest, compact, remove, reindex
//	engine           chains of tasks done: coordinator, worker, what carries on; it knows neither stages nor versions
//	cluster          many processes that do jobs together
//	intake           files found, told apart and cut into the splits of a plan
//	withdrawn        documents that have left the corpus again
//	rewrite          documents of earlier versions written anew: shards without what is withdrawn
//	ingest           what the tasks of an ingest leave each other, and the columns of a document
//	corpus           manifests, ledgers, versions; show is what people see of them, verify what checks them
//	dataset          files with digests and the document that names them; how they come to exist all at once
//	sorted, rule     sorted runs of keys; bounds on figures
//	columnar, text   the ground floor: batches, spills, tables; characters
//	queue, store     NATS, and a queue in memory; folders, buckets
//	monitor          what people see of a job under way
//
// docs/extending.md walks through a change of each kind, docs/formats through every file.
package pipeline
