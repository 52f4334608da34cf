// Package dead finds what was given up, in the versions of a corpus and in the run under way into it, and has it tried again.
package dead

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/queue"
)

// lookTimeout is how long a look at the run under way may take.
const lookTimeout = 15 * time.Second

// Letter is a dead letter of a version, or of the run under way.
type Letter struct {
	corpus.Dead
	Run      string `json:"run,omitempty"`      // of one that has no version yet
	Attempts int    `json:"attempts,omitempty"` // known while the run is under way
}

// Letters are the dead letters of a corpus, as they were when they were read.
type Letters struct {
	corpus *corpus.Corpus
	client *cluster.Client // nil without a cluster
	list   []Letter
}

// Read reads them: those of the run under way, if there is a cluster to ask (client may be nil), and those of the versions that no
// later version has read.
func Read(ctx context.Context, c *corpus.Corpus, client *cluster.Client) (*Letters, error) {
	l := &Letters{corpus: c, client: client, list: []Letter{}}
	if client != nil {
		if err := l.readRun(ctx); err != nil {
			return nil, err
		}
	}
	old, err := c.Dead(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range old {
		l.list = append(l.list, Letter{Dead: one})
	}
	return l, nil
}

// readRun adds the dead letters of the run under way.
func (l *Letters) readRun(ctx context.Context) error {
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	s, err := l.client.Look(looking)
	if err != nil {
		return err
	}
	for _, one := range s.DeadLetters {
		letter := Letter{Run: s.Run.ID, Dead: corpus.Dead{
			ID: corpus.DeadID("run", one.Source, one.Path, one.Offset), Source: one.Source, Path: one.Path, FileBytes: one.FileBytes,
			ModTime: one.ModTime, Offset: one.Offset, Bytes: one.Bytes, Error: one.Error,
		}}
		letter.Attempts, err = l.client.Attempts(ctx, s.Run.Plan, one.Stages, one.Split)
		if err != nil && !errors.Is(err, queue.ErrGone) {
			return err
		}
		l.list = append(l.list, letter)
	}
	return nil
}

// All are all of them, never nil: of the run first, then of the versions, oldest first.
func (l *Letters) All() []Letter { return l.list }

// Find returns the dead letters of these ids, or of what they begin with.
func (l *Letters) Find(ids ...string) (found []*Letter, err error) {
	for _, id := range ids {
		var match []*Letter
		for i := range l.list {
			if strings.HasPrefix(l.list[i].ID, id) {
				match = append(match, &l.list[i])
			}
		}
		switch {
		case len(match) == 0:
			return nil, pipeline.WithHint(fmt.Errorf("%w: no dead letter is called %q", pipeline.ErrUsage, id), "millrace dead list names them")
		case len(match) > 1:
			return nil, pipeline.WithHint(fmt.Errorf("%w: %q is how %d dead letters begin", pipeline.ErrUsage, id, len(match)),
				"give more of its letters; millrace dead list names them")
		}
		found = append(found, match[0])
	}
	return found, nil
}

// Choose is Find for what is to be done to them: none of a run under way. Without ids it is all that are open.
func (l *Letters) Choose(ids ...string) (found []*Letter, err error) {
	if len(ids) == 0 {
		for i := range l.list {
			if one := &l.list[i]; one.Run == "" && !one.Dropped {
				found = append(found, one)
			}
		}
		return found, nil
	}
	if found, err = l.Find(ids...); err != nil {
		return nil, err
	}
	for _, one := range found {
		if one.Run != "" {
			return nil, pipeline.WithHint(fmt.Errorf("%w: %s is of run %s, which is under way", pipeline.ErrUsage, one.ID, one.Run),
				"wait until it has ended, or cancel it")
		}
	}
	return found, nil
}

// Drop has the files of these left alone by every run until they change.
func (l *Letters) Drop(ctx context.Context, list []*Letter) error {
	for _, one := range list {
		if err := l.corpus.DropDead(ctx, &one.Dead); err != nil {
			return err
		}
	}
	return nil
}
