// Package zstdfast compresses bytes to standard zstd frames (RFC 8878) at about the ratio of the fastest level of other encoders, with
// less work: the pages of tables are compressed by it, which is the largest single cost of a run.
//
// It is an encoder only, and only of whole inputs in memory. What it writes is a function of the input alone. It looks for matches
// in steps of a character where text is in three bytes a character, as Chinese is in UTF-8, and so in a third of the places.
//
// An input becomes blocks of 128 KiB. For each, match finds pairs of literals and a match; appendLiterals writes the literals in
// Huffman codes; appendSequences writes lengths and offsets by finite state entropy. A block that does not become smaller is stored.
package zstdfast
