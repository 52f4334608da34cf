// Package reindex is the kind of job that makes the index of a corpus anew, from the texts: because the key text is another one, or by other
// settings than those that were fixed for it.
//
//	sign    reads the live documents, and writes their records and keys
//	index   makes one run of the keys of all of them
//
// A task of sign is some shards, or parts of them; one of index a partition of the key space. Documents keep their numbers. From the version
// on its settings are those that are fixed.
package reindex
