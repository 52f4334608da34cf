package intake

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// lookers is how many files are looked at at once where there are fewer cores: who looks at a file of a bucket waits most of the time.
const lookers = 16

// forEach calls look for the numbers up to n, several at once, and returns the error of the least one that has one, whatever
// the order was. Each goroutine has a look of its own.
func forEach(n int, looks func() (look func(i int) error)) error {
	var (
		next   atomic.Int64 // the first that nobody has taken
		mu     sync.Mutex
		failed = n   // guarded by mu: the first with an error
		first  error // guarded by mu: that error
		wg     sync.WaitGroup
	)
	for range min(max(lookers, runtime.GOMAXPROCS(0)), n) {
		wg.Go(func() {
			look := looks()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				err := look(i)
				if err == nil {
					continue
				}
				// They are taken in order, so whatever comes before this one is in somebody's hands and is finished.
				next.Store(int64(n))
				mu.Lock()
				if i < failed {
					failed, first = i, err
				}
				mu.Unlock()
				return
			}
		})
	}
	wg.Wait()
	return first
}
