package release

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

// sidesBy are those of shares.
func sidesBy(t *testing.T, shares map[string]rule.Number) *sides {
	t.Helper()
	s, err := (*Kind)(nil).sidesOf(t.Context(), nil, &body{Recipe: recipe.Recipe{Split: &recipe.Split{Shares: shares, By: recipe.FieldID}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// manyIDs are ids as documents have them: hashes.
func manyIDs(n int) (ids [][16]byte) {
	for i := range n {
		ids = append(ids, xxh3.Hash128(binary.LittleEndian.AppendUint64(nil, uint64(i))).Bytes())
	}
	return ids
}

// Each split has its share of all documents, be the splits before it as large as they like. The bound is five deviations; the ids are always the same.
func TestShares(t *testing.T) {
	const n = 200_000
	ids := manyIDs(n)
	for _, shares := range []map[string]rule.Number{
		{"validation": rule.One / 20}, {"a": rule.One / 2, "b": rule.One / 2}, {"a": rule.One / 10, "b": rule.One / 5, "c": rule.One * 3 / 5}, {"tiny": rule.One / 1000},
	} {
		s := sidesBy(t, shares)
		counts := make([]int, len(s.names))
		for i := range ids {
			counts[s.of(&ids[i], nil, nil, nil)]++
		}
		for i, name := range s.names[1:] {
			share := float64(shares[name]) / float64(rule.One)
			if off := math.Abs(float64(counts[i+1])-n*share) / math.Sqrt(n*share*(1-share)); off > 5 {
				t.Errorf("%v: %s has %d of %d documents, %.1f deviations off", shares, name, counts[i+1], n, off)
			}
		}
	}
}

// A larger share of a split has all documents that a smaller one had; those of splits that come before it in the order of names do not change.
func TestLargerShare(t *testing.T) {
	few, more := sidesBy(t, map[string]rule.Number{"a": rule.One / 10, "b": rule.One / 10}), sidesBy(t, map[string]rule.Number{"a": rule.One / 10, "b": rule.One / 3})
	grown := 0
	ids := manyIDs(20_000)
	for i := range ids {
		was, is := few.of(&ids[i], nil, nil, nil), more.of(&ids[i], nil, nil, nil)
		if was != is && (was != 0 || is != 2) {
			t.Fatalf("document %x goes from split %d to %d", ids[i], was, is)
		}
		if was != is {
			grown++
		}
	}
	if grown < 3000 {
		t.Errorf("%d documents more", grown)
	}
}

// What has the same source, site or value of a key stands together, whatever the ids.
func TestGroupsStayTogether(t *testing.T) {
	for _, by := range []string{recipe.FieldSource, recipe.FieldSite, recipe.FieldMetadata + "kind"} {
		s := sidesBy(t, map[string]rule.Number{"validation": rule.One / 2})
		group := &grouping{field: by}
		seen := map[string]uint8{}
		ids := manyIDs(4000)
		for i := range ids {
			k := i % 100
			name := strconv.Itoa(k)
			source, meta := []byte("s"+name), fmt.Appendf(nil, `{"url":"https://site%d.example/%d","kind":"k%d"}`, k, i, k)
			side := s.of(&ids[i], group, source, meta)
			if was, ok := seen[name]; ok && was != side {
				t.Fatalf("%s: group %s is in the splits %d and %d", by, name, was, side)
			}
			seen[name] = side
		}
		held := 0
		for _, side := range seen {
			held += int(side)
		}
		if held < 20 || held > 80 {
			t.Errorf("%s: %d of 100 groups are held back", by, held)
		}
	}
}

// A document that an earlier release has stays where that has it.
func TestFrozenSide(t *testing.T) {
	ids := idsOf(3)
	s := sidesBy(t, map[string]rule.Number{"validation": 1})
	s.frozen = &frozen{ids: [][16]byte{ids[0], ids[1]}, sides: []uint8{1, 0}}
	for i, want := range []uint8{1, 0, 0} {
		if got := s.of(&ids[i], nil, nil, nil); got != want {
			t.Errorf("document %d is in split %d, want %d", i, got, want)
		}
	}
}
