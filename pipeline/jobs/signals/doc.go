// Package signals is the kind of job that measures documents which a corpus has already: a version that adds signals to them, and changes
// nothing else. It has one phase:
//
//	phase     stage     a task is               reads, and writes
//	measure   measure   a shard that lacks      its documents, and what there is of their signals; signals/<version>/train-<task>-of-<tasks>,
//	                    one of the signals      with a column for each of both, which takes the place of what there was
//
// Of a run all documents have signals, or none, so all live shards that can be read are measured. A signal that is there already, and is among
// those that are asked for, is measured anew with its family; it cannot differ. What a crash behind each step leaves:
//
//	before the plan is stored   nothing new; planned again
//	in the phase                files in the staging folder; the next such job goes on, any other removes them
//	signals:checked             the same
//	commit:…                    see package compact: it is the commit of any version
package signals
