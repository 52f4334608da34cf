package corpus

import "github.com/millrace/millrace/pipeline"

// What the tests of this folder see of the inside.
const TableRows = tableRows

// StagingOf is the staging folder of a plan.
func StagingOf(plan *pipeline.Plan) string {
	h := Open(nil, nil).homeOf(plan)
	return h.Folder()
}

// Len is the number of files that are known.
func (k *Known) Len() int { return len(k.files) }
