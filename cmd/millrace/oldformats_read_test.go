package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestOldFormatsAreRead: every command that reads says of a corpus what the program that wrote it said, and leaves it as it is.
func TestOldFormatsAreRead(t *testing.T) {
	t.Parallel()
	eachOld(t, func(c *oldCopy) {
		newest := c.Newest()
		before := treeOf(c.t, c.out)
		c.sound("as it came", c.LiveFiles(newest.Version), newest.Live)
		c.checkLog()
		c.checkInspect()
		c.checkExplain()
		c.checkDiffs()
		c.checkArrow()
		c.checkTried()
		if d := cmp.Diff(before, treeOf(c.t, c.out)); d != "" {
			c.t.Errorf("reading has changed the corpus:\n%s", d)
		}
	})
}

func (c *oldCopy) checkLog() {
	c.t.Helper()
	list := c.log()
	if len(list) != len(c.Versions) {
		c.t.Fatalf("%d versions, want %d", len(list), len(c.Versions))
	}
	for i, got := range list {
		want := c.Versions[i]
		if live := slices.Contains(c.Newest().Live, want.Version); got.Version != want.Version || got.Live != live || got.Digest != want.Digest {
			c.t.Errorf("log says %+v, want %+v", got, want)
		}
		for name, n := range want.Documents {
			if got.Documents[name] != n {
				c.t.Errorf("log, version %d: %s is %d, want %d", want.Version, name, got.Documents[name], n)
			}
		}
	}
}

// checkTried tries rules: what stands beside texts is read of all formats, and copies that no shard says are not made up.
func (c *oldCopy) checkTried() {
	c.t.Helper()
	var said struct {
		All       bool
		Documents int64
	}
	rules := filepath.Join(c.t.TempDir(), "rules.yaml")
	for rule, code := range map[string]int{"chars > 1 and path != ''": exitDone, "copies < 2": exitUsage} {
		if err := os.WriteFile(rules, []byte("- "+rule+"\n"), 0o644); err != nil {
			c.t.Fatal(err)
		}
		if code != exitDone {
			if e := c.millrace(code, nil, "filters", c.out, "--try", rules); !strings.Contains(e.stderr, "copies is not known of all documents") {
				c.t.Errorf("%s: %s", rule, e.stderr)
			}
			continue
		}
		c.millrace(code, &said, "filters", c.out, "--try", rules, "--sample", "1")
		if n := int64(len(c.texts(c.liveFiles()))); !said.All || said.Documents != n {
			c.t.Errorf("%s: %+v, there are %d documents", rule, said, n)
		}
	}
}

// checkInspect adds up what is left out and what is kept.
func (c *oldCopy) checkInspect() {
	c.t.Helper()
	var said struct {
		Versions []struct {
			Version int
			Totals  struct{ Documents, Files map[string]int64 }
		}
		Rejects []struct {
			Scope, Verdict, Reason string
			Count                  int64
		}
	}
	c.millrace(0, &said, "inspect", c.out)
	versions := []int{}
	for _, v := range said.Versions {
		versions = append(versions, v.Version)
		want := c.Versions[v.Version-1]
		for name, n := range want.Documents {
			if v.Totals.Documents[name] != n {
				c.t.Errorf("inspect, version %d: %s is %d, want %d", v.Version, name, v.Totals.Documents[name], n)
			}
		}
		for name, n := range want.Files {
			if v.Totals.Files[name] != n {
				c.t.Errorf("inspect, version %d: %s files are %d, want %d", v.Version, name, v.Totals.Files[name], n)
			}
		}
	}
	want, got := map[string]int64{}, map[string]int64{}
	for _, r := range c.Rejects {
		if slices.Contains(versions, r.Version) && !c.triedAgain(r, versions) {
			want[r.Scope+" "+r.Verdict+" "+r.Reason]++
		}
	}
	for _, r := range said.Rejects {
		got[r.Scope+" "+r.Verdict+" "+r.Reason] += r.Count
	}
	if !maps.Equal(want, got) {
		c.t.Errorf("inspect: left out are %v, want %v", got, want)
	}
}

// triedAgain says whether a later version read the file again: since code version 7 its reject does not count then.
func (c *oldCopy) triedAgain(r pipelinetest.OldDocument, versions []int) bool {
	return c.Name == "format-3" && slices.ContainsFunc(slices.Concat(c.Kept, c.Duplicates, c.Rejects), func(d pipelinetest.OldDocument) bool {
		return d.Path == r.Path && d.Version > r.Version && slices.Contains(versions, d.Version)
	})
}

// fate is what explain says of a document in a version.
type fate struct {
	Version   int
	Live      bool
	ID, Fate  string
	Path      string
	Offset    int64
	Place     struct{ Shard string }
	Duplicate struct {
		Kind     string
		WinnerID string `json:"winner_id"`
	}
	Reject struct{ Reason string }
}

// explain returns what it says of what the argument names, by "<version> <path> <offset>".
func (c *oldCopy) explain(query string) map[string]fate {
	c.t.Helper()
	var said struct{ Documents []fate }
	c.millrace(0, &said, "explain", c.out, query)
	fates := map[string]fate{}
	for _, f := range said.Documents {
		fates[fmt.Sprint(f.Version, f.Path, f.Offset)] = f
	}
	return fates
}

// checkExplain compares the fates of all documents, asked for by file, and of some by their ids.
func (c *oldCopy) checkExplain() {
	c.t.Helper()
	all := slices.Concat(c.Kept, c.Duplicates, c.Rejects)
	for _, by := range []func(d pipelinetest.OldDocument) string{
		func(d pipelinetest.OldDocument) string { return "inbox/" + d.Path },
		func(d pipelinetest.OldDocument) string { return d.ID },
	} {
		told := map[string]map[string]fate{}
		for i, d := range all {
			query := by(d)
			if d.ID == "" || query == d.ID && i%5 != 0 {
				continue
			}
			if told[query] == nil {
				told[query] = c.explain(query)
			}
			c.checkFate(told[query][fmt.Sprint(d.Version, d.Path, d.Offset)], d)
		}
	}
}

func (c *oldCopy) checkFate(got fate, d pipelinetest.OldDocument) {
	c.t.Helper()
	want := fate{Version: d.Version, Live: slices.Contains(c.Newest().Live, d.Version), ID: d.ID, Fate: "kept", Path: d.Path, Offset: d.Offset}
	switch {
	case d.Kind != "":
		want.Fate, want.Duplicate.Kind, want.Duplicate.WinnerID = "duplicate", d.Kind, d.Winner
	case d.Verdict != "":
		want.Fate, want.Reject.Reason = d.Verdict, d.Reason
	default:
		files := c.LiveFiles(c.Newest().Version)
		if want.Live != slices.Contains(files, got.Place.Shard) {
			c.t.Errorf("%s is in %q, which is none of %v", d.ID, got.Place.Shard, files)
		}
		got.Place.Shard = ""
	}
	if got != want {
		c.t.Errorf("explain says %+v, want %+v", got, want)
	}
}

// checkDiffs compares what was added, went and changed between each version and the next.
func (c *oldCopy) checkDiffs() {
	c.t.Helper()
	for i := range c.Versions[1:] {
		a, b := c.textsAt(c.Versions[i]), c.textsAt(c.Versions[i+1])
		var want, got struct{ Added, Removed, Changed int }
		for place, text := range b {
			switch before, ok := a[place]; {
			case !ok:
				want.Added++
			case before != text:
				want.Changed++
			}
		}
		for place := range a {
			if _, ok := b[place]; !ok {
				want.Removed++
			}
		}
		c.millrace(0, &struct{ Documents any }{&got}, "diff", c.out, strconv.Itoa(i+1), strconv.Itoa(i+2))
		if got != want {
			c.t.Errorf("diff of versions %d and %d says %+v, want %+v", i+1, i+2, got, want)
		}
	}
}

// textsAt are the digests of the texts that made up the corpus at a version, by where they were.
func (c *oldCopy) textsAt(v pipelinetest.OldVersion) map[string]string {
	texts := map[string]string{}
	for _, k := range c.Kept {
		if slices.Contains(v.Live, k.Version) {
			texts[fmt.Sprint(k.Path, k.Offset)] = k.SHA256
		}
	}
	return texts
}

// checkArrow compares Arrow shards with the documents of their version.
func (c *oldCopy) checkArrow() {
	c.t.Helper()
	for _, path := range c.LiveFiles(c.Newest().Version) {
		if !strings.HasPrefix(path, pipeline.ArrowTable.Folder+"/") {
			continue
		}
		version, err := strconv.Atoi(strings.TrimPrefix(path, pipeline.ArrowTable.Folder+"/")[:6])
		if err != nil {
			c.t.Fatal(err)
		}
		want := map[string]string{}
		for _, k := range c.Kept {
			if k.Version == version {
				want[k.ID] = k.SHA256
			}
		}
		if got := arrowTexts(c.t, filepath.Join(c.out, path)); !maps.Equal(want, got) {
			c.t.Errorf("%s holds %v, want %v", path, got, want)
		}
	}
}

// arrowTexts are the digests of the texts of a shard, by id.
func arrowTexts(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was read
	r, err := ipc.NewFileReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it was read
	texts := map[string]string{}
	for i := range r.NumRecords() {
		record, err := r.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		column := func(name string) array.StringLike {
			return record.Column(record.Schema().FieldIndices(name)[0]).(array.StringLike)
		}
		ids, values := column("id"), column("text")
		for row := range int(record.NumRows()) {
			texts[ids.Value(row)] = sum(values.Value(row))
		}
	}
	return texts
}
