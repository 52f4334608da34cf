// Package dedupe finds documents that say the same, within a run and against every earlier version, and names the one that
// stays.
//
// It is four tasks of the chain. Sign (NewSign, NewWriter) sketches every document of a split and writes its keys in
// sorted runs. Settle merges the keys of one partition of the key space with the index of earlier versions, verifies every
// candidate pair on the signatures and writes edges. Resolve walks the edges of all partitions in order of the later
// document: a document goes if an earlier one that stays resembles it, which is exact sequential greedy keep-first. Index
// writes the keys and signatures of what was kept for the runs to come.
//
// It is not a filter and it changes no text: what is compared is the key text (package text), what is kept is the document.
//
// Guarantees: the outcome depends on the documents, their order and the settings, never on splits, partitions, workers or
// timing (invariant 1), as long as no group of equal keys has more members than GroupCap; what could not be compared then
// is counted. Nobody is dropped for a hash alone: every edge was verified on the whole signature or on a 128-bit hash.
// Memory is bounded: it grows by one bit a document (resolve, index), by a few KiB a sorted run, and by 24 bytes for 256 keys
// of an index file. Every file is checked by xxh3 before it is used; a damaged one is an error.
//
// Files, all little-endian:
//
//   - sketches/*: blocks of 4096 records (signature, hashes, id; each with its own checksum, so one can be read alone), each
//     followed by the text lengths of its rows;
//   - keys/*, edges/*: sorted runs in blocks of 256 fixed-width records, by partition, the index at the end;
//   - index/*/keys-*.idx: one sorted run, delta-coded in blocks of 256 entries with a filter each, the sparse index at the end;
//   - index/*/signatures-*.sig: the records of kept documents.
package dedupe
