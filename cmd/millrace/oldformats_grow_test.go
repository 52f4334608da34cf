package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestOldFormatsGrow: a night comes to each corpus. Its documents are compared with those that earlier programs wrote, or the run is
// refused where they cannot be, with the way out. What a drop leaves is what there was before.
func TestOldFormatsGrow(t *testing.T) {
	t.Parallel()
	eachOld(t, func(c *oldCopy) {
		newest := c.Newest()
		files := c.LiveFiles(newest.Version)
		if !c.grows() {
			c.refused()
			c.sound("behind the refusal", files, newest.Live)
			return
		}
		if v := c.run(0, c.nights()); v != 0 {
			c.t.Errorf("version %d, of files that the corpus has", v)
		}
		c.sound("without anything new", files, newest.Live)

		for range 2 {
			added := c.grow(1)
			grown := c.liveFiles()
			c.sound("grown", grown, newest.Live, added...)
			fog := c.kept("letters/fog.txt", 0)
			for _, path := range files {
				if !slices.Contains(grown, path) && !strings.HasPrefix(path, fmt.Sprintf("data/%06d-", fog.Version)) {
					c.t.Errorf("%s went", path)
				}
			}
			came := slices.DeleteFunc(slices.Clone(grown), func(path string) bool { return slices.Contains(files, path) })
			if len(came) != 11 { // a shard, keys, signatures, four ledgers and what is withdrawn, three vocabularies
				c.t.Errorf("%d files came: %v", len(came), came)
			}
			if v := c.run(0, 6); v != 0 {
				c.t.Errorf("version %d, of a night that came before", v)
			}
			c.millrace(0, nil, "drop", c.out, strconv.Itoa(added[0].Version))
			c.sound("dropped again", files, newest.Live)
		}
	})
}

// grow lets the sixth night come, checks what becomes of its documents, and returns those that are kept. near is how many of them are
// nearly documents that are there.
func (c *oldCopy) grow(near int64) []pipelinetest.OldDocument {
	c.t.Helper()
	version := c.run(4, 6)
	list := c.log()
	last := list[len(list)-1]
	if version != last.Version {
		c.t.Fatalf("version %d, but log ends with %d", version, last.Version)
	}
	want := map[string]int64{
		"read": 6 + near, "kept": 2, "exact_duplicates": 2, "same_key_duplicates": 1, "near_duplicates": near, "filtered": 0, "rejected": 1,
		"of_earlier": 3 + near,
	}
	for name, n := range want {
		if got := last.Documents[name]; got != n {
			c.t.Errorf("%s is %d, want %d", name, got, n)
		}
	}
	lines := c.nightSix("web/last.jsonl")
	at := func(line int) int64 { return int64(len(strings.Join(lines[:line], ""))) }
	for _, d := range []struct {
		path            string
		offset          int64
		kind            string
		winner          string
		winnerOffset    int64
		verdict, reason string
	}{
		{path: "letters/tea-again.txt", kind: "exact", winner: "letters/tea-copy.txt"},
		{path: "letters/river-utf8.txt", kind: "exact", winner: "letters/river.txt"},
		{path: "web/last.jsonl", kind: "near", winner: "web/pages.jsonl", winnerOffset: 257},
		{path: "web/last.jsonl", offset: at(1), kind: "same_key", winner: "tables/goods.csv", winnerOffset: 14},
		{path: "web/last.jsonl", offset: at(3), verdict: "rejected", reason: "bad_json"},
	} {
		got := c.explain("inbox/" + d.path)[fmt.Sprint(version, d.path, d.offset)]
		if got.Duplicate.Kind != d.kind || got.Reject.Reason != d.reason || d.verdict != "" && got.Fate != d.verdict {
			c.t.Errorf("%+v, want %+v", got, d)
		}
		if winner := c.kept(d.winner, d.winnerOffset); got.Duplicate.WinnerID != winner.ID {
			c.t.Errorf("%s at %d lost to %s, want %+v", d.path, d.offset, got.Duplicate.WinnerID, winner)
		}
	}
	added := []pipelinetest.OldDocument{
		{Version: version, Path: "letters/fog.txt", Metadata: "{}"}, {Version: version, Path: "web/last.jsonl", Offset: at(2), Metadata: `{"n": 3}`},
	}
	for i, text := range []string{
		strings.TrimSpace(strings.Join(c.nightSix("letters/fog.txt"), "")), "邮递员退休那天，把没有送到的七封信又送了一遍，有三封找到了人。",
	} {
		a := &added[i]
		a.Chars, a.SHA256 = int32(utf8.RuneCountInString(text)), sum(text)
		a.ID = c.explain("inbox/" + a.Path)[fmt.Sprint(version, a.Path, a.Offset)].ID
	}
	if fog := c.kept("letters/fog.txt", 0); added[0].ID != fog.ID { // in the same place as the one before it
		c.t.Errorf("%s has the id %s, and had %s", fog.Path, added[0].ID, fog.ID)
	}
	return added
}

// nightSix are the lines of a file of the sixth night, with their ends.
func (c *oldCopy) nightSix(path string) []string {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(pipelinetest.OldCorporaFolder(c.t), "nights", "6", path))
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.SplitAfter(string(data), "\n")
}

// kept is a document of the corpus as it came, or none.
func (c *oldCopy) kept(path string, offset int64) pipelinetest.OldDocument {
	for _, k := range c.Kept {
		if k.Path == path && k.Offset == offset {
			return k
		}
	}
	return pipelinetest.OldDocument{}
}

// refused checks that no run adds to the corpus, whether there is something new or not, and that it stays as it is.
func (c *oldCopy) refused() {
	c.t.Helper()
	before := c.committed()
	for _, night := range []int{c.nights(), 6} {
		for _, more := range [][]string{nil, {"--dry-run"}, {"--restart"}} {
			e := c.runOf(2, night, more...)
			why := fmt.Sprintf("made from key text %d, this millrace compares documents by key text %d", c.keyText(), ingest.KeyText)
			if !strings.Contains(e.stderr, why) || !strings.Contains(e.stderr, `"hint":"make its index anew by millrace reindex `+c.out) {
				c.t.Errorf("night %d, %v: stderr is\n%s", night, more, e.stderr)
			}
		}
	}
	if d := cmp.Diff(before, c.committed()); d != "" {
		c.t.Errorf("a run that was refused has changed the corpus:\n%s", d)
	}
}

// committed are the files of the corpus but those of its work folder, by the paths that manifests name: old programs retired nothing, and
// wrote no Delta log.
func (c *oldCopy) committed() map[string]string {
	c.t.Helper()
	files := map[string]string{}
	for path, sum := range treeOf(c.t, c.out) {
		if path == card.Name || path == croissant.Name {
			continue // which any command of today writes as they are today
		}
		if !strings.HasPrefix(path, ".millrace/") && !strings.HasPrefix(path, "_delta_log/") {
			files[strings.TrimPrefix(path, "retired/")] = sum
		}
	}
	return files
}

// TestOldFormatsShrink: of each corpus the newest version is dropped, small shards are compacted, that is undone and done again, and
// what is not needed goes. In the end a night comes; if it cannot, everything is dropped, and the corpus begins anew.
func TestOldFormatsShrink(t *testing.T) {
	t.Parallel()
	eachOld(t, func(c *oldCopy) {
		live := c.Newest().Live
		dropped := live[len(live)-1]
		left := c.Versions[dropped-2] // the corpus as it was before that version
		files := c.LiveFiles(left.Version)
		c.millrace(0, nil, "drop", c.out, strconv.Itoa(dropped))
		c.sound("dropped", files, left.Live)

		want := map[string][]int{"format-1": {1, 2}, "format-2": {1, 2, 3, 4}, "format-3": {1, 2, 5, 7}, "formats-1-2-3": {1, 2, 3}}[c.Name]
		if compaction := c.compact(files, left.Live, want); compaction > 0 {
			c.millrace(0, nil, "drop", c.out, strconv.Itoa(compaction))
			c.sound("compacted and dropped again", files, left.Live)
			c.compact(files, left.Live, want)
		}
		files = c.liveFiles()
		c.millrace(0, nil, "gc", c.out, "--keep", "1")
		c.sound("collected", files, left.Live)
		c.onlyNeeded(files)

		if c.grows() {
			added := c.grow(2) // the file like one of the third night is new again
			c.sound("grown", c.liveFiles(), left.Live, added...)
			return
		}
		c.refused()
		c.beginAnew()
	})
}

// compact merges small shards, which must be those of these versions, or of none, and returns the version of it.
func (c *oldCopy) compact(files []string, live, want []int) int {
	c.t.Helper()
	var said struct {
		Version  int
		Compacts []int
	}
	c.millrace(0, &said, "compact", c.out)
	if !slices.Equal(said.Compacts, want) || (said.Version > 0) != (want != nil) {
		c.t.Fatalf("compacted are %v as version %d, want %v", said.Compacts, said.Version, want)
	}
	if said.Version == 0 {
		return 0
	}
	shards := shardsAmong(c.liveFiles())
	prefix := fmt.Sprintf("%s/%06d-", pipeline.DataFolder, said.Version)
	if len(shards) != 1 || !strings.HasPrefix(shards[0], prefix) {
		c.t.Errorf("documents are in %v, want one shard of version %d", shards, said.Version)
	} else if copiesOf(c.t, filepath.Join(c.out, shards[0])) == nil {
		c.t.Errorf("%s is still of the format that it was, without copies", shards[0])
	}
	c.sound("compacted", withShards(files, shards), live)
	again := said
	c.millrace(0, &again, "compact", c.out)
	if again.Version != 0 {
		c.t.Errorf("compacted again, as version %d", again.Version)
	}
	return said.Version
}

// onlyNeeded says whether the folder holds these files, their manifests, and nothing else that a version made.
func (c *oldCopy) onlyNeeded(files []string) {
	c.t.Helper()
	var got []string
	for path := range c.committed() {
		if !strings.HasPrefix(path, pipeline.ManifestsFolder+"/") {
			got = append(got, path)
		}
	}
	slices.Sort(got)
	if d := cmp.Diff(files, got); d != "" {
		c.t.Errorf("behind gc (-needed +there):\n%s", d)
	}
}

// beginAnew drops all that an earlier key text stands for. What comes then is what a new corpus makes of it.
func (c *oldCopy) beginAnew() {
	c.t.Helper()
	c.millrace(0, nil, "drop", c.out, "1", "--later")
	if files := c.liveFiles(); len(files) != 0 {
		c.t.Errorf("nothing is left, but %v", files)
	}
	c.run(4, 6)
	another := &oldCopy{c.OldCorpus, c.t, filepath.Join(c.t.TempDir(), "corpus")}
	another.run(4, 6)
	old, fresh := c.texts(c.liveFiles()), another.texts(another.liveFiles())
	for i := range old {
		old[i].Version = 1
	}
	if d := cmp.Diff(fresh, old); d != "" || len(old) == 0 {
		c.t.Errorf("%d documents (-new corpus +this one):\n%s", len(old), d)
	}
	c.sound("begun anew", c.liveFiles(), nil, c.texts(c.liveFiles())...)
}
