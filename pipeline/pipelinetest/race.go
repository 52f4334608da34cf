//go:build race

package pipelinetest

import "flag"

// Race says that the race detector watches, under which text takes thirty times as long to read: tests of whole sets of
// real text, TestWhole… by name, read a sample then. `make test` runs them without it too.
const Race = true

// casesUnderRace is the number of cases of a property then, of which short tests try a fifth. A flag that is given counts more: flags are parsed later.
const casesUnderRace = "25"

func init() {
	if err := flag.Set("rapid.checks", casesUnderRace); err != nil {
		panic(err) // rapid, which this package imports, has another name for it
	}
}
