// Package signals is the kind of job that measures documents which a corpus has already: a version that adds signals to them, and changes
// nothing else. It has these phases, the first two for signals that follow from all documents (package lines), if the corpus has changed since
// they were measured:
//
//	phase     stage        a task is               reads, and writes
//	lines     lines        a split of documents    them; lines/<task>.lines in the work folder, their keys sorted
//	                       that no run covers
//	count     linesindex   a partition of the      those, and all runs so far; lines/<version>/keys-<task>-of-<tasks>.idx, and in the work folder
//	                       key space               frequent/<task>.idx
//	measure   measure      a shard that lacks      its documents, what there is of their signals, and frequent/; signals/<version>/train-<task>-of-<tasks>,
//	                       one of the signals      with a column for each of both, which takes the place of what there was
//
// Of a run all documents have signals, or none, so all live shards that can be read are measured. A signal that is there already, and is among
// those that are asked for, is measured anew with its family; it cannot differ. Where lines are counted all shards are measured, and those that lack
// nothing else keep their other signals. What a crash behind each step leaves:
//
//	before the plan is stored   nothing new; planned again
//	in a phase                  files in the work folder and in the staging folder; the next such job goes on, any other removes them
//	signals:checked             the same
//	commit:…                    see package compact: it is the commit of any version
package signals
