package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// TestComparedTexts: pages of a template, of which every night brings one, are read in the shards of each other once at most, whatever becomes of
// the shards, and of the versions behind.
func TestComparedTexts(t *testing.T) {
	folder, out, random := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out"), newRandom(91)
	page := []rune(article(random, 300))
	name := func(night int) string { return filepath.Join(folder, fmt.Sprintf("%02d.jsonl", night)) }
	night := func(number int, kept, compared int64) {
		t.Helper()
		var b strings.Builder
		own := make([]rune, 56) // so that pages have a resemblance of .71
		for i := range own {
			own[i] = rune(0x4E00 + random.IntN(20000))
		}
		for _, text := range []string{article(random, 400), string(page[:150]) + string(own) + string(page[150:]), article(random, 400)} {
			fmt.Fprintf(&b, "{\"text\":%q}\n", text)
		}
		put(t, name(number), b.String())
		if r := job(t, jobOptions(t, out, folder)); r.Documents.Kept != kept {
			t.Fatalf("night %d: %+v", number, r.Documents)
		}
		rows := int64(0)
		for _, f := range newest(t, out).Below(pipeline.IndexFolder) {
			if manifest.KindOfIndex(f) == manifest.IndexCompared {
				rows += f.Rows
			}
		}
		if rows != compared {
			t.Errorf("night %d put %d texts aside, want %d", number, rows, compared)
		}
	}
	night(1, 3, 0)
	night(2, 3, 2) // that of night 1, and its own
	night(3, 3, 1)
	compacted(t, out, nil)
	night(4, 3, 1)
	night(5, 3, 1)
	last := newest(t, out).Version
	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.Drop(ctx, corpus.DropInput{Version: last})
		return err
	})
	night(6, 6, 2) // with the file of night 5 again, without what that night put aside
	verified(t, out)
}
