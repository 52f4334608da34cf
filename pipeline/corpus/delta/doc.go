// Package delta says what the Delta log of a corpus is: the files by which readers of Delta tables see its documents in Parquet, at any
// version and each version whole. The log follows from the manifests and from nothing else, but for the id of the table, which it keeps;
// like the card it lies outside of every digest.
//
// Version N of the table is version N of the corpus; version 0 is empty. Each entry says what its version removes and adds, at the places
// where files lie now, so those of earlier versions are written anew when their files move. What removes a file names both of its places:
// whatever of the log a reader sees in its old and what in its new state, no file is there twice, and none comes back.
//
// A version whose manifest was freed cannot be said any more: its entry holds one file that is not there, so that whoever asks for it is
// told instead of given something else.
//
// Package corpus reads and writes the files. docs/formats/corpus.md has the log.
package delta
