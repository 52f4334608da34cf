package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Create is the function Create over the connection and with the patience of the control plane.
func (c *Control) Create(ctx context.Context, runID string, o Options) (*Run, error) {
	if o.Patience == 0 {
		o.Patience = c.patience
	}
	return Create(ctx, c.nc, runID, o)
}

// Bind is the function Bind over the connection and with the patience of the control plane.
func (c *Control) Bind(ctx context.Context, runID string) (*Run, error) {
	return Bind(ctx, c.nc, runID, BindOptions{Patience: c.patience})
}

// DeleteRun removes a run with its ledger. That there is none is no error.
func (c *Control) DeleteRun(ctx context.Context, runID string) error {
	r, err := c.Bind(ctx, runID)
	if errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Delete(ctx)
}

// Leader is who holds the lease, by the last that was heard of it, and when that was, by the server's clock; "" if nobody
// does. A leader that died stands there until the next one takes over: only the time tells.
func (c *Control) Leader(ctx context.Context) (holder string, heard time.Time, err error) {
	msg, err := c.get(ctx, leaderKey)
	if err != nil {
		return "", heard, fmt.Errorf("get %s: %w", leaderKey, err)
	}
	if msg == nil || isDeleted(msg.Header) {
		return "", heard, nil
	}
	var record leaderRecord
	if err := json.Unmarshal(msg.Data, &record); err != nil {
		return "", heard, fmt.Errorf("decode key %s: %w", leaderKey, err)
	}
	if record.Resigned {
		return "", heard, nil
	}
	return record.Holder, msg.Time, nil
}
