// Package reindex is the kind of job that makes the index of a corpus anew, from the texts: because the key text is another one, or by other
// settings than those that were fixed for it. It may also withdraw the documents that resemble an earlier one by these.
//
//	sign      reads the live documents, and writes their records and keys
//	match     finds pairs that are, or may be, duplicates
//	read      reads the texts of those that may be
//	judge     decides which documents go: the first of those that resemble each other stays
//	find      names these
//	rewrite   makes one run of the keys of all others; writes the shards anew that lose documents, and counts their characters
//	recount   makes the vocabulary without these
//
// A task of sign, read and find is some shards, or parts of them; one of match, and of what makes the index, a partition of the key space.
// Documents keep their numbers. From the version on its settings are those that are fixed. Where no document is to go the phases from match to
// find have no task.
package reindex
