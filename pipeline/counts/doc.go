// Package counts has tables of how often tokens occur, and in how many documents, that are larger than memory: files of items in one order, which
// are read in ranges of it and merged by adding. A token is any bytes: a word, an n-gram, what a tokenizer is trained on.
//
// Items are in the order of the 64-bit hash of their token (xxh3), and of its bytes where two have one hash. So tokens spread evenly over the
// partitions of the hashes (sorted.Partition), whatever the language, and one partition of many files takes memory for some blocks of each.
// Counts are 64-bit, and may be negative in what is taken away: a merge adds them, and leaves out what comes to nothing.
//
// n-grams of two and three letters are numbers: they have files, a merge and rows of their own, in the same layout and by the same rules, at a third of the cost.
//
// A Collector counts the documents of one task in bounded memory: it writes what it has when that is too much, between two documents, so that its
// files follow from the documents alone (invariant 1). What a file says is checked block by block when it is read.
package counts
