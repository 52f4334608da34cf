// Package vocab counts the characters of what was kept and writes the vocabulary of a version. A task of vocab counts one
// shard, the task of merge adds the shards and the table of the version before, and takes away what tasks of an uncount
// stage have counted: characters of documents that are withdrawn.
//
// It is not a tokenizer: it knows code points only, and a special token that is written out in a text is as many
// characters as it has. It guarantees that the counts are exact, that they are those of the set of shards, each once
// (invariant 5), and that memory follows the number of different characters, not the text.
package vocab
