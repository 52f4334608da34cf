// Package train is the kind of job that trains a tokenizer on the live documents of a corpus: it makes a folder, DIR, and no version of the corpus,
// which it has for itself meanwhile. It may also train on a split of a release, which nobody changes: then the corpus of the site is only where its work
// lies, and may be a folder that has none. Training goes by how often pre-tokens occur, pieces of texts that no token crosses, so texts are read once and
// the rest is done on counts. It has these phases:
//
//	phase       stage          a task is              reads, and writes in the work folder
//	pretokens   pretokens      a split of documents,  them; pretokens/<task>-<run>.counts, their pre-tokens counted
//	                           or of a release
//	merge       pretokenmerge  a partition of the     those; pretokenmerge/<task>.counts, those that occur often enough
//	                           hashes of pre-tokens
//	train       train          all of it              those, three times: what rare ones have to be left out, training, and how often each token
//	                                                  is used; tokenizer/, the files of DIR but for its manifest
//
// What an algorithm does, its own package below pipeline/text knows: Algorithms is the table of them.
//
// All that decides what is in DIR is in the plan: the settings and where the live documents lie, or the digests of the files of the release. Whoever reads the
// beginning of such a file holds it against its digest, so what the manifest names is what was read. So files are the same for any number of workers,
// whatever was killed meanwhile (invariant 1), and there is nothing of time or place in them. Counts have 64 bits and are exact. What is not trained
// on, because it is too long, too rare or too much, is told with numbers in report.json: nothing is left out silently.
//
// Memory: a task of pretokens takes what a counts.Collector does, one of pretokenmerge some blocks a file, of which there are at most some hundreds. A task
// of train takes what the trainer does for at most Settings.MaxPretokens pre-tokens with 16 bytes each; if there are more, those that occur least are left out.
//
// What a crash behind each step leaves:
//
//	before the plan is stored   nothing new; planned again
//	in a phase                  files in the work folder; the same request goes on, any other job removes them
//	tokenizer:checked           the same
//	in the commit               beside DIR the folder .NAME.tmp-<plan>, which the same request removes and makes anew; in a bucket .unfinished-<plan> in DIR, and
//	                            files without a manifest, which it writes again
//	tokenizer:written           the same, whole
//	tokenizer:made              DIR whole, made by one rename, or in a bucket by the create of its manifest; the same request finds it by the digest of the plan in
//	                            its manifest, removes .unfinished-<plan>, and the work folder goes
package train
