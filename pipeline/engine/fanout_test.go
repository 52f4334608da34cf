package engine

import (
	"context"
	"io"
	"sync/atomic"
	"testing"

	"millrace/pipeline/columnar"
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
