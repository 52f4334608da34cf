package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// Leader is who holds the lease, by the last that was heard of it; "" if nobody does.
func (c *Control) Leader(ctx context.Context) (string, error) {
	data, rev, err := c.Get(ctx, leaderKey)
	if err != nil || rev == 0 {
		return "", err
	}
	var record leaderRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return "", fmt.Errorf("decode key %s: %w", leaderKey, err)
	}
	if record.Resigned {
		return "", nil
	}
	return record.Holder, nil
}
