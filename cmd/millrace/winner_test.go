package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// winnerOptions are options of a run with a winner, with more partitions and splits than usual.
func winnerOptions(t *testing.T, winner, out string, paths ...string) ingest.Options {
	t.Helper()
	c := config.Default()
	c.Dedupe.Winner = winner
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	o, err := engineOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Out, o.Paths, o.Log, o.Slots = out, paths, zerolog.Nop(), 2
	o.SplitBytes, o.PartitionBytes, o.ShardBytes = 64<<10, 64<<10, 200<<10
	return o
}

// TestWinnerSameBytes holds invariant 1 for every winner, and that a file of ranks that is damaged is made anew.
func TestWinnerSameBytes(t *testing.T) {
	inTurn(t)
	t.Parallel()
	folder := news(t, 1, 500)
	sample, err := filepath.Abs(sampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, winner := range []string{"first", "longest", "newest", "field:id"} {
		var want ingest.Result
		var wantFiles map[string]string
		for i, change := range []func(*ingest.Options){
			func(o *ingest.Options) { o.Slots = 1 },
			func(*ingest.Options) {},
			func(o *ingest.Options) { o.Slots = 8 },
			func(o *ingest.Options) { slices.Reverse(o.Paths) },
			func(o *ingest.Options) { o.Workers = [][]string{stageNames(), stageNames()} },
		} {
			out := filepath.Join(t.TempDir(), "out")
			o := winnerOptions(t, winner, out, folder, sample)
			change(&o)
			got := job(t, o)
			files := map[string]string{}
			for _, f := range newest(t, out).Files {
				if !f.Volatile {
					files[f.Path] = f.SHA256
				}
			}
			got.Seconds, got.PeakRSSBytes = 0, 0
			if i == 0 {
				verified(t, out)
				want, wantFiles = got, files
				continue
			}
			if d := cmp.Diff(wantFiles, files); d != "" {
				t.Errorf("%s, variant %d: files differ:\n%s", winner, i, d)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, variant %d: results differ:\n%s", winner, i, d)
			}
		}
		if want.Documents.NearDuplicates == 0 {
			t.Fatalf("%s: the corpus is too plain to show anything: %+v", winner, want)
		}
		if was, ok := seen[want.Digest]; ok {
			t.Errorf("%s and %s have one digest", was, winner)
		}
		seen[want.Digest] = winner
	}
}

// TestDamagedRanks: what decides which document stays is made anew, too, when it is damaged under way.
func TestDamagedRanks(t *testing.T) {
	t.Parallel()
	in := news(t, 5, 150)
	want := job(t, winnerOptions(t, "longest", filepath.Join(t.TempDir(), "out"), in))
	for i, point := range []string{"phase:map", "phase:settle"} {
		out := filepath.Join(t.TempDir(), "out")
		var log bytes.Buffer
		o := winnerOptions(t, "longest", out, in)
		o.Log = zerolog.New(zerolog.SyncWriter(&log))
		var once sync.Once
		o.Hook = func(name string) {
			if name == point {
				once.Do(func() { damageFile(t, oneOf(t, out, "ranks/*"), damages[i].do) })
			}
		}
		if got := job(t, o); got.Digest != want.Digest {
			t.Errorf("%s: %+v, want digest %s\n%s", point, got, want.Digest, log.String())
		}
		if !strings.Contains(log.String(), "damaged") {
			t.Errorf("%s: nothing is said of the damage:\n%s", point, log.String())
		}
	}
}
