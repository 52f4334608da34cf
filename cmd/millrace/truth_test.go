package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// truthEnv is the number of seeds of TestTruth, for make truth.
const truthEnv = "TRUTH_SEEDS"

const (
	truthSeeds  = 4 // unless truthEnv says more
	truthNights = 10
)

// truth is a corpus, its source, and what plain code says of them.
type truth struct {
	*place
	out   string
	keep  bool     // documents of files that are gone stay
	words bool     // words are counted
	did   []string // in this step

	live       map[string]document         // now, by id
	after      map[int]map[string]document // what was live behind each version
	seen       map[string]document         // every document that was ever live, by version and id
	removed    map[int]removal             // by the version
	thresholds map[int]float64             // that reindexings have set
	least      map[int]int64               // that the tables of a version leave nothing out from
	fixed      map[int]bool                // versions that cannot be dropped any more, as gc said
	done       map[string]int              // how often each step, or whatever else the test is to have met
}

// document is one as a reader of the corpus gets it.
type document struct {
	ID      string `parquet:"id"`
	Text    string `parquet:"text"`
	Path    string `parquet:"path"`
	Offset  int64  `parquet:"offset"`
	Version int32  `parquet:"version"`
	Chars   int64  `parquet:"chars"`
	Bytes   int64  `parquet:"bytes"`
}

func (d document) versioned() string { return fmt.Sprint(d.Version, " ", d.ID) }
func (d document) where() string     { return fmt.Sprint(d.Path, " ", d.Offset) }

// removal is what somebody removed at a step.
type removal struct {
	step   int
	blocks bool
	list   []document
}

// steps are what may be done to a corpus between two nights. Each leaves in want what must be live then; the nights are checked by the files.
var steps = []struct {
	name string
	do   func(c *truth) (want map[string]document)
}{
	{"remove by ids", func(c *truth) map[string]document { return c.remove(c.someIDs(), false) }},
	{"remove by ids, allow again", func(c *truth) map[string]document { return c.remove(c.someIDs(), true) }},
	{"remove by path", func(c *truth) map[string]document { return c.remove(c.somePath(), c.random.IntN(3) == 0) }},
	{"remove where", func(c *truth) map[string]document { return c.remove(c.someChars(), c.random.IntN(3) == 0) }},
	{"drop", func(c *truth) map[string]document { return c.drop(1) }},
	{"drop several", func(c *truth) map[string]document { return c.drop(2 + c.random.IntN(3)) }},
	{"compact", func(c *truth) map[string]document { compacted(c.t, c.out, nil); return c.live }},
	{"gc", (*truth).gc},
	{"purge", (*truth).purge},
	{"reindex", (*truth).reindex},
}

// TestTruth: nights of files that come, change, grow, shrink, get other names and vanish, and removals, drops, compactions, collections,
// purges and reindexings between them, at random. After each step a recount from Parquet alone says what is live, what was withdrawn, what the vocabulary must
// count and how many copies each document stands for; and in the end a corpus that is made of the same files at once holds the same, but
// for what the rules say: who was there first stays, and what was removed stays away.
func TestTruth(t *testing.T) {
	inTurn(t)
	t.Parallel()
	seeds := truthSeeds
	if text := os.Getenv(truthEnv); text != "" {
		var err error
		if seeds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	done := map[string]int{}
	var all []uint64
	for seed := range uint64(seeds) {
		all = append(all, seed)
	}
	for _, seed := range sample(t, all, 1) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			c := &truth{
				place: &place{
					t: t, random: newRandom(200 + seed), root: filepath.Join(t.TempDir(), "news"), files: map[string][]string{}, written: map[string]int{},
					clock: time.Now().Add(-1000 * time.Hour).Truncate(time.Second),
				},
				out: filepath.Join(t.TempDir(), "out"), keep: seed%4 == 3, words: seed%4 == 0,
				after: map[int]map[string]document{}, seen: map[string]document{}, removed: map[int]removal{}, fixed: map[int]bool{}, thresholds: map[int]float64{}, done: done,
			}
			if err := os.Mkdir(c.root, 0o755); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				moves[0].do(c.place, "")
			}
			c.check("the first night", func() map[string]document { c.run(); return nil })
			for range truthNights {
				c.check("night", c.night)
				for range 1 + c.random.IntN(2) {
					s := steps[c.random.IntN(len(steps))]
					c.check(s.name, func() map[string]document { return s.do(c) })
				}
			}
			c.check("the last night", c.night)
			if again := job(t, c.options()); again.Version != 0 {
				t.Errorf("nothing has changed, and there is a version: %+v", again)
			}
			if m := newest(t, c.out); len(m.Index) > 6 {
				t.Errorf("the index has %d runs: %+v", len(m.Index), m.Index)
			}
			c.compare()
		})
	}
	if testing.Short() {
		return // one seed does not meet everything
	}
	for _, s := range steps {
		if done[s.name] == 0 {
			t.Errorf("never done: %s", s.name)
		}
	}
	for _, what := range []string{"replaced", "vanished", "removed", "blocked", "came again", "the same", "was there first", "stays away", "not droppable", "counted words", "counted ngrams-2", "counted ngrams-3", "counted ngrams-5", "counted without a table"} {
		if done[what] == 0 {
			t.Errorf("never met: %s", what)
		}
	}
	t.Logf("%v", done)
}

func (c *truth) options() ingest.Options {
	settings := config.Default()
	settings.Vocab = c.counting()
	o := smallOptions(c.t, settings, c.threshold(), c.out, c.root)
	o.Withdraw = !c.keep
	return o
}

// threshold is what the last reindexing that is live has set.
func (c *truth) threshold() float64 {
	if m := c.newest(); m != nil {
		for _, version := range slices.Backward(m.Live) {
			if threshold, ok := c.thresholds[version]; ok {
				return threshold
			}
		}
	}
	return 0.75
}

// check does a step and recounts. Of a night, which gives nil, what must be live is said by the files.
func (c *truth) check(name string, do func() map[string]document) {
	t := c.t
	t.Helper()
	c.step++
	c.done[name]++
	c.did = []string{name}
	before, was := c.live, 0
	if m := c.newest(); m != nil {
		was = m.Version
	}
	want := do()
	c.live = c.read()
	verified(t, c.out)
	c.recount()
	if want != nil {
		if d := cmp.Diff(want, c.live); d != "" {
			t.Errorf("live (-want +got):\n%.3000s", d)
		}
	} else {
		c.nightly(before, was)
	}
	if t.Failed() {
		t.Fatalf("step %d: %s", c.step, strings.Join(c.did, ", "))
	}
}

func (c *truth) newest() *manifest.Manifest {
	if _, err := os.Stat(c.out); err != nil {
		return nil
	}
	return newest(c.t, c.out)
}

// read is what a plain glob gives.
func (c *truth) read() map[string]document {
	c.t.Helper()
	live := map[string]document{}
	for _, d := range readRows[document](c.t, filepath.Join(c.out, "data", "*", "*.parquet")) {
		if _, twice := live[d.ID]; twice {
			c.t.Errorf("%s is live twice", d.ID)
		}
		live[d.ID] = d
		c.seen[d.versioned()] = d
	}
	c.after[newest(c.t, c.out).Version] = live
	return live
}

// night lets some files change, and runs.
func (c *truth) night() map[string]document {
	moves[0].do(c.place, "")
	for range 1 + c.random.IntN(5) {
		m := moves[c.random.IntN(len(moves))]
		if file := c.some(); file != "" && len(c.files) > 2 || m.name == moves[0].name {
			m.do(c.place, file)
			c.did = append(c.did, m.name+" ("+file+")")
		}
	}
	c.run()
	return nil
}

// run reads what is new, and then what had lost to withdrawn documents.
func (c *truth) run() {
	job(c.t, c.options())
	c.read()
	if r := job(c.t, c.options()); r.Withdrawn != nil {
		c.t.Errorf("%d documents are withdrawn though nothing has changed", r.Withdrawn.Documents)
	}
}

func (c *truth) someIDs() (s remove.Selection) {
	ids := slices.Sorted(maps.Keys(c.live))
	for range min(len(ids), 1+c.random.IntN(5)) {
		s.IDs = append(s.IDs, ids[c.random.IntN(len(ids))])
	}
	return s
}

func (c *truth) somePath() remove.Selection {
	if ids := slices.Sorted(maps.Keys(c.live)); len(ids) > 0 {
		return remove.Selection{Path: c.live[ids[c.random.IntN(len(ids))]].Path}
	}
	return remove.Selection{}
}

func (c *truth) someChars() remove.Selection {
	return remove.Selection{Where: fmt.Sprintf("chars %% 9 == %d", c.random.IntN(9))}
}

// remove takes documents out.
func (c *truth) remove(s remove.Selection, allow bool) map[string]document {
	want, gone := maps.Clone(c.live), removal{step: c.step, blocks: !allow}
	for id, d := range c.live {
		rest := -1
		if s.Where != "" {
			_, err := fmt.Sscanf(s.Where, "chars %% 9 == %d", &rest)
			if err != nil {
				c.t.Fatal(err)
			}
		}
		if slices.Contains(s.IDs, id) || s.Path == d.Path || utf8.RuneCountInString(d.Text)%9 == rest {
			gone.list = append(gone.list, d)
			delete(want, id)
		}
	}
	c.did = append(c.did, fmt.Sprintf("%+v, allow again %v: %d documents", s, allow, len(gone.list)))
	if len(c.live) == 0 {
		return want
	}
	r := removed(c.t, c.options(), remove.Params{Selection: s, AllowAgain: allow})
	if int(r.Removed) != len(gone.list) || len(r.Missing) > 0 || (r.Version == 0) != (len(gone.list) == 0) {
		c.t.Errorf("%+v, want %d documents", r, len(gone.list))
	}
	c.done["removed"] += len(gone.list)
	if r.Version > 0 {
		c.removed[r.Version] = gone
	}
	return want
}

// drop leaves out so many of the newest versions.
func (c *truth) drop(n int) map[string]document {
	live := newest(c.t, c.out).Live
	if len(live) == 0 {
		return c.live
	}
	return c.dropFrom(live, max(len(live)-n, 0))
}

// dropFrom leaves out the versions from one on, unless what was there before has been freed.
func (c *truth) dropFrom(live []int, at int) map[string]document {
	forbidden := c.fixed[live[at]]
	c.did = append(c.did, fmt.Sprintf("of %v from %d, forbidden %v", live, live[at], forbidden))
	failed := false
	maintain(c.t, c.out, func(ctx context.Context, k *corpus.Corpus) error {
		_, err := k.Drop(ctx, corpus.DropInput{Version: live[at], Later: true})
		failed = err != nil && strings.Contains(err.Error(), "cannot be dropped")
		if failed {
			return nil
		}
		return err
	})
	if failed != forbidden {
		c.t.Errorf("dropped %v, gc said %v", !failed, !forbidden)
	}
	switch {
	case failed:
		c.done["not droppable"]++
		return c.live
	case at == 0:
		return map[string]document{}
	}
	return c.after[live[at-1]]
}

func (c *truth) gc() map[string]document {
	return c.collected(corpus.GCInput{Keep: 1 + c.random.IntN(2)})
}

// collected collects, notes what cannot be dropped then, and tries to.
func (c *truth) collected(in corpus.GCInput) map[string]document {
	c.did = append(c.did, fmt.Sprintf("%+v", in))
	live := newest(c.t, c.out).Live
	maintain(c.t, c.out, func(ctx context.Context, k *corpus.Corpus) error {
		r, err := k.GC(ctx, in)
		if err != nil {
			return err
		}
		for _, version := range live {
			c.fixed[version] = !slices.Contains(r.Droppable, version)
		}
		return nil
	})
	if at := slices.IndexFunc(live, func(version int) bool { return c.fixed[version] }); at >= 0 {
		return c.dropFrom(live, at)
	}
	return c.live
}

// purge leaves no trace of what was withdrawn.
func (c *truth) purge() map[string]document {
	purged(c.t, c.options())
	if traces := tracesIn(c.t, c.out); len(traces) > 0 {
		c.t.Errorf("not purged: %v", traces)
	}
	return c.collected(corpus.GCInput{DryRun: true})
}

// reindex makes the index anew, by another threshold, on the same side of which all texts are that the test makes.
func (c *truth) reindex() map[string]document {
	threshold := 0.75 + 0.05*float64(1+c.random.IntN(2))
	if threshold == c.threshold() {
		threshold = 0.75
	}
	r := reindexed(c.t, byThreshold(c.t, threshold, c.out), reindex.Params{Dedupe: c.random.IntN(2) == 0})
	if r.Withdrawn != nil || r.ByTextOnly > 0 { // there are the same keys, and no document resembles another
		c.t.Errorf("%+v", r)
	}
	if r.Version > 0 {
		c.thresholds[r.Version] = threshold
	} else if len(c.live) > 0 {
		c.t.Errorf("nothing is made anew by %v: %+v", threshold, r)
	}
	return c.live
}

// tableOf reads a table of the ledger of a version, which need not have it.
func tableOf[T any](c *truth, version int, name string) []T {
	c.t.Helper()
	return readRows[T](c.t, filepath.Join(c.out, "ledger", fmt.Sprintf("%06d", version), name))
}

// gone is a row of a table of withdrawn documents.
type gone struct {
	ID      string `parquet:"id"`
	Path    string `parquet:"path"`
	Offset  int64  `parquet:"offset"`
	Version int32  `parquet:"version"`
	Chars   int64  `parquet:"chars"`
	Bytes   int64  `parquet:"bytes"`
	Reason  string `parquet:"reason"`
	Blocks  int32  `parquet:"blocks"`
}

// recount holds the live documents against the ledgers and the vocabulary, by Parquet alone.
func (c *truth) recount() {
	t := c.t
	t.Helper()
	m := newest(t, c.out)
	balance := 0
	for _, version := range m.Live {
		for _, f := range tableOf[struct {
			Documents int64 `parquet:"documents"`
		}](c, version, "files.parquet") {
			balance += int(f.Documents)
		}
		balance -= len(tableOf[struct {
			ID string `parquet:"id"`
		}](c, version, "duplicates.parquet"))
		for _, d := range tableOf[gone](c, version, "withdrawn.parquet") {
			balance--
			if now, ok := c.live[d.ID]; ok && now.Version == d.Version {
				t.Errorf("document %s of version %d is live and withdrawn", d.ID, d.Version)
			}
			was, ok := c.seen[fmt.Sprint(d.Version, " ", d.ID)]
			if !ok || was.Path != d.Path || was.Offset != d.Offset || was.Chars != d.Chars || was.Bytes != d.Bytes {
				t.Errorf("withdrawn is %+v, it was %+v", d, was)
			}
			why, by := d.Reason == withdrawn.ReasonRemoved, c.removed[version]
			if _, ours := c.removed[version]; ours != why || by.blocks != (d.Blocks == 1) || ours && !slices.Contains(by.list, was) {
				t.Errorf("version %d withdraws %+v", version, d)
			}
		}
	}
	if balance != len(c.live) {
		t.Errorf("%d documents are live; kept without withdrawn are %d", len(c.live), balance)
	}
	counts := map[string][2]int64{}
	classes := map[string]document{}
	for _, d := range c.live {
		if other, twice := classes[class(d.Text)]; twice {
			t.Errorf("%s and %s are alike", d.where(), other.where())
		}
		classes[class(d.Text)] = d
		if int64(utf8.RuneCountInString(d.Text)) != d.Chars || int64(len(d.Text)) != d.Bytes {
			t.Errorf("%s has %d chars, %d bytes: %+v", d.where(), utf8.RuneCountInString(d.Text), len(d.Text), d)
		}
		seen := map[rune]bool{}
		for _, r := range d.Text {
			n := counts[string(r)]
			n[0]++
			if !seen[r] {
				n[1]++
				seen[r] = true
			}
			counts[string(r)] = n
		}
	}
	if d := cmp.Diff(counts, c.vocabulary(m)); d != "" {
		t.Errorf("vocabulary (-recounted +table):\n%.2000s", d)
	}
	c.recountTokens(m)
	c.recountReport(m)
}

// vocabulary is what the newest table of characters says.
func (c *truth) vocabulary(m *manifest.Manifest) map[string][2]int64 {
	table := map[string][2]int64{}
	for _, version := range slices.Backward(m.Live) {
		list := readRows[struct {
			Token     string `parquet:"token"`
			Type      string `parquet:"type"`
			Count     int64  `parquet:"count"`
			Documents int64  `parquet:"documents"`
		}](c.t, filepath.Join(c.out, "vocab", fmt.Sprintf("%06d", version), "chars.parquet"))
		for _, r := range list {
			if r.Type != "special" {
				table[r.Token] = [2]int64{r.Count, r.Documents}
			}
		}
		if len(list) > 0 {
			break
		}
	}
	return table
}

// class is what texts have in common that resemble each other: here those that are equal but for what a light correction added.
func class(text string) string { return strings.ReplaceAll(text, correction, "") }

// byClass are the documents that the files hold, those of one class in the order of a plan.
func (c *truth) byClass() map[string][]document {
	classes := map[string][]document{}
	for _, path := range slices.Sorted(maps.Keys(c.files)) {
		offset := int64(0)
		for _, text := range c.files[path] {
			classes[class(text)] = append(classes[class(text)], document{Text: text, Path: path, Offset: offset})
			offset += int64(len(c.encoded(path, text)))
		}
	}
	return classes
}

// away says why no document of a class is live: one was removed, and blocks it, or no file with it has changed since.
func (c *truth) away(alike string, files []document) (why string) {
	for _, version := range newest(c.t, c.out).Live {
		r := c.removed[version]
		for _, d := range r.list {
			switch {
			case class(d.Text) != alike:
			case r.blocks:
				return "blocked"
			case !slices.ContainsFunc(files, func(f document) bool { return c.written[f.Path] > r.step }):
				return "not read again"
			}
		}
	}
	return ""
}

// nightly says what a night must have made of what was live before it, since a version.
func (c *truth) nightly(before map[string]document, since int) {
	t := c.t
	t.Helper()
	classes, places := c.byClass(), map[string]string{}
	for _, list := range classes {
		for _, d := range list {
			places[d.where()] = d.Text
		}
	}
	left := map[string]bool{}
	for id, d := range before {
		now, ok := c.live[id]
		_, there := c.files[d.Path]
		stays := places[d.where()] == d.Text || c.keep && !there
		if stays && now != d {
			t.Errorf("%s, which is as it was, is %+v, was %+v", d.where(), now, d)
		}
		if !ok || now.Version != d.Version {
			left[d.versioned()] = true
		}
	}
	for version := since + 1; version <= newest(t, c.out).Version; version++ {
		for _, d := range tableOf[gone](c, version, "withdrawn.parquet") {
			if !left[fmt.Sprint(d.Version, " ", d.ID)] {
				t.Errorf("%+v is withdrawn, and has not gone", d)
			}
			delete(left, fmt.Sprint(d.Version, " ", d.ID))
			_, there := c.files[d.Path]
			if there != (d.Reason == withdrawn.ReasonReplaced) || !there != (d.Reason == withdrawn.ReasonVanished) {
				t.Errorf("%+v: its file is there: %v", d, there)
			}
			c.done[d.Reason]++
		}
	}
	for what := range left {
		t.Errorf("%s has gone, and is not withdrawn", what)
	}
	stands := map[string]bool{}
	for id, d := range c.live {
		_, there := c.files[d.Path]
		if places[d.where()] != d.Text && (there || !c.keep) {
			t.Errorf("a document of %s is not in it: %.60q", d.where(), d.Text)
		}
		stands[class(d.Text)] = true
		if _, old := before[id]; !old && c.away(class(d.Text), nil) == "blocked" {
			t.Errorf("%s is there again, and was removed", d.where())
		}
	}
	for alike, list := range classes {
		why := c.away(alike, list)
		switch {
		case !stands[alike] && why == "":
			t.Errorf("nothing stands for a text of %s: %.60q", list[0].where(), list[0].Text)
		case !stands[alike]:
			c.done[why]++
		}
	}
	for _, r := range c.removed {
		for _, d := range r.list {
			if !r.blocks && c.live[d.ID] == c.seen[fmt.Sprint(c.live[d.ID].Version, " ", d.ID)] && c.live[d.ID].Text == d.Text && c.live[d.ID].Version > d.Version {
				c.done["came again"]++
			}
		}
	}
}

// compare holds the corpus against one that is made of the same files at once.
func (c *truth) compare() {
	t := c.t
	t.Helper()
	fresh := filepath.Join(t.TempDir(), "fresh")
	o := c.options()
	o.Out = fresh
	job(t, o)
	verified(t, fresh)
	at := map[string]document{}
	for _, d := range readRows[document](t, filepath.Join(fresh, "data", "*", "*.parquet")) {
		at[d.where()] = d
	}
	ours := map[string]document{}
	for _, d := range c.live {
		ours[class(d.Text)] = d
	}
	// Of what lost, to whom it did so last, and in which version.
	type loss struct {
		Winner  string `parquet:"winner_id"`
		Version int32  `parquet:"winner_version"`
		ID      string `parquet:"id"`
		in      int
	}
	losses, freed := map[string]loss{}, map[string]int{}
	for _, version := range newest(t, c.out).Live {
		for _, l := range tableOf[loss](c, version, "duplicates.parquet") {
			l.in = version
			losses[l.ID] = l
			delete(freed, l.ID)
		}
		for _, l := range tableOf[loss](c, version, "lost.parquet") { // it had lost to what the version withdrew
			freed[l.ID] = version
		}
	}
	classes := c.byClass()
	for alike, list := range classes {
		first, ok := at[list[0].where()]
		if !ok || first.Text != list[0].Text {
			t.Errorf("%s is first, and not in a corpus that is made at once", list[0].where())
			continue
		}
		delete(at, list[0].where())
		d, stands := ours[alike]
		delete(ours, alike)
		lost, why := losses[first.ID], c.away(alike, list)
		switch {
		case !stands && why != "":
			c.done["stays away"]++
		case !stands:
			t.Errorf("nothing stands for %s: %.60q", first.where(), first.Text)
		case d.where() == first.where() && d.Text == first.Text:
			c.done["the same"]++
		case lost.Winner == d.ID && lost.Version == d.Version && lost.in > int(d.Version):
			c.done["was there first"]++ // an earlier version wins
		case freed[first.ID] == int(d.Version):
			c.done["came as the winner went"]++ // and the other's file was read again one run later, which brought nothing new
		case c.wasRemoved(first.Path, func(o document) bool { return o.where() == first.where() && o.Text == first.Text }):
			c.done["was removed, and a copy stays"]++
		case c.wasRemoved(first.Path, func(o document) bool { return o.ID == lost.Winner && o.Version == lost.Version }):
			c.done["lost to what was removed, and a copy came"]++
		default:
			t.Errorf("%+v is live, and at once it is %+v, which lost to %+v", d, first, lost)
		}
	}
	for where := range at {
		t.Errorf("made at once, the corpus holds %s too", where)
	}
	for _, d := range ours {
		if _, there := c.files[d.Path]; there || !c.keep {
			t.Errorf("%s is live, and no file has the like", d.where())
		}
		c.done["is gone, and kept"]++
	}
}

// wasRemoved says that somebody removed such a document, and that a file has not changed since, so that it was not read again.
func (c *truth) wasRemoved(path string, such func(document) bool) bool {
	return slices.ContainsFunc(newest(c.t, c.out).Live, func(version int) bool {
		r := c.removed[version]
		return c.written[path] < r.step && slices.ContainsFunc(r.list, such)
	})
}
