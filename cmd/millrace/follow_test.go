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
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"millrace/pipeline/jobs/ingest"
)

// place is a source of the test: its files, each a list of texts, and what the corpus is to hold of them.
type place struct {
	t      *testing.T
	random *rand.Rand
	root   string
	files  map[string][]string
	clock  time.Time // of the next file
	next   int
}

// write writes a file as it is held, JSON Lines or a text, with a time of its own.
func (p *place) write(name string) {
	p.t.Helper()
	var data []byte
	for _, text := range p.files[name] {
		if strings.HasSuffix(name, ".txt") {
			data = append(data, text...)
			continue
		}
		line, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			p.t.Fatal(err)
		}
		data = append(append(data, line...), '\n')
	}
	path := filepath.Join(p.root, name)
	p.clock = p.clock.Add(time.Second)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chtimes(path, p.clock, p.clock); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) remove(name string) {
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

// text is one that resembles no other, or, now and then, one that a file has.
func (p *place) text() string {
	if name := p.some(); name != "" && p.random.IntN(4) == 0 && len(p.files[name]) > 0 {
		return p.files[name][p.random.IntN(len(p.files[name]))]
	}
	return slowNormalize(article(p.random, 120+p.random.IntN(200)))
}

// moves are what may become of a source in a day. Each is done to a file that is there.
var moves = []struct {
	name string
	do   func(p *place, file string)
}{
	{"a file comes", func(p *place, _ string) {
		p.next++
		name := fmt.Sprintf("f%04d.jsonl", p.next)
		if p.random.IntN(3) == 0 {
			name = fmt.Sprintf("f%04d.txt", p.next)
			p.files[name] = []string{p.text()}
		} else {
			for range 1 + p.random.IntN(6) {
				p.files[name] = append(p.files[name], p.text())
			}
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
			p.files[file][at] += "电话"
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
		p.next++
		name := fmt.Sprintf("f%04d.jsonl", p.next)
		p.files[name] = p.files[file]
		p.remove(file)
		p.write(name)
	}},
	{"a text becomes lines", func(p *place, file string) {
		if name, ok := strings.CutSuffix(file, ".txt"); ok {
			name += ".jsonl"
			p.files[name] = p.files[file]
			p.remove(file)
			p.write(name)
		}
	}},
	{"a file is emptied", func(p *place, file string) {
		p.files[file] = nil
		p.write(file)
	}},
	{"a file vanishes", func(p *place, file string) { p.remove(file) }},
	{"a file is touched", func(p *place, file string) { p.write(file) }},
}

// TestFollows: after nights of files that come, change, shrink, get other names and vanish, the corpus holds what plain code makes of its
// shards and of the files: no document but of a file as it is, no text of a file that nothing stands for, and the characters of the live
// texts in the vocabulary.
func TestFollows(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			p := &place{
				t: t, random: newRandom(100 + seed), root: filepath.Join(t.TempDir(), "news"), files: map[string][]string{},
				clock: time.Now().Add(-1000 * time.Hour).Truncate(time.Second),
			}
			if err := os.Mkdir(p.root, 0o755); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out")
			options := func() ingest.Options {
				o := jobOptions(t, out, p.root)
				o.Withdraw = true
				return o
			}
			for range 6 {
				moves[0].do(p, "")
			}
			job(t, options())
			withdrawn := int64(0)
			for night := range 8 {
				var did []string
				for range 1 + p.random.IntN(5) {
					m := moves[p.random.IntN(len(moves))]
					if file := p.some(); file != "" && len(p.files) > 2 || m.name == moves[0].name {
						m.do(p, file)
						did = append(did, m.name+" ("+file+")")
					}
				}
				r := job(t, options())
				if r.Withdrawn != nil {
					withdrawn += r.Withdrawn.Documents
				}
				r = job(t, options()) // what had lost to withdrawn documents comes in
				if r.Withdrawn != nil {
					t.Errorf("night %d: %d documents are withdrawn though nothing has changed: %s", night, r.Withdrawn.Documents, did)
				}
				p.recount(out)
				verified(t, out)
				if t.Failed() {
					t.Fatalf("night %d: %s", night, strings.Join(did, ", "))
				}
			}
			if again := job(t, options()); again.Version != 0 {
				t.Errorf("nothing has changed, and there is a version: %+v", again)
			}
			if withdrawn == 0 {
				t.Error("nothing was ever withdrawn: the nights show nothing")
			}
		})
	}
}

// recount compares the corpus with the files.
func (p *place) recount(out string) {
	t := p.t
	t.Helper()
	rows := readRows[row](t, filepath.Join(out, "data", "*", "*.parquet"))
	byFile := map[string][]string{}
	live, ids := map[string]string{}, map[string]bool{}
	counts := map[string][2]int64{}
	for _, r := range rows {
		if ids[r.ID] {
			t.Errorf("%s is live twice", r.ID)
		}
		ids[r.ID] = true
		if other, twice := live[r.Text]; twice {
			t.Errorf("%s and %s have one text", r.Path, other)
		}
		live[r.Text] = r.Path
		byFile[r.Path] = append(byFile[r.Path], r.Text)
		if !slices.Contains(p.files[r.Path], r.Text) {
			t.Errorf("a document of %s is not in it: %.60q", r.Path, r.Text)
		}
		seen := map[string]bool{}
		for _, c := range r.Text {
			n := counts[string(c)]
			n[0]++
			if !seen[string(c)] {
				n[1]++
				seen[string(c)] = true
			}
			counts[string(c)] = n
		}
	}
	// Of each text of the files one document stands, or one that resembles it: here those that are equal but for what a light correction added.
	stands := map[string]bool{}
	for text := range live {
		stands[strings.ReplaceAll(text, "电话", "")] = true
	}
	for name, texts := range p.files {
		for _, text := range texts {
			if !stands[strings.ReplaceAll(text, "电话", "")] {
				t.Errorf("nothing stands for a text of %s: %.60q", name, text)
			}
		}
	}
	table := map[string][2]int64{}
	chars := int64(0)
	v := newest(t, out)
	for version := v.Version; version > 0; version-- {
		list := readRows[struct {
			Token     string `parquet:"token"`
			Type      string `parquet:"type"`
			Count     int64  `parquet:"count"`
			Documents int64  `parquet:"documents"`
		}](t, filepath.Join(out, "vocab", fmt.Sprintf("%06d", version), "chars.parquet"))
		for _, r := range list {
			if r.Type != "special" {
				table[r.Token] = [2]int64{r.Count, r.Documents}
				chars += r.Count
			}
		}
		if len(list) > 0 {
			break
		}
	}
	if d := cmp.Diff(counts, table); d != "" {
		t.Errorf("vocabulary (-recounted +table):\n%s", d)
	}
	sum := int64(0)
	for text := range live {
		sum += int64(utf8.RuneCountInString(text))
	}
	if sum != chars {
		t.Errorf("%d characters are live, the vocabulary has %d", sum, chars)
	}
}

// TestFollowsSameBytes: what a night with changed and vanished files makes is the same for any workers.
func TestFollowsSameBytes(t *testing.T) {
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

// TestFollowsKilled: a night with a changed file that is killed at any of its steps ends as one that is not.
func TestFollowsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: a process a point")
	}
	folder := news(t, 1, 60)
	first := filepath.Join(t.TempDir(), "first")
	job(t, jobOptions(t, first, folder))
	revise(t, folder)
	begun := func() string {
		out := filepath.Join(t.TempDir(), "out")
		if err := os.CopyFS(out, os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
		return out
	}
	clean := begun()
	if r := job(t, jobOptions(t, clean, folder)); r.Withdrawn == nil || r.Withdrawn.Documents == 0 {
		t.Fatalf("the night shows nothing: %+v", r)
	}
	want := newest(t, clean)
	for _, at := range []string{
		"phase:supersede:enqueued#1", "phase:supersede#1", "phase:settle#1", "phase:emit:enqueued#1", "phase:emit#1", "commit:checked#1", "commit:tables#1",
		"commit:placed#1", "commit:manifest#1", "commit:card#1",
	} {
		t.Run(at, func(t *testing.T) {
			out := begun()
			output, err := child(t, at, out, folder).CombinedOutput()
			if !killed(t, err, string(output)) {
				t.Fatalf("the child passed %s without being killed there:\n%s", at, output)
			}
			job(t, jobOptions(t, out, folder))
			verified(t, out)
			if m := newest(t, out); m.Version != want.Version || m.Digest != want.Digest {
				t.Errorf("version %d, digest %s; undisturbed %d, %s", m.Version, m.Digest, want.Version, want.Digest)
			}
		})
	}
}
