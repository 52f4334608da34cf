package main

import (
	"context"
	"time"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/monitor"
)

// watchStatus draws the status of the cluster on the terminal, in place, until a key or ctx ends it. The last picture stays on the screen.
func (a *app) watchStatus(ctx context.Context, l *looker) (err error) {
	keys, restore, err := readKeys(ctx, a.in)
	if err != nil {
		return err
	}
	defer restore()
	screen := monitor.NewScreen(a.out)
	defer func() { _ = screen.Leave() }()
	view := output.Watched{Workers: true}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	s, err := l.look(ctx)
	for {
		switch {
		case ctx.Err() != nil:
			return nil // being told to stop is how it ends
		case err != nil:
			return err
		}
		width, height := screen.Size()
		if err := screen.Draw(view.Lines(&s, stageNames(), width, height)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case key, open := <-keys:
			switch key {
			case 'q', 'Q':
				return nil
			case 'w', 'W':
				view.Workers = !view.Workers
			case 'd', 'D':
				view.Dead = !view.Dead
			}
			if !open {
				keys = nil
			}
		case <-tick.C:
			s, err = l.look(ctx)
		}
	}
}
