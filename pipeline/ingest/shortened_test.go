package ingest_test

import (
	"reflect"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

func maskOf(t *testing.T, ranks map[int][]int64) *withdrawn.Mask {
	t.Helper()
	m := &withdrawn.Mask{}
	for version, list := range ranks {
		for _, rank := range list {
			m.Add(version, rank, false)
		}
	}
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestShortenedShards: ranks of withdrawn documents are rows of shards, over what was withdrawn before.
func TestShortenedShards(t *testing.T) {
	shards := []ingest.LiveShard{
		{Path: "a", Rows: 5, Holds: []ingest.LiveRows{{Version: 1, First: 0, Rows: 3}, {Version: 2, First: 0, Rows: 2}}},
		{Path: "b", Rows: 4, Holds: []ingest.LiveRows{{Version: 1, First: 3, Rows: 4}}},
		{Path: "c", Rows: 2, Holds: []ingest.LiveRows{{Version: 3, First: 0, Rows: 2}}},
	}
	// Of version 1 ranks 0 and 4 went before: its positions 0..6 are ranks 1 2 3 5 6 7 8.
	before := maskOf(t, map[int][]int64{1: {0, 4}})
	now := maskOf(t, map[int][]int64{1: {1, 3, 5, 8}, 2: {1}})
	got := map[string][]int64{}
	for _, s := range ingest.ShortenedShards(shards, now, before) {
		got[s.Path] = s.Gone
	}
	if want := map[string][]int64{"a": {0, 2, 4}, "b": {0, 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if list := ingest.ShortenedShards(shards, nil, before); list != nil {
		t.Errorf("nothing is withdrawn, and %v are shortened", list)
	}
}
