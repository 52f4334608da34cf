package pipeline

import (
	"context"
	"time"
)

// Sleep waits for so long. The error is that of ctx, if it ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
