// Package remove is the kind of job that takes documents out of a corpus: those of some ids, of some files, of which an expression is true,
// or that resemble a text.
//
//	find      looks through the shards that are read for documents that are meant
//	rewrite   writes the shards that hold them anew, without them, and counts their characters
//	recount   makes the vocabulary without these
//
// What is found lies in tables of withdrawn documents, which become the ledger of the version. A task of find is a shard; so are those of
// rewrite, of which there are as many as hold what was found: the chain knows that when find is over.
package remove
