// Package purge is the kind of job that leaves no byte of withdrawn documents in a corpus. What withdrew them has written the shards anew
// that held them; what is left of them then, and how it goes:
//
//	the old shards, old versions,      a collection of all that the newest version does not need, with the commit
//	what no version names
//	excerpts in tables of rejects      blank writes the table anew without them, in place of the old one
//	keys and records in the index      forget writes them anew without them, unless what resembles the document is to stay out
//	texts that runs have compared      left out: later runs read texts in the shards
//	vocabularies of earlier versions   left out: the newest one holds their sum
//	documents that filters dropped     left out, of versions up to the last that withdrew documents, of those that met such again, and
//	                                   of all if that is asked for
//	spills of other jobs, and reports  removed with the work folder of this one
//	of runs that came to nothing
//
// The first is done whatever there is to be written; if nothing is, there is no version.
//
// What a crash behind each step leaves:
//
//	before the plan is stored   nothing new; planned again
//	in the phase                files in the staging folder; the next purge goes on, any other job removes them
//	purge:checked               the same
//	commit:…                    see corpus.Corpus.Commit: the version exists or not; the next purge finds what is left to be done
//	purge:committed             the version exists, and all that it does not need; likewise
//	gc:…                        see corpus.Corpus.GC; likewise
//	purge:collected             the work of other jobs; likewise
package purge
