package corpus

import "millrace/pipeline"

// What the tests of this folder see of the inside.
const (
	StagingPrefix = stagingPrefix
	TableRows     = tableRows
)

// StagingOf is the staging folder of a plan.
func StagingOf(plan *pipeline.Plan) string { return Open(nil, nil).homeOf(plan).staging }

// Len is the number of files that are known.
func (k *Known) Len() int { return len(k.files) }
