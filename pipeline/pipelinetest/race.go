//go:build race

package pipelinetest

// Race says that the race detector watches, under which text takes thirty times as long to read: tests of whole sets of
// real text, TestWhole… by name, read a sample then. `make test` runs them without it too.
const Race = true
