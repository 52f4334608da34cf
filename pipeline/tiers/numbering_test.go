package tiers_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// TestNumber: numbers mean what counting through the versions of the runs gives, also where versions have no documents.
func TestNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var history []ingest.IndexVersion
		var runs []ingest.IndexRun
		var want []tiers.Document
		mask := &withdrawn.Mask{}
		for i, n := range rapid.SliceOfN(rapid.Int64Range(0, 4), 1, 12).Draw(t, "documents") {
			version := 2*i + 1
			history = append(history, ingest.IndexVersion{Version: version, Documents: n})
			if i == 0 || rapid.Bool().Draw(t, "own") {
				runs = append(runs, ingest.IndexRun{})
			}
			last := &runs[len(runs)-1]
			last.Versions = append(last.Versions, version)
			for rank := range n {
				want = append(want, tiers.Document{Version: version, Rank: rank})
				if rapid.IntRange(0, 5).Draw(t, "gone") == 0 {
					mask.Add(version, rank, false)
				}
			}
		}
		if err := mask.Seal(); err != nil {
			t.Fatal(err)
		}
		n, err := tiers.Number(history, runs...)
		if err != nil {
			t.Fatal(err)
		}
		if n.Documents() != uint64(len(want)) {
			t.Fatalf("%d documents, want %d", n.Documents(), len(want))
		}
		remaining := tiers.Remaining(n, mask, func(d tiers.Document) bool { return mask.Has(d.Version, d.Rank) })
		for number, d := range want {
			if got := n.Document(uint64(number)); got != d {
				t.Fatalf("number %d is %+v, want %+v", number, got, d)
			}
			if same, ok := remaining(uint64(number)); same != uint64(number) || ok == mask.Has(d.Version, d.Rank) {
				t.Fatalf("number %d remains: %d, %v", number, same, ok)
			}
		}
		for _, v := range history {
			first, err := n.First(v.Version)
			if at := slices.IndexFunc(want, func(d tiers.Document) bool { return d.Version == v.Version }); err != nil || at >= 0 && uint64(at) != first {
				t.Fatalf("version %d begins with %d, want %d (%v)", v.Version, first, at, err)
			}
		}
		if _, err := n.First(2); err == nil {
			t.Fatal("a version that is not there has numbers")
		}
		if _, err := tiers.Number(history, ingest.IndexRun{Versions: []int{2}}); err == nil {
			t.Fatal("a run may cover a version that is not there")
		}
	})
}
