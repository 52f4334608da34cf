// Package tokens counts what a vocabulary has beside characters: words, and the n-grams of 2 to 5 characters. It has what the stages of package vocab
// do for it; which kinds of tokens there are is said by the plan of the job (ingest.Counting).
//
// Words are those of package words: what a document came in, if its metadata has that; else of jieba where there are ideographs, of UAX #29 elsewhere, as they stand. N-grams are those of counts.Grams: code points
// that follow each other, all of them letters or marks.
//
// Each shard of kept documents, each shard that loses documents, and each split of documents that were not counted before leaves what it has, by kind, in
// work files. A task of merge takes one partition of the tokens of all kinds: it adds these and the runs of earlier versions, writes the run of the
// version, which the plan says how many of the last ones it takes the place of, and leaves the rows of the table that is for people, in order. A
// task of rank makes the table of one kind of them. Memory is some blocks of every file, whatever there is of tokens.
package tokens
