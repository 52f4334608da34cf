package intake

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

// TestForEach: every number has its call, and the error is that of the least, whoever comes first.
func TestForEach(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, n := range []int{0, 1, 2, 1000} {
		var sum atomic.Int64
		err := forEach(n, func() func(int) error {
			return func(i int) error {
				sum.Add(int64(i) + 1)
				return nil
			}
		})
		if want := int64(n) * int64(n+1) / 2; sum.Load() != want || err != nil {
			t.Errorf("%d: %d, %v", n, sum.Load(), err)
		}
	}
	bad := errors.New("bad")
	for range 50 {
		err := forEach(100, func() func(int) error {
			return func(i int) error {
				if i >= 7 {
					return fmt.Errorf("%d: %w", i, bad)
				}
				return nil
			}
		})
		if !errors.Is(err, bad) || err.Error() != "7: bad" {
			t.Fatalf("error: %v", err)
		}
	}
}
