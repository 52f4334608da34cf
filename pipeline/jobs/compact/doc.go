// Package compact is the kind of job that writes the documents of small shards into full-sized ones, as a new version of the same
// documents: each keeps its id, the version that brought it, and the order that it has among those of its version. All other files of
// the runs stay where they are, and so do the shards that it takes the place of, until a collection frees them: a drop of the version
// finds them.
//
// Small are shards that hold less than half the text of a full-sized one, whichever version wrote them: the documents of a run may lie in
// some that are, and in others that stay. Shards of formats whose columns are not those of today are written anew whatever their size, with
// what they lack counted in the ledgers of their versions. What was withdrawn is in none of them, and adds to what a run must have kept. It
// has one phase:
//
//	phase     stage     a task is     reads, and writes
//	rewrite   rewrite   a new shard   rows of small shards; the shard, which is read again and compared
//
// What a crash behind each step leaves:
//
//	before the plan is stored       nothing new; planned again
//	in the phase                    shards in the staging folder; the next compaction goes on, any other job removes them
//	compact:checked                 the same, compared with what the manifests of the runs say
//	commit:moved:data, :placed      the folder in place, without a manifest: accepted by the next compaction, removed by any other job
//	commit:manifest                 the version exists; the card and the staging folder are left
//	commit:card, commit:done        nothing is left
package compact
