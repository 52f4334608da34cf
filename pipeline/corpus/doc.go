// Package corpus is the memory of a dataset that grows: its versions, the ledger of every file and document that a run
// met, and the checks that hold both together. It commits a run (Commit), tidies up after a crash (Recover), tells the
// planner what is in the corpus already (Known, History). What a version is, and what the corpus is made of by its manifests, is in
// package manifest; package card renders the card. Package verify recomputes everything, and package show is what people look at:
// both stand on this one.
//
// It does no stage's work, decides no boundaries and knows no queue: it reads what the stages left in the work folder and
// the files they wrote for the version, adds them up, and makes the version exist by one exclusive create of its manifest
// (invariant 6). The same create makes a version that leaves others out (Drop), or that holds the documents of small shards
// in large ones (Compact); GC is all that ever removes what a manifest names.
//
// It guarantees that a version whose ledger does not add up is never committed (invariant 7), that Commit ends in the same
// bytes however often it was killed and called again, and that the run digest of a version is a function of the bytes of
// its files alone. Memory does not grow with the number of documents; it does with that of input files, as the plan does.
//
// docs/formats has every file of a corpus: corpus.md, documents.md, ledger.md, vocabulary.md, index.md.
//
// A Corpus may be read by many goroutines and processes at once. Commit, Drop, Compact, GC and Recover are for the one
// process that holds the corpus.
package corpus
