package dedupe

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// casesUnderRace is the number of cases of a property under the race detector, with which one takes ten times as long; make test runs them
// without it too, and then there are as many as usual.
const casesUnderRace = "20"

func TestMain(m *testing.M) {
	if pipelinetest.Race {
		if err := flag.Set("rapid.checks", casesUnderRace); err != nil { // a flag that is given counts more: they are parsed later
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
