package queue

import (
	"context"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// minTries is how often something is tried at least before patience ends.
const minTries = 3

// patient counts how long something has been waited for. A process that was stopped, swapped out or asleep meanwhile has not
// waited: nobody was asked, and the answer may lie there when it goes on. So a step counts for as long as it may take at most.
type patient struct {
	limit time.Duration
	spent time.Duration
	steps int
}

// during does one step of waiting, which takes no longer than most unless the process stands still.
func (p *patient) during(most time.Duration, step func()) {
	start := time.Now()
	step()
	p.add(time.Since(start), most)
}

// sleep waits for so long, or until ctx ends.
func (p *patient) sleep(ctx context.Context, d time.Duration) {
	p.during(d, func() { _ = pipeline.Sleep(ctx, d) })
}

func (p *patient) add(took, most time.Duration) {
	p.spent += min(took, most)
	p.steps++
}

// out says that patience has ended.
func (p *patient) out() bool { return p.spent > p.limit && p.steps >= minTries }
