package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline/corpus"
)

// kill -9 at each step of a drop, a compaction and a collection in a bucket: the corpus reads as before or as after, is sound, and the next
// command goes on.
func TestUpkeepKilledInBucket(t *testing.T) {
	bucket, _ := startBucket(t)
	in, out := filepath.Join(t.TempDir(), "news"), bucket+"/corpus"
	r := rand.New(rand.NewPCG(44, 45))
	var before []string
	for n := range 3 {
		nightFile(t, in, r, n, &before)
		job(t, jobOptions(t, out, in))
	}
	killedAt := func(what, point string, live ...int) {
		t.Helper()
		killedUpkeep(t, what, point, out)
		if m := newest(t, out); !slices.Equal(m.Live, live) {
			t.Errorf("%s: live are %v, want %v", point, m.Live, live)
		}
		sound(t, out, point)
	}
	killedAt("drop", "drop:checked", 1, 2, 3)
	killedAt("drop", "drop:manifest", 1, 2)
	maintain(t, out, func(context.Context, *corpus.Corpus) error { return nil })
	verified(t, out)
	killedAt("compact", "compact:checked", 1, 2)
	killedAt("compact", "commit:placed", 1, 2)
	killedAt("compact", "commit:manifest", 1, 2, 5)
	if r := compacted(t, out, nil); r.Version != 0 {
		t.Errorf("compacted again: %+v", r)
	}
	for _, point := range []string{"gc:recovered", "gc:file", "gc:files", "gc:manifest", "gc:done"} {
		killedAt("gc", point, 1, 2, 5)
	}
	verified(t, out)
	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		report, err := c.GC(ctx, corpus.GCInput{Keep: 1})
		if err != nil || len(report.Freed) > 0 || !slices.Equal(report.Droppable, []int{1}) {
			t.Errorf("once more: %+v", report)
		}
		return err
	})
}
