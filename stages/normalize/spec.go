package normalize

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Spec is the stage that normalises the texts of documents, takes them through more stages, which may drop some, and leaves
// the documents that are read from there on. more makes these anew at every call.
func Spec(c Config, more func(*pipeline.Job) ([]pipeline.Stage, error)) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: "normalize", Settings: []string{"normalize", "signals", "filter", "removed", "vocab"}, Work: []pipeline.WorkFiles{{Folder: "documents"}},
		Step: &pipeline.Step{
			Leaves: ingest.DocumentsName,
			Stages: func(_ context.Context, job *pipeline.Job) ([]pipeline.Stage, error) {
				if c.PII.any(Pseudonym) && c.Key == nil {
					return nil, errors.New("normalize: the key of pseudonyms was not read") // programmer error: see Config.ReadKey
				}
				list, err := more(job)
				return append([]pipeline.Stage{New(c)}, list...), err
			},
		},
	}
}
