package engine

import (
	"context"
	"errors"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// slots are what a worker has: cores to process batches on, and room for batches in memory. All tasks of a worker share
// them, so neither grows with the number of tasks.
type slots struct {
	cores chan struct{}
	room  chan struct{}
	gone  chan struct{} // closed when some of them are lost to a task that was left behind

	mu   sync.Mutex
	free []*columnar.Batch // guarded by mu
}

// roomPerSlot: one batch being processed and one being read or written.
const roomPerSlot = 2

func newSlots(n int) *slots {
	return &slots{cores: make(chan struct{}, n), room: make(chan struct{}, n*roomPerSlot), gone: make(chan struct{})}
}

// errGone ends a task that waits for slots which are lost. It is to begin again, with others.
var errGone = errors.New("a task that hangs has the slots that it waits for")

func (s *slots) acquire(ctx context.Context, tokens chan struct{}) error {
	p := pulseOf(ctx)
	p.waits.Add(1)
	defer p.waits.Add(-1)
	select {
	case tokens <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.gone:
		return errGone
	}
}

func (s *slots) take(ctx context.Context) (*columnar.Batch, error) {
	if err := s.acquire(ctx, s.room); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		b := s.free[n-1]
		s.free = s.free[:n-1]
		return b, nil
	}
	return &columnar.Batch{}, nil
}

func (s *slots) give(b *columnar.Batch) {
	b.Reset()
	s.mu.Lock()
	s.free = append(s.free, b)
	s.mu.Unlock()
	<-s.room
}

// widen takes room for one batch more, which one that turned out to be oversized needs until it is written: a few of those
// would be as much memory as all the rest. It says whether it did, for the batch may be written before there is any.
func (s *slots) widen(written <-chan struct{}) bool {
	select {
	case s.room <- struct{}{}:
		return true
	case <-written:
		return false
	}
}

// trim lets go of the batches that nobody uses: the stages behind the map phase have none.
func (s *slots) trim() {
	s.mu.Lock()
	s.free = nil
	s.mu.Unlock()
}

// inFlight is a batch between its being read and its being written.
type inFlight struct {
	done    chan *columnar.Batch // the batch, once it is processed; closed without it if that failed
	written chan struct{}        // closed once it takes no more memory
}

// fanOut reads batches one after another, processes them on as many cores as are free, and writes them in the order they
// were read. A batch takes its room before it is read, so the earliest one can always go on and nothing locks up. It returns
// the first error and leaves no goroutine behind.
func (s *slots) fanOut(ctx context.Context, r pipeline.Reader,
	process func(context.Context, *columnar.Batch) (*columnar.Batch, error), write func(*columnar.Batch) error,
) error {
	outer, p := ctx, pulseOf(ctx)
	p.slots.Store(s)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	order := make(chan inFlight, cap(s.room)) // never fuller than there is room for batches
	g.Go(func() error {
		defer close(order)
		for {
			b, err := s.take(ctx)
			if err != nil {
				return err
			}
			if err := p.work(func() error { return guarded(func() error { return r.Read(ctx, b) }) }); err != nil {
				s.give(b)
				if err == io.EOF { //nolint:errorlint // a wrapped one is of a file that ends too early: no end of the input
					return nil
				}
				return err
			}
			f := inFlight{make(chan *columnar.Batch, 1), make(chan struct{})}
			oversized := b.Oversized()
			order <- f
			g.Go(func() error {
				defer close(f.done)
				out, err := s.onCore(ctx, b, process)
				if err != nil {
					s.give(b)
					return err
				}
				f.done <- out
				return nil
			})
			if oversized && s.widen(f.written) {
				g.Go(func() error {
					<-f.written
					<-s.room
					return nil
				})
			}
		}
	})
	var failed error
	unwritten := false
	for f := range order {
		b, ok := <-f.done
		if !ok {
			close(f.written)
			continue // its error is in the group
		}
		if failed != nil || ctx.Err() != nil {
			unwritten = true
		} else if failed = p.work(func() error { return guarded(func() error { return write(b) }) }); failed != nil {
			cancel()
		}
		s.give(b)
		close(f.written)
	}
	err := g.Wait()
	if failed != nil {
		return failed
	}
	if err == nil && unwritten { // told to stop when all was read and processed
		err = outer.Err()
	}
	return err
}

func (s *slots) onCore(ctx context.Context, b *columnar.Batch,
	process func(context.Context, *columnar.Batch) (*columnar.Batch, error),
) (out *columnar.Batch, err error) {
	if err := s.acquire(ctx, s.cores); err != nil {
		return nil, err
	}
	defer func() { <-s.cores }()
	err = pulseOf(ctx).work(func() error {
		out, err = process(ctx, b)
		return err
	})
	return out, err
}

// guarded turns a panic of f into an error, so that the batches in flight are still given back.
func guarded(f func() error) (err error) {
	defer recovered(&err)
	return f()
}
