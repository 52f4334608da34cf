package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// place is a source of the test: its files, each a list of texts, and what the corpus is to hold of them.
type place struct {
	t      *testing.T
	random *rand.Rand
	root   string
	files  map[string][]string
	clock  time.Time // of the next file
	next   int

	step    int            // of the test
	written map[string]int // at which step each file was
}

// write writes a file as it is held, JSON Lines or a text, with a time of its own.
func (p *place) write(name string) {
	p.t.Helper()
	var data []byte
	for _, text := range p.files[name] {
		data = append(data, p.encoded(name, text)...)
	}
	p.written[name] = p.step
	path := filepath.Join(p.root, name)
	p.clock = p.clock.Add(time.Second)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chtimes(path, p.clock, p.clock); err != nil {
		p.t.Fatal(err)
	}
}

// encoded is a text as a file holds it.
func (p *place) encoded(name, text string) []byte {
	p.t.Helper()
	if strings.HasSuffix(name, ".txt") {
		return []byte(text)
	}
	line, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		p.t.Fatal(err)
	}
	return append(line, '\n')
}

func (p *place) unlink(name string) {
	p.t.Helper()
	delete(p.files, name)
	if err := os.Remove(filepath.Join(p.root, name)); err != nil {
		p.t.Fatal(err)
	}
}

// some is the name of a file, "" if there is none.
func (p *place) some() string {
	names := slices.Sorted(maps.Keys(p.files))
	if len(names) == 0 {
		return ""
	}
	return names[p.random.IntN(len(names))]
}

// name is that of a new file, somewhere among the others.
func (p *place) name(suffix string) string {
	p.next++
	return fmt.Sprintf("%c%04d%s", 'a'+p.random.IntN(6), p.next, suffix)
}

// text is one that resembles no other, or, now and then, one that a file has.
func (p *place) text() string {
	if name := p.some(); name != "" && p.random.IntN(4) == 0 && len(p.files[name]) > 0 {
		return p.files[name][p.random.IntN(len(p.files[name]))]
	}
	return slowNormalize(article(p.random, 120+p.random.IntN(200)))
}

// correction is what a light one adds.
const correction = "电话"

// moves are what may become of a source in a day. Each is done to a file that is there.
var moves = []struct {
	name string
	do   func(p *place, file string)
}{
	{"a file comes", func(p *place, _ string) {
		if p.random.IntN(3) == 0 {
			name := p.name(".txt")
			p.files[name] = []string{p.text()}
			p.write(name)
			return
		}
		name := p.name(".jsonl")
		for range 1 + p.random.IntN(6) {
			p.files[name] = append(p.files[name], p.text())
		}
		p.write(name)
	}},
	{"a file grows", func(p *place, file string) {
		if !strings.HasSuffix(file, ".txt") {
			p.files[file] = append(p.files[file], p.text(), p.text())
			p.write(file)
		}
	}},
	{"a file shrinks", func(p *place, file string) {
		if n := len(p.files[file]); n > 1 {
			p.files[file] = p.files[file][:n-1]
			p.write(file)
		}
	}},
	{"a line goes from the middle", func(p *place, file string) {
		if n := len(p.files[file]); n > 2 {
			p.files[file] = slices.Delete(slices.Clone(p.files[file]), 1, 2)
			p.write(file)
		}
	}},
	{"lines change places", func(p *place, file string) {
		p.files[file] = slices.Clone(p.files[file])
		slices.Reverse(p.files[file])
		p.write(file)
	}},
	{"a light correction", func(p *place, file string) {
		if texts := p.files[file]; len(texts) > 0 {
			p.files[file] = slices.Clone(texts)
			at := p.random.IntN(len(texts))
			p.files[file][at] = class(p.files[file][at]) + correction // many of them would make another text of it
			p.write(file)
		}
	}},
	{"a heavy correction", func(p *place, file string) {
		if texts := p.files[file]; len(texts) > 0 {
			p.files[file] = slices.Clone(texts)
			at := p.random.IntN(len(texts))
			p.files[file][at] = slowNormalize(article(p.random, 150))
			p.write(file)
		}
	}},
	{"a file is renamed", func(p *place, file string) {
		if strings.HasSuffix(file, ".txt") {
			return
		}
		name := p.name(".jsonl")
		p.files[name] = p.files[file]
		p.unlink(file)
		p.write(name)
	}},
	{"a text becomes lines", func(p *place, file string) {
		if name, ok := strings.CutSuffix(file, ".txt"); ok {
			name += ".jsonl"
			p.files[name] = p.files[file]
			p.unlink(file)
			p.write(name)
		}
	}},
	{"a file is emptied", func(p *place, file string) {
		p.files[file] = nil
		p.write(file)
	}},
	{"a file vanishes", func(p *place, file string) { p.unlink(file) }},
	{"a file is touched", func(p *place, file string) { p.write(file) }},
}

// TestFollowsSameBytes: what a night with changed and vanished files makes is the same for any workers.
func TestFollowsSameBytes(t *testing.T) {
	inTurn(t)
	t.Parallel()
	var chained [][]string
	for _, s := range stageNames() {
		chained = append(chained, []string{s})
	}
	var want map[string]string
	for _, v := range []struct {
		name   string
		change func(*ingest.Options)
	}{
		{"1 worker", func(o *ingest.Options) { o.Slots = 1 }},
		{"2 workers", func(*ingest.Options) {}},
		{"8 workers", func(o *ingest.Options) { o.Slots = 8 }},
		{"one worker a stage", func(o *ingest.Options) { o.Workers = chained }},
	} {
		out, files := filepath.Join(t.TempDir(), "out"), map[string]string{}
		folder := news(t, 1, 300)
		for night := range 2 {
			if night == 1 {
				revise(t, folder)
			}
			o := jobOptions(t, out, folder)
			o.Withdraw = true
			v.change(&o)
			r := job(t, o)
			if night == 1 && (r.Withdrawn == nil || r.Withdrawn.Reasons["replaced"] == 0 || r.Withdrawn.Reasons["vanished"] == 0 || r.Documents.Unchanged == 0) {
				t.Fatalf("the night shows nothing: %+v, %+v", r, r.Withdrawn)
			}
		}
		verified(t, out)
		for _, f := range newest(t, out).Files {
			if !f.Volatile {
				files[f.Path] = f.SHA256
			}
		}
		if want == nil {
			want = files
		}
		if d := cmp.Diff(want, files); d != "" {
			t.Errorf("%s: files differ:\n%s", v.name, d)
		}
	}
}

// revise changes the files of news: of the one every third line of the second half goes, and the other goes as a whole.
func revise(t *testing.T, folder string) {
	t.Helper()
	name := filepath.Join(folder, "a.jsonl")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	var rest []byte
	for i, line := range lines {
		if i < len(lines)/2 || i%3 > 0 {
			rest = append(rest, line...)
		}
	}
	if err := os.WriteFile(name, rest, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "b", "c.jsonl")); err != nil {
		t.Fatal(err)
	}
}

// TestFollowsKilled: a night with changed and vanished files that is killed at any of its steps ends as one that is not.
func TestFollowsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: a process a point")
	}
	t.Parallel()
	followsKilled(t, "", []string{
		"phase:supersede:enqueued#1", "phase:supersede#1", "phase:settle#1", "phase:emit:enqueued#1", "phase:emit#1", "commit:checked#1", "commit:tables#1",
		"commit:placed#1", "commit:manifest#1", "commit:card#1",
	})
}

// TestBucketFollowsKilled: so does one in a bucket, where it makes the bytes that it makes in a folder.
func TestBucketFollowsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: a process a point")
	}
	bucket, _ := startBucket(t)
	followsKilled(t, bucket, []string{
		"none", "phase:supersede:enqueued#1", "phase:supersede#1", "phase:emit#1", "store:written#30", "commit:tables#1", "commit:placed#1", "commit:manifest#1",
	})
}

// followsKilled kills such a night at each point, in a folder or a bucket.
func followsKilled(t *testing.T, bucket string, points []string) {
	t.Helper()
	folder := news(t, 1, 60)
	first := filepath.Join(t.TempDir(), "first")
	options := func(out string) ingest.Options {
		o := jobOptions(t, out, folder)
		o.Withdraw = true
		return o
	}
	job(t, options(first))
	revise(t, folder)
	clean := copied(t, first)
	if r := job(t, options(clean)); r.Withdrawn == nil || r.Withdrawn.Reasons[withdrawn.ReasonReplaced] == 0 || r.Withdrawn.Reasons[withdrawn.ReasonVanished] == 0 {
		t.Fatalf("the night shows nothing: %+v", r)
	}
	want := newest(t, clean)
	for _, at := range points {
		t.Run(at, func(t *testing.T) {
			out := bucket + "/" + strings.ReplaceAll(at, "#", ":")
			if bucket == "" {
				out = copied(t, first)
			} else {
				upload(t, first, out)
			}
			night := child(t, at, out, folder)
			night.Env = append(night.Env, withdrawEnv+"=1")
			output, err := night.CombinedOutput()
			if killed(t, err, string(output)) != (at != "none") {
				t.Fatalf("the child passed %s without being killed there:\n%s", at, output)
			}
			job(t, options(out))
			verified(t, out)
			if m := newest(t, out); m.Version != want.Version || m.Digest != want.Digest {
				t.Errorf("version %d, digest %s; undisturbed %d, %s", m.Version, m.Digest, want.Version, want.Digest)
			}
		})
	}
}

// TestClusterFollows: a night with changed and vanished files makes the same version on a cluster as in one process, whoever dies in the middle.
func TestClusterFollows(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{
		"", "KILL:worker:attempted#1", "KILL:worker:computed#3", "KILL:worker:recorded#5", "coordinator KILL:phase:supersede:enqueued#1",
		"coordinator KILL:phase:supersede#1", "coordinator KILL:commit:placed#1", "coordinator KILL:commit:manifest#1",
	} {
		t.Run(at, func(t *testing.T) {
			in := news(t, 56, 60)
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), nats.setting(fmt.Sprintf("follows%d", i)))
			f.environ = append(f.environ, vanishedSetting)
			serve, worker := f.serve(), f.millrace("worker")
			if e := f.do("start", "--wait"); e.code != exitDone && e.code != exitRejected {
				t.Fatalf("exit %d\n%s", e.code, e.stdout)
			}
			revise(t, in)
			alone := copied(t, f.out)
			if e := f.do("run", "--out", alone, in); e.code != exitDone && e.code != exitRejected {
				t.Fatalf("alone: exit %d\n%s", e.code, e.stdout)
			}
			want := newest(t, alone)
			said, serve, worker := f.although(at, serve, worker, "start", "--wait", "--json")
			m := newest(t, f.out)
			if m.Version != 2 || m.Digest != want.Digest || want.Version != 2 || m.Totals.Withdrawn != want.Totals.Withdrawn ||
				m.Counters["withdrawn_as_replaced"] == 0 || m.Counters["withdrawn_as_vanished"] == 0 {
				t.Errorf("%+v with digest %s, alone it is version %d with %s\n%s", m.Totals, m.Digest, want.Version, want.Digest, said)
			}
			verified(t, f.out)
			f.stop(worker, serve)
			f.tidy()
		})
	}
}
