// Package release is the kind of job that makes a release of a corpus: what a trainer reads, in an order, as tokens or as texts. A release is a folder, DIR,
// and a pure function of a version of the corpus and a recipe (package recipe): it touches no byte of the corpus, and made again from the same version it has
// the same digest. The job has these phases:
//
//	phase     stage     a task is             reads, and writes in the work folder or in DIR
//	select    select    a split of documents  signals and fields of them, no text; select/<task>.rows, what became of each and what it is counted by
//	          boilerplate  a partition of keys  the counted lines of the corpus; frequent/<task>.idx, lines by in how many documents they stand: see package lines. Only
//	                                          where lines are cut
//	          survey    the same as select    all texts, as the corpus has them; survey/<task>.counts, in how many documents n-grams of evaluation sets stand. Only where there are sets
//	decontaminate  decontaminate  the same    rows, counts, and texts; decontaminate/<task>.rows. Likewise
//	tokenize  tokenize  the same              the rows, and texts; tokenize/<task>.tokens, if there are any, and .rows. Only where the mixture goes by what is
//	                                          found in texts: by tokens, or where lines are cut
//	balance   balance   all of it             the rows; balance/decision.json, how often documents are taken, and into which shards they go
//	encode    encode    a split of documents  rows, decision, texts or tokens; encode/<task>.scattered, records by the partition of the order that they
//	                                          belong to; left_out/<task>.parquet
//	write     write     a shard               what all tasks of encode have of its partitions; files of all formats, released/ and ids/
//
// Documents are counted as what they are in the corpus; how often one is taken, its copies, is counted beside. Documents of the corpus = released + left out,
// each of these with one reason of a closed list: the names of rules, budget, cap, too_long, empty, contaminated.
//
// Where lines are cut, texts are cut whenever they are read, but for survey: lines that many documents of a site have by all documents of the version, whatever
// is selected. What is decided by texts is so by what is left of them; rules of select and sizes of shards go by the documents as they are in the corpus.
//
// The order of a split is by numbers that each copy of a document has by itself (see place), so it is the same for any number of workers (invariant 1), and
// partitions are parts of these numbers, which are sorted in memory one by one. A part of a stratum is drawn by a key that documents have by themselves, too:
// more of it has all that less of it had.
//
// Memory: a task of select, and one of encode, has the rows of its documents, some 80 bytes each, and encode a block a partition; balance the rows of one task
// at a time; write a partition, or as much of one as Options.PartitionBytes says, and some 60 bytes a document of its shard.
//
// What a crash behind each step leaves:
//
//	before the plan is stored   nothing new; planned again
//	in select, decontaminate,
//	tokenize, balance           files in the work folder; the same request goes on, any other job removes them
//	in encode, write            likewise, and files in the staging folder of DIR: see package folder. Nobody sees these; the same request goes on with them
//	release:checked             the same
//	in the commit               the same: it writes what stands for all shards, the manifest last
//	release:written             the same, whole; in a bucket without its manifest
//	release:made                DIR whole; the same request finds it by the digest of the plan in its manifest, and what tasks wrote in it
package release
