package pipeline

import "sync"

// OfJob keeps what the tasks of one job have in common, so that it is made once and not for each of them: that of the last job which asked. Its
// zero value is ready, and it is safe for concurrent use.
type OfJob[T any] struct {
	mu   sync.Mutex
	plan *Plan // guarded by mu, as is made
	made T
}

// Get returns what is kept of a job, or creates it, one caller at a time. What fails is tried again for the next one.
func (k *OfJob[T]) Get(job *Job, create func() (T, error)) (T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.plan == job.Plan {
		return k.made, nil
	}
	made, err := create()
	if err == nil {
		k.plan, k.made = job.Plan, made
	}
	return made, err
}
