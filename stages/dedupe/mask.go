package dedupe

import (
	"context"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// masks keeps the mask of the job whose tasks are done, so that its tables are read once and not for every task. Its zero value is
// ready, and it is safe for concurrent use.
type masks struct {
	lock sync.Mutex
	plan *ingest.Plan // guarded by lock, as is the next
	made *withdrawn.Mask
}

// get returns what the live versions have withdrawn, and what the job withdraws itself: nil for nothing.
func (m *masks) get(ctx context.Context, job *pipeline.Job, plan *ingest.Plan) (*withdrawn.Mask, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.plan == plan {
		return m.made, nil
	}
	m.plan, m.made = nil, nil
	made, err := ingest.Withdrawn(ctx, job, plan.Withdrawn)
	if err != nil {
		return nil, err
	}
	if len(made.Versions()) == 0 {
		made = nil
	}
	m.plan, m.made = plan, made
	return made, nil
}

// gone says whether a document of an earlier version is to be as if it had never been: it is withdrawn, and blocks nothing. An index may
// still have its keys, or a merge has dropped them.
func gone(mask *withdrawn.Mask, d ref) bool {
	version, rank := int(d.version), int64(d.number)
	return mask.Has(version, rank) && !mask.Blocks(version, rank)
}
