package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/columnar"
)

// giants is a reader of batches that are larger than ordinary ones.
type giants struct {
	left     int32
	memory   []byte
	inFlight atomic.Int32
	most     int32
}

func (g *giants) Read(_ context.Context, b *columnar.Batch) error {
	if g.left == 0 {
		return io.EOF
	}
	b.Text.Data = g.memory // nobody writes to it
	b.File = append(b.File, g.left)
	g.left--
	g.most = max(g.most, g.inFlight.Add(1))
	return nil
}

func (g *giants) Close() error { return nil }

// TestFanOutOversized: of batches of 60 MB there are no more at a time than slots, they keep their order, and give back what
// room they took.
func TestFanOutOversized(t *testing.T) {
	for _, n := range []int{1, 2, 4} {
		s := newSlots(n)
		g := &giants{left: 50, memory: make([]byte, 64<<20)}
		next := g.left
		process := func(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) { return b, nil }
		write := func(b *columnar.Batch) error {
			if b.File[0] != next {
				t.Errorf("%d slots: batch %d comes for %d", n, b.File[0], next)
			}
			next--
			g.inFlight.Add(-1)
			return nil
		}
		if err := s.fanOut(t.Context(), g, process, write); err != nil {
			t.Fatal(err)
		}
		if next != 0 || int(g.most) > n || len(s.room) > 0 || len(s.cores) > 0 {
			t.Errorf("%d slots: %d batches are missing, %d were there at a time, %d rooms and %d cores are taken", n, next, g.most, len(s.room), len(s.cores))
		}
	}
}

// numbersReader reads batches of one number each.
type numbersReader struct {
	n    int32
	next atomic.Int32
	end  error
}

func (r *numbersReader) Read(ctx context.Context, b *columnar.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.next.Load() == r.n {
		return r.end
	}
	b.File = append(b.File, r.next.Add(1)-1)
	return nil
}

func (r *numbersReader) Close() error { return nil }

// TestFanOutOrder: batches are written in the order in which they were read, however long each of them takes; no more are processed at
// a time than there are cores, and no more are in memory than there is room for.
func TestFanOutOrder(t *testing.T) {
	for _, n := range []int{1, 3} {
		bubble(t, strconv.Itoa(n), func(t *testing.T) {
			s := newSlots(n)
			var processing, most atomic.Int32
			process := func(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
				for now := processing.Add(1); ; {
					if seen := most.Load(); seen >= now || most.CompareAndSwap(seen, now) {
						break
					}
				}
				time.Sleep(time.Duration(b.File[0]*7%5) * time.Second)
				processing.Add(-1)
				return b, nil
			}
			next := int32(0)
			r := &numbersReader{n: 40, end: io.EOF}
			write := func(b *columnar.Batch) error {
				if b.File[0] != next {
					t.Errorf("batch %d comes for %d", b.File[0], next)
				}
				if ahead := r.next.Load() - next; int(ahead) > roomPerSlot*n {
					t.Errorf("%d batches are in memory", ahead)
				}
				next++
				time.Sleep(time.Second)
				return nil
			}
			if err := s.fanOut(t.Context(), r, process, write); err != nil || next != 40 {
				t.Errorf("%d batches, %v", next, err)
			}
			if got := int(most.Load()); got != n {
				t.Errorf("%d batches were processed at a time, want %d", got, n)
			}
			if len(s.room) > 0 || len(s.cores) > 0 || len(s.free) == 0 || len(s.free) > roomPerSlot*n {
				t.Errorf("%d rooms and %d cores are taken, %d batches are kept", len(s.room), len(s.cores), len(s.free))
			}
			if s.trim(); len(s.free) > 0 {
				t.Errorf("%d batches are kept for nobody", len(s.free))
			}
		})
	}
}

// TestFanOutFails: the first error is told, whoever fails, and all that was taken is given back.
func TestFanOutFails(t *testing.T) {
	boom := errors.New("boom")
	fails := func(at int32, how any) func(b *columnar.Batch) error {
		return func(b *columnar.Batch) error {
			if b.File[0] != at {
				return nil
			}
			if err, ok := how.(error); ok {
				return err
			}
			panic(how)
		}
	}
	fine := func(*columnar.Batch) error { return nil }
	tests := []struct {
		name           string
		end            error
		process, write func(*columnar.Batch) error
		want           string
	}{
		{"read", boom, fine, fine, "boom"},
		{"a file ends too early", fmt.Errorf("kept bits: %w", io.EOF), fine, fine, "kept bits: EOF"},
		{"process", io.EOF, fails(5, boom), fine, "boom"},
		{"write", io.EOF, fine, fails(5, boom), "boom"},
		{"write first", io.EOF, fine, fails(0, boom), "boom"},
		{"write last", io.EOF, fine, fails(9, boom), "boom"},
		{"write panics", io.EOF, fine, fails(5, "boom"), "panic: boom"},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			s := newSlots(2)
			r := &numbersReader{n: 10, end: tt.end}
			err := s.fanOut(t.Context(), r, func(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) { return b, tt.process(b) }, tt.write)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if len(s.room) > 0 || len(s.cores) > 0 {
				t.Errorf("%d rooms and %d cores are taken", len(s.room), len(s.cores))
			}
		})
	}
	bubble(t, "read panics", func(t *testing.T) {
		s := newSlots(1)
		err := s.fanOut(t.Context(), nil, nil, nil) // there is no reader to call
		if err == nil || !strings.HasPrefix(err.Error(), "panic: ") || len(s.room) > 0 {
			t.Errorf("error %v, %d rooms are taken", err, len(s.room))
		}
	})
}

// TestFanOutToldToStop: batches that are not written for that are an error, also if all were read and processed by then.
func TestFanOutToldToStop(t *testing.T) {
	for _, n := range []int32{1, 2, 4, 50} {
		bubble(t, strconv.Itoa(int(n)), func(t *testing.T) {
			s := newSlots(4)
			ctx, cancel := context.WithCancel(t.Context())
			written := int32(0)
			write := func(*columnar.Batch) error {
				if written++; written == 1 {
					time.Sleep(time.Second) // all that can be is read and processed
					cancel()
				}
				return nil
			}
			process := func(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) { return b, nil }
			err := s.fanOut(ctx, &numbersReader{n: n, end: io.EOF}, process, write)
			if written < n && !errors.Is(err, context.Canceled) || written == n && err != nil {
				t.Errorf("%d of %d batches were written: %v", written, n, err)
			}
			if len(s.room) > 0 || len(s.cores) > 0 {
				t.Errorf("%d rooms and %d cores are taken", len(s.room), len(s.cores))
			}
		})
	}
}

// TestSlotsAreShared: tasks that run at the same time have cores and room together, and none of them locks up.
func TestSlotsAreShared(t *testing.T) {
	bubble(t, "five tasks", func(t *testing.T) {
		s := newSlots(2)
		var processing atomic.Int32
		process := func(ctx context.Context, b *columnar.Batch) (*columnar.Batch, error) {
			if n := processing.Add(1); n > 2 {
				t.Errorf("%d batches are processed at a time", n)
			}
			time.Sleep(time.Second)
			processing.Add(-1)
			return b, ctx.Err()
		}
		var tasks sync.WaitGroup
		for range 5 {
			tasks.Go(func() {
				n := 0
				write := func(*columnar.Batch) error { n++; return nil }
				if err := s.fanOut(t.Context(), &numbersReader{n: 20, end: io.EOF}, process, write); err != nil || n != 20 {
					t.Errorf("%d batches, %v", n, err)
				}
			})
		}
		tasks.Wait()
	})
}
