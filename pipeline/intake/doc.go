// Package intake finds the files of a run, says what they are, leaves out what the corpus has read already, and cuts the rest
// into the splits of a plan. It also shows what a plan would make of a file, and reads a document from its file once more.
//
// It changes nothing anywhere: no folder is made, nothing is locked. What it finds follows from the files, the options and
// what the corpus holds, never from the order of the paths or of its goroutines (invariant 1). It knows files through
// package store, formats through Formats and the corpus through Parent; it sees no queue and no task.
package intake
