package withdrawn_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/withdrawn"
)

// TestMask: rank and position are what counting gives.
func TestMask(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gone := rapid.SliceOfN(rapid.Bool(), 0, 200).Draw(t, "gone")
		blocks := rapid.SliceOfN(rapid.Bool(), len(gone), len(gone)).Draw(t, "blocks")
		m := &withdrawn.Mask{}
		order := []int64{}
		for rank := range gone {
			order = append(order, int64(rank))
		}
		for _, rank := range rapid.Permutation(order).Draw(t, "order") {
			if gone[rank] {
				m.Add(7, rank, blocks[rank])
			}
		}
		if err := m.Seal(); err != nil {
			t.Fatal(err)
		}
		position, before := int64(0), int64(0)
		for i, is := range gone {
			rank := int64(i)
			if m.Has(7, rank) != is || m.Blocks(7, rank) != (is && blocks[i]) || m.Has(8, rank) || m.Before(7, rank) != before {
				t.Fatalf("document %d: has %v, blocks %v, %d before it, want %d", rank, m.Has(7, rank), m.Blocks(7, rank), m.Before(7, rank), before)
			}
			if is {
				before++
				continue
			}
			if got := m.Rank(7, position); got != rank {
				t.Fatalf("position %d is document %d, not %d", position, got, rank)
			}
			position++
		}
		if m.Count(7) != before || m.Rank(7, position) != int64(len(gone)) {
			t.Fatalf("%d are withdrawn, want %d; behind the last comes %d of %d", m.Count(7), before, m.Rank(7, position), len(gone))
		}
	})
}

func TestMaskOfNothing(t *testing.T) {
	var m *withdrawn.Mask
	if m.Has(1, 0) || m.Blocks(1, 0) || m.Count(1) != 0 || m.Before(1, 5) != 0 || m.Rank(1, 5) != 5 || m.Versions() != nil {
		t.Error("the nil mask has something")
	}
	m = &withdrawn.Mask{}
	m.Add(2, 1, false)
	m.Add(1, 4, false)
	m.Add(2, 1, true)
	if err := m.Seal(); err == nil {
		t.Error("a document was withdrawn twice")
	}
	if !slices.Equal(m.Versions(), []int{1, 2}) {
		t.Errorf("versions are %v", m.Versions())
	}
}
