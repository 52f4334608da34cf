// Package rewrite writes documents anew that earlier versions of a corpus hold: rows of their shards are copied into shards of the version
// that a job makes, in the order that they have, each with the id, the text and the version that it came with.
//
// Copy does it for rows that a job names. Cut is the Runner for shards of which a job withdraws documents: each is written anew without
// them, in every format. What they write depends on the plan and on what the job has found alone (invariant 1), is read again and compared
// where its format can be read here, and appears whole or not at all (invariant 2).
package rewrite
