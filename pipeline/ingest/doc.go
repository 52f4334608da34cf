// Package ingest is what the tasks of an ingest leave each other, and what their documents are: the names of work files, the accounts
// of files and the reasons in them, verdicts, the plan of the shards and how these are read and written. It stands between the root
// package, which every kind of job shares, and all who take part in an ingest: stages and sinks, which may not know each other;
// the intake, which plans; corpus, which commits. What makes a chain of them is package jobs/ingest.
package ingest
