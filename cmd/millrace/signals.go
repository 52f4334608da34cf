package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// errInterrupted is why the context of an interrupted command ended.
var errInterrupted = errors.New("interrupted")

// withSignals returns a context that the first SIGINT or SIGTERM cancels. From then on signals do what they do by
// default: a second one kills. say says so. stop must be called; it returns when the goroutine is gone.
func withSignals(parent context.Context, say func(text string)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-ctx.Done():
		case s := <-signals:
			signal.Stop(signals)
			say(s.String() + ": stopping; once more kills")
			cancel(errInterrupted)
		}
	})
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
		waiting.Wait()
	}
}
