package monitor

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/vbauerster/mpb/v8"

	"github.com/millrace/millrace/pipeline"
)

const (
	// barsDelay keeps runs that are over at once from flashing bars.
	barsDelay = 300 * time.Millisecond
	// lineEvery is the time between two log lines, and the time that a run may take without one.
	lineEvery = 5 * time.Second
	// lineCheck is how soon the end of a stage gets its line.
	lineCheck = 500 * time.Millisecond
)

// Display draws the progress of a run on stderr, and lets lines of text pass above it: give it to the logger as its
// writer. Before Show and after Stop it is a plain writer. Safe for concurrent use.
type Display struct {
	stderr io.Writer
	bars   bool

	mu     sync.Mutex
	screen *mpb.Progress // guarded by mu; set while bars are drawn

	cancel context.CancelFunc // nil before Show
	done   chan struct{}
}

// NewDisplay returns a display that draws bars if stderr is a terminal, and writes log lines if not. It starts nothing.
func NewDisplay(stderr io.Writer, terminal bool) *Display {
	return &Display{stderr: stderr, bars: terminal}
}

// Show starts to display the tracker until Stop is called or ctx ends. It is called once at most; log gets the lines of a
// display without a terminal.
func (d *Display) Show(ctx context.Context, t *Tracker, log zerolog.Logger) {
	ctx, d.cancel = context.WithCancel(ctx)
	d.done = make(chan struct{})
	go func() {
		defer close(d.done)
		if d.bars {
			d.draw(ctx, t)
		} else {
			logLines(ctx, t, log)
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
	if d.screen != nil {
		if n, err := d.screen.Write(p); err == nil {
			return n, nil
		}
	}
	return d.stderr.Write(p)
}

func (d *Display) draw(ctx context.Context, t *Tracker) {
	if pipeline.Sleep(ctx, barsDelay) != nil {
		return
	}
	screen, bars := newBars(d.stderr, t)
	d.setScreen(screen)
	<-ctx.Done()
	d.setScreen(nil)
	for _, b := range bars {
		b.Abort(true)
	}
	screen.Wait()
}

func (d *Display) setScreen(p *mpb.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.screen = p
}
