package monitor

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
)

const (
	// barsDelay keeps runs that are over at once from flashing bars.
	barsDelay = 300 * time.Millisecond
	// drawEvery is the time between two pictures.
	drawEvery = 200 * time.Millisecond
	// firstLine is when a job without a terminal says how far it is for the first time, and lineEvery the time between two lines.
	firstLine = 2 * time.Second
	lineEvery = 5 * time.Second
	// lineCheck is how soon the end of a stage gets its line.
	lineCheck = 500 * time.Millisecond
)

// Source is what a display shows: a Tracker, or who asks a coordinator.
type Source interface{ Snapshot() Snapshot }

// Display draws the progress of a run on stderr, and lets lines of text pass above it: give it to the logger as its
// writer. Before Show and after Stop it is a plain writer. Safe for concurrent use.
type Display struct {
	stderr io.Writer
	bars   bool

	mu     sync.Mutex
	screen *Screen // guarded by mu; set while bars are drawn

	cancel context.CancelFunc // nil before Show
	done   chan struct{}
}

// NewDisplay returns a display that draws bars if stderr is a terminal, and writes log lines if not. It starts nothing.
func NewDisplay(stderr io.Writer, terminal bool) *Display {
	return &Display{stderr: stderr, bars: terminal}
}

// Show starts to display what source says until Stop is called or ctx ends. It is not called again before Stop; log gets the lines of a
// display without a terminal.
func (d *Display) Show(ctx context.Context, source Source, log zerolog.Logger) {
	ctx, d.cancel = context.WithCancel(ctx)
	d.done = make(chan struct{})
	go func() {
		defer close(d.done)
		if d.bars {
			d.draw(ctx, source)
		} else {
			logLines(ctx, source, log)
		}
	}()
}

// Stop takes the bars off the screen and returns when nothing is drawn any more. It may be called at any time, and twice.
func (d *Display) Stop() {
	if d.cancel == nil {
		return
	}
	d.cancel()
	<-d.done
}

// Write writes whole lines, above the bars if there are any.
func (d *Display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.screen == nil {
		return d.stderr.Write(p)
	}
	if err := d.screen.Above(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// draw draws a picture again and again. That one cannot be drawn is no reason to stop what it shows.
func (d *Display) draw(ctx context.Context, source Source) {
	screen := NewScreen(d.stderr)
	var told *Resumed
	tell := func(s *Snapshot) { // the lock is held
		if s.Resumed != nil && (told == nil || *told != *s.Resumed) {
			told = s.Resumed
			_ = screen.Above([]byte(told.Says() + "\n"))
		}
	}
	defer func() {
		s := source.Snapshot()
		d.mu.Lock()
		defer d.mu.Unlock()
		tell(&s)
		d.screen = nil
		_ = screen.Clear()
	}()
	if pipeline.Sleep(ctx, barsDelay) != nil {
		return
	}
	d.mu.Lock()
	d.screen = screen
	d.mu.Unlock()
	for {
		s := source.Snapshot()
		d.mu.Lock()
		tell(&s)
		width, _ := screen.Size()
		_ = screen.Draw(Frame(&s, width))
		d.mu.Unlock()
		if pipeline.Sleep(ctx, drawEvery) != nil {
			return
		}
	}
}
