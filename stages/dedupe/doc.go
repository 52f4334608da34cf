// Package dedupe finds documents that say the same, within a run and against every earlier version, and names the one that
// stays.
//
// It is four tasks of the chain. Sign (NewSign, NewWriter) sketches every document of a split and writes its keys in
// sorted runs. Settle merges the keys of one partition of the key space with the index of earlier versions, looks at the
// signatures of every candidate pair and writes edges; of groups with more documents than GroupCap it names the members.
// Resolve walks the edges of all partitions in order of the later document: a document goes if an earlier one that stays
// equals or resembles it, which is exact sequential greedy keep-first. Earlier are those of earlier versions, then those that come first
// by Config.Winner, then those that come first in the plan; groups, edges and verdicts are made in that order (package order). An estimate further than 0.10 from the threshold
// decides; a pair nearer to it is decided by the two sets of shingles, which are made of the texts: the document spill has
// those of the run, the shards have those of earlier versions. A text that was read there is put aside in the index, and so is
// that of a document that stays beside an earlier one near to it, so a night reads of the shards what no night before it has read. Index writes the keys and signatures of what was kept for
// the runs to come.
//
// A job that makes the index of a corpus anew has tasks of its own, which are the same over documents that the shards hold: resign does what
// sign and index do; rematch, reread, rejudge and resemble say which documents go that resemble an earlier one by other settings; reindex
// merges the keys.
//
// Documents that are withdrawn (package withdrawn) are not there for any of that, as if no version had ever kept them, and a merge of
// indexes drops their keys; but those that block stay in the index for good, and what is like one of them, by the estimate of the
// signatures, for there are no texts of them, is rejected before it can lose to anything else.
//
// It is not a filter and it changes no text: what is compared is the key text (package text), what is kept is the document. Equal
// key texts are kind same_key, whatever their length; near is a resemblance of the sets of shingles: every 5 code points in
// a row, and longer ones where a text is of few different characters (package shingle, which is all that is computed of texts).
//
// Guarantees: the outcome depends on the documents, their order and the settings, never on splits, partitions, workers or
// timing (invariant 1). Near is exact Jaccard of the sets of shingles, at the threshold or above, for every pair that is
// compared. Compared are documents that share a key (a band of the signature, or a hash), and in groups of more different
// documents than GroupCap also those that members lost to: with MaxComparisons kept members of its large groups a document at
// most, and of earlier versions with the first GroupCap members of a group that one of their indexes has; what could not be
// compared for these bounds, or for its length in a large group, is counted. Two documents that resemble each other and share no
// key both stay: one pair in a hundred at most that lies .05 above the threshold. (The estimate has a standard deviation of .027 at most, so one pair in some ten thousand that lies at the
// threshold is decided by an estimate that is off by more than 0.10. Earlier versions without Parquet shards are compared
// by estimates alone.) Nobody is dropped for a hash alone: every edge was verified on the whole signature, on the shingles
// or on a 128-bit hash.
// Memory is bounded: it grows by one bit a document (resolve, index), with a winner other than first by 8 bytes a document (settle,
// once a process, and resolve), 8 a member of the largest group (settle) and 32 a duplicate (resolve), by a few KiB a sorted run, and by 24 bytes for 256 keys
// of an index file; resolve holds 50 MiB of shingles, some 256 MiB of families and the key texts of two long texts at most.
// Every file is checked by xxh3 before it is used, or its text by its hash; a damaged one is an error.
//
// Files, all little-endian (byte by byte in docs/formats, index.md and sorted.md):
//
//   - sketches/*: blocks of 4096 records (signature, hashes, id; each with its own checksum, so one can be read alone), each
//     followed by the text lengths of its rows;
//   - keys/*, edges/*: runs files of package sorted, keys by partition;
//   - ranks/*, with a winner other than first: runs files of what decides which document comes first;
//   - index/*/keys-*.idx, index/*/merged-*.idx: files of an index of package sorted: of a version, of several;
//   - index/*/signatures-*.sig: the records of kept documents;
//   - index/*/compared-*.texts: texts of documents of earlier versions that had to be read in shards, and of the version's own that lay near to them.
package dedupe
