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
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/store"
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
		func(ctx context.Context, c config.Config, client *cluster.Client) error {
			l := &looker{client: client}
			if s, err := store.Open(ctx, c.Out, store.Options{Access: access(c)}); err == nil { // status need not see the corpus
				defer func() { _ = s.Close() }() // nothing was written
				l.corpus = openCorpus(s)
			}
			return a.status(ctx, l, watch)
		})
	cmd.Flags().BoolVar(&watch, "watch", false, "show it again and again")
	return cmd
}

func (a *app) status(ctx context.Context, l *looker, watch bool) error {
	if watch && !a.json && a.outColumns > 0 {
		return a.watchStatus(ctx, l)
	}
	for first := true; ; first = false {
		s, err := l.look(ctx)
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

// looker takes pictures of the cluster.
type looker struct {
	client *cluster.Client
	corpus *corpus.Corpus // nil: it cannot be read from here
}

// look takes a picture, in bounded time.
func (l *looker) look(ctx context.Context) (cluster.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	s, err := l.client.Look(ctx)
	if err == nil && l.corpus != nil && s.Run.State == cluster.Committed {
		s.DroppedBy, _ = l.corpus.DroppedBy(ctx, s.Run.ID) // what the cluster does can be seen without
	}
	return s, err
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
