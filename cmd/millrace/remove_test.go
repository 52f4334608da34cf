package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// removed takes documents out of a corpus in this process.
func removed(t *testing.T, o ingest.Options, p remove.Params) remove.Result {
	t.Helper()
	p.Reason = "a letter"
	r, err := remove.Run(t.Context(), o.Engine(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everyThird chooses documents whatever is in the corpus.
var everyThird = remove.Params{Selection: remove.Selection{Where: `chars % 3 == 0 or path endsWith "001.jsonl"`}}

// live is what readers have of a corpus: the texts by id.
func live(t *testing.T, out string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, f := range liveFiles(t, out) {
		if !strings.HasPrefix(f.Path, "data/") {
			continue
		}
		for _, row := range readRows[row](t, filepath.Join(out, f.Path)) {
			if _, twice := texts[row.ID]; twice {
				t.Errorf("document %s is there twice", row.ID)
			}
			texts[row.ID] = row.Text
		}
	}
	return texts
}

// TestRemoveSameBytes: a removal makes the same version whoever does its tasks, in all formats that there are, and touches no shard that
// holds nothing of what goes.
func TestRemoveSameBytes(t *testing.T) {
	inTurn(t)
	t.Parallel()
	r := rand.New(rand.NewPCG(52, 53))
	in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
	var before []string
	options := func(out string, paths ...string) ingest.Options {
		c := config.Default()
		c.Sinks.Use = documentTables().Names()
		o, err := engineOptions(c)
		if err != nil {
			t.Fatal(err)
		}
		o.Out, o.Paths, o.Log, o.Slots = out, paths, zerolog.Nop(), 2
		o.SplitBytes, o.PartitionBytes, o.ShardBytes = 4<<10, 16<<10, 5<<10
		return o
	}
	for n := range 4 {
		nightFile(t, in, r, n, &before)
		job(t, options(out, in))
		if n == 1 {
			compacted(t, out, nil)
		}
	}
	var chained [][]string
	for _, s := range stageNames() {
		chained = append(chained, []string{s})
	}
	first := ""
	for name, change := range map[string]func(*ingest.Options){
		"1 worker":           func(o *ingest.Options) { o.Slots = 1 },
		"8 workers":          func(o *ingest.Options) { o.Slots = 8 },
		"one worker a stage": func(o *ingest.Options) { o.Workers = chained },
		"work elsewhere":     func(o *ingest.Options) { o.Work = filepath.Join(t.TempDir(), "work") },
	} {
		at := copied(t, out)
		o := options(at)
		change(&o)
		result := removed(t, o, everyThird)
		if first == "" {
			first = result.Digest
		}
		if result.Digest != first || result.Removed == 0 || result.Shards < 3 {
			t.Errorf("%s: %+v, want digest %s", name, result, first)
		}
		verified(t, at)
		checkVocabulary(t, at)
		m := newest(t, at)
		for _, path := range m.Removes {
			if tables().Of(path) == nil {
				t.Errorf("%s: removes %s", name, path)
			}
		}
		again := removed(t, o, everyThird)
		if again.Version != 0 || again.Removed != 0 || newest(t, at).Version != m.Version {
			t.Errorf("%s: again: %+v", name, again)
		}
	}
}

// TestRemoveTouchesOnlyItsShards: the shards that hold nothing of what goes stay as they are, and a table names each document.
func TestRemoveTouchesOnlyItsShards(t *testing.T) {
	in, out := news(t, 54, 400), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	if n := newest(t, out).ShardCount(); n < 3 {
		t.Fatalf("%d shards are too few", n)
	}
	ids := slices.Sorted(maps.Keys(live(t, out)))
	p := remove.Params{Selection: remove.Selection{IDs: ids[:1]}}
	o := jobOptions(t, out)
	preview, err := remove.DryRun(t.Context(), o.Engine(), p)
	if err != nil || preview.Removed != 1 || preview.Shards != 1 || preview.Documents != int64(len(ids)) || newest(t, out).Version != 1 {
		t.Fatalf("%+v, %v", preview, err)
	}
	result := removed(t, jobOptions(t, out), p)
	if result.Shards != 1 || result.Removed != 1 || len(newest(t, out).Removes) != 1 {
		t.Errorf("%+v", result)
	}
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	rows := 0
	err = withdrawn.Read(t.Context(), s, withdrawn.Name(result.Version), func(d *withdrawn.Document) error {
		rows++
		if fmt.Sprintf("%x", d.ID) != ids[0] || d.Reason != withdrawn.ReasonRemoved || d.Detail != "a letter" || !d.Blocks || d.Version != 1 {
			t.Errorf("%+v", d)
		}
		return nil
	})
	if err != nil || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
	verified(t, out)
}

// TestClusterRemoves: a removal on a cluster makes the same version as one in one process, whoever dies on the way.
func TestClusterRemoves(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	how := []string{"--where", "chars % 3 == 0", "--reason", "a letter"}
	for i, at := range []string{"", "KILL:worker:computed#1", "coordinator KILL:commit:placed#1", "coordinator KILL:commit:manifest#1"} {
		t.Run(at, func(t *testing.T) {
			f := newFleet(t, news(t, 55, 40), filepath.Join(t.TempDir(), "corpus"), nats.setting("removes"+string(rune('a'+i))))
			serve, worker := f.serve(), f.millrace("worker")
			if e := f.do("start", "--wait"); e.code != exitDone && e.code != exitRejected {
				t.Fatalf("exit %d\n%s", e.code, e.stdout)
			}
			alone := copied(t, f.out)
			if e := f.do(append([]string{"remove", alone}, how...)...); e.code != exitDone {
				t.Fatalf("remove: exit %d\n%s", e.code, e.stdout)
			}
			want := newest(t, alone)
			said, serve, worker := f.although(at, serve, worker, append([]string{"start", "--job", "remove", "--wait", "--json"}, how...)...)
			m := newest(t, f.out)
			if m.Version != 2 || m.Digest != want.Digest || want.Version != 2 || m.Totals.Withdrawn != want.Totals.Withdrawn || m.Totals.Withdrawn.Documents == 0 {
				t.Errorf("version %d with digest %s, alone it is version %d with %s", m.Version, m.Digest, want.Version, want.Digest)
			}
			var r remove.Result
			if err := json.Unmarshal([]byte(said[strings.Index(said, "{\n"):]), &r); err != nil || r.Digest != want.Digest || r.Removed != m.Totals.Withdrawn.Documents {
				t.Errorf("%v: %+v\n%s", err, r, said)
			}
			verified(t, f.out)
			if e := f.do("start", "--job", "remove", "--wait", "--where", "chars +", "--reason", "a letter"); e.code != exitUsage {
				t.Errorf("an expression that is none: exit %d\n%s", e.code, e.stdout)
			}
			f.stop(worker, serve)
			f.tidy()
		})
	}
}

// TestOldFormatsLose: documents leave each corpus of an earlier format. What stays says how many documents each of it stands for, which its
// shards did not say, and a drop brings everything back.
func TestOldFormatsLose(t *testing.T) {
	t.Parallel()
	eachOld(t, func(c *oldCopy) {
		files, live := c.liveFiles(), c.Newest().Live
		var r remove.Result
		c.millrace(0, &r, "remove", c.out, "--where", "offset > 0 or chars % 2 == 0", "--reason", "a letter")
		if r.Removed == 0 || r.Shards == 0 || len(newest(c.t, c.out).Holds) == 0 {
			c.t.Fatalf("%+v: nothing is left, or nothing went", r)
		}
		verified(c.t, c.out)
		checkCopies(c.t, c.out)
		for _, f := range newest(c.t, c.out).Files {
			if !strings.HasPrefix(f.Path, "data/") {
				continue
			}
			for _, row := range readRows[struct {
				Copies int32 `parquet:"copies"`
			}](c.t, filepath.Join(c.out, f.Path)) {
				if row.Copies < 1 {
					c.t.Errorf("%s has a document that stands for %d", f.Path, row.Copies)
				}
			}
		}
		at := copied(c.t, c.out)
		c.millrace(0, nil, "purge", at)
		c.millrace(0, nil, "verify", "--purged", at)
		verified(c.t, at)
		c.millrace(0, nil, "drop", c.out, strconv.Itoa(r.Version))
		c.sound("dropped again", files, live)
	})
}

// TestRemoveInBucket: a removal in a bucket, killed at its steps and done again, is the version that it is in a folder.
func TestRemoveInBucket(t *testing.T) {
	bucket, _ := startBucket(t)
	r := rand.New(rand.NewPCG(56, 57))
	in, out, folder := filepath.Join(t.TempDir(), "news"), bucket+"/corpus", filepath.Join(t.TempDir(), "out")
	var before []string
	for n := range 2 {
		nightFile(t, in, r, n, &before)
		job(t, jobOptions(t, out, in))
		job(t, jobOptions(t, folder, in))
	}
	want := removed(t, jobOptions(t, folder), everyThird)
	for _, point := range []string{"remove:checked", "commit:placed", "commit:manifest", "commit:card"} {
		output, err := upkeepUntil(t, "remove", point, out).CombinedOutput()
		if made := newest(t, out).Version == 3; !killed(t, err, string(output)) {
			if point != "commit:card" || !made { // behind the manifest there is nothing more to remove
				t.Fatalf("it was not killed at %s: %v\n%s", point, err, output)
			}
		} else if made != (point == "commit:manifest") && point != "commit:card" {
			t.Errorf("%s: the version is there: %v", point, made)
		}
		sound(t, out, point)
	}
	again := removed(t, jobOptions(t, out), everyThird)
	if m := newest(t, out); m.Digest != want.Digest || m.Version != 3 || again.Version != 0 {
		t.Errorf("version %d has digest %s, in a folder it is %s; again: %+v", m.Version, m.Digest, want.Digest, again)
	}
	verified(t, out)
}

func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	for id, text := range want {
		if got[id] != text {
			t.Errorf("%s: document %s is gone, or another one", what, id)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d documents are live, want %d", what, len(got), len(want))
	}
}

// FuzzReadIDs: an id is the first word of a line, and no file of ids is without one.
func FuzzReadIDs(f *testing.F) {
	for _, text := range []string{"0123456789abcdef0123456789abcdef\n", "# none\n\n a b\r\nc", "", "\uFEFFa", "\x00", "#"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := readIDs("-", strings.NewReader(text))
		if err == nil && len(ids) == 0 {
			t.Error("no id and no error")
		}
		for _, id := range ids {
			if len(strings.Fields(id)) != 1 || strings.HasPrefix(id, "#") || !strings.Contains(text, id) {
				t.Errorf("%q is an id of %q", id, text)
			}
		}
	})
}
