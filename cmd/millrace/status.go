package main

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/cluster"
)

const (
	watchEvery = 2 * time.Second
	// lookTimeout is how long a picture of the cluster may take.
	lookTimeout = 15 * time.Second
)

func newStatus(a *app) *cobra.Command {
	var watch bool
	cmd := newMember(a, "status [flags]", "Show the run under way, its stages and the workers",
		`Shows what the processes of a corpus do: the newest run, how far each stage is, its lag (tasks that wait and that are in
hand), its speed and the time it still needs; the workers with the age of their last heartbeat; who coordinates; splits that
were given up; and requests for runs that have not begun. With --watch it is shown again every two seconds, until Ctrl-C; with
--json --watch as one line each time. On a terminal --watch draws it in place: q quits, w shows the workers or not, d the splits that
were given up.`,
		"  millrace status --out corpus\n  millrace status --config configs/cluster.yaml --watch",
		func(ctx context.Context, _ config.Config, client *cluster.Client) error {
			return a.status(ctx, client, watch)
		})
	cmd.Flags().BoolVar(&watch, "watch", false, "show it again and again")
	return cmd
}

func (a *app) status(ctx context.Context, client *cluster.Client, watch bool) error {
	if watch && !a.json && a.outColumns > 0 {
		return a.watchStatus(ctx, client)
	}
	for first := true; ; first = false {
		s, err := look(ctx, client)
		switch {
		case watch && ctx.Err() != nil:
			return nil //nolint:nilerr // being told to stop is how it ends
		case err != nil:
			return err
		}
		if err := a.printStatus(&s, watch, first); err != nil || !watch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// look takes a picture of the cluster, in bounded time.
func look(ctx context.Context, client *cluster.Client) (cluster.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return client.Look(ctx)
}

func (a *app) printStatus(s *cluster.Status, watch, first bool) error {
	switch {
	case a.json && watch:
		return json.NewEncoder(a.out).Encode(s)
	case a.json:
		return output.JSON(a.out, s)
	}
	var b strings.Builder
	if !first {
		b.WriteString("\n")
	}
	if err := output.Status(&b, s, stageNames(), lineOf); err != nil {
		return err
	}
	_, err := io.WriteString(a.out, b.String())
	return err
}
