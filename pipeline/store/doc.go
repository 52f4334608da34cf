// Package store keeps immutable files in a local folder (Local) or, by package s3, in a bucket: Open chooses by URL. It opens
// input files of folders and buckets confined to their sources (Sources), and lists them for the planner (Locate, Scan). Lock,
// FreeBytes and BootID are the questions about a disk that a run asks, Hold is the one about a bucket.
//
// It is not a cache and knows nothing of runs, versions or formats. It guarantees that a file is visible under its name
// whole or not at all (invariant 2), that an exclusive create has one winner (invariant 6), and that nothing outside of
// a root is ever opened, whatever links lie in it. Linux and macOS; a network file system is taken at its word.
package store
