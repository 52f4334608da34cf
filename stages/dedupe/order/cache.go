package order

import (
	"sync"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Cache keeps the order of the run whose tasks are done, so that it is made once and not for every one. Its zero value is
// ready, and it is safe for concurrent use.
type Cache struct {
	lock sync.Mutex
	plan *ingest.Plan
	made *Order
}

// Get is Read for the run that has this plan.
func (c *Cache) Get(winner string, work *sorted.Handles, plan *ingest.Plan, bases []int64) (*Order, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.plan == plan {
		return c.made, nil
	}
	c.plan, c.made = nil, nil
	made, err := Read(winner, work, plan, bases)
	if err != nil {
		return nil, err
	}
	c.plan, c.made = plan, made
	return made, nil
}
