package engine

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// A stage that does not say where its files lie ends the job at its first task, and not at its end.
func TestForeignFolder(t *testing.T) {
	for _, stage := range []string{"add", "total", "print", "weigh", "index"} {
		bubble(t, stage, func(t *testing.T) {
			y := newToy(t, 3)
			spec := y.step(stage)
			spec.Work, spec.Out = []pipeline.WorkFiles{{Folder: "elsewhere"}}, []string{"elsewhere"}
			err := y.run(t.Context())
			if err == nil || !strings.Contains(err.Error(), "of its stage names") {
				t.Errorf("%v", err)
			}
		})
	}
}
