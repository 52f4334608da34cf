package main

import (
	"bytes"
	"cmp"
	"context"
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

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
	jobs "github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/jobs/signals"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// byThreshold are options of a corpus whose documents are near from a threshold on. Everything is cut small.
func byThreshold(t *testing.T, threshold float64, out string, paths ...string) jobs.Options {
	t.Helper()
	return smallOptions(t, config.Default(), threshold, out, paths...)
}

func smallOptions(t *testing.T, c config.Config, threshold float64, out string, paths ...string) jobs.Options {
	t.Helper()
	c.Dedupe.Threshold = threshold
	o, err := engineOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Out, o.Paths, o.Log, o.Slots = out, paths, zerolog.Nop(), 2
	o.SplitBytes, o.PartitionBytes, o.ShardBytes = 4<<10, 16<<10, 5<<10
	for i, k := range o.Others {
		if k.Name() == reindex.Name {
			small := reindexOptions(c)
			small.SplitBytes, small.PartitionBytes = 2<<10, 4<<10
			o.Others[i] = reindex.New(small)
		}
		if k.Name() == signals.Name {
			opened, err := openingOf(c)
			if err != nil {
				t.Fatal(err)
			}
			small := signalsOptions(opened)
			small.SplitBytes, small.PartitionBytes = 2<<10, 8<<10
			o.Others[i] = signals.New(small)
		}
	}
	return o
}

// reindexed makes an index anew in this process.
func reindexed(t *testing.T, o jobs.Options, p reindex.Params) reindex.Result {
	t.Helper()
	r, err := reindex.Run(t.Context(), o.Engine(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// original is a text that resembles no other one.
func original(r *rand.Rand) string {
	return strings.ReplaceAll(string(pipelinetest.Chinese(r.Uint64(), 900+r.IntN(600))), "\n", "")
}

// otherwise is a text with some characters changed, of each hundred about so many.
func otherwise(r *rand.Rand, text string, hundredth int) string {
	runes := []rune(text)
	for i := range runes {
		if r.IntN(100) < hundredth {
			runes[i] = '一' + rune(r.IntN(8000))
		}
	}
	return string(runes)
}

// writeNight writes a file of texts.
func writeNight(t *testing.T, folder string, number int, texts []string) {
	t.Helper()
	var b strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&b, "{\"text\": %q}\n", text)
	}
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%03d.jsonl", number)), []byte(b.String()), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestReindexedIsAsIfMadeSo: to a corpus of three nights whose index is made anew by another threshold later nights add what they add to a
// corpus that had the threshold from the beginning, also behind removals, a compaction and nights between. A drop of it brings back what
// was there before.
func TestReindexedIsAsIfMadeSo(t *testing.T) {
	inTurn(t)
	for _, threshold := range []float64{0.55, 0.9} {
		t.Run(fmt.Sprint(threshold), func(t *testing.T) {
			r := rand.New(rand.NewPCG(60, 61))
			in := filepath.Join(t.TempDir(), "news")
			changed, always := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "out")
			both := func(f func(o jobs.Options)) {
				f(byThreshold(t, 0.75, changed, in))
				f(byThreshold(t, threshold, always, in))
			}
			var texts []string // that are live, and as different as can be
			night := 0
			for range 3 {
				var list []string
				for range 8 {
					list = append(list, original(r))
				}
				texts = append(texts, list...)
				writeNight(t, in, night, append(list, list[3], otherwise(r, texts[r.IntN(len(texts))], 0)))
				night++
				both(func(o jobs.Options) { job(t, o) })
				if night == 2 {
					both(func(o jobs.Options) { compacted(t, o.Out, nil) })
				}
			}
			ids := map[string]string{}
			for id, text := range live(t, changed) {
				ids[text] = id
			}
			for i, again := range []bool{true, false} { // of the first and of the second night, of the one that was not compacted
				p := remove.Params{AllowAgain: again}
				p.IDs = []string{ids[texts[i]], ids[texts[8+i]], ids[texts[16+3*i]]}
				both(func(o jobs.Options) {
					o = byThreshold(t, map[bool]float64{true: 0.75, false: threshold}[o.Out == changed], o.Out)
					if r := removed(t, o, p); r.Removed != 3 {
						t.Fatalf("%+v", r)
					}
				})
			}
			blocked := []string{texts[1], texts[9], texts[19]}
			before := copied(t, changed)
			result := reindexed(t, byThreshold(t, threshold, changed), reindex.Params{})
			byTextOnly := map[bool]int64{true: 3}[threshold < 0.73] // above there are the same keys
			if result.Documents != 18 || result.Blocking != 3 || result.ByTextOnly != byTextOnly || result.Version != newest(t, changed).Version || len(result.LostOnceFreed) == 0 {
				t.Errorf("%+v", result)
			}
			verified(t, changed)
			checkVocabulary(t, changed)
			if again := reindexed(t, byThreshold(t, threshold, changed), reindex.Params{}); again.Version != 0 {
				t.Errorf("again: %+v", again)
			}
			if err := mustFail(t, byThreshold(t, 0.75, changed, in)); !strings.Contains(err.Error(), fmt.Sprintf("dedupe.threshold: %v, now 0.75", threshold)) {
				t.Error(err)
			}
			kept := 0
			for range 3 {
				var list []string
				for _, text := range texts {
					if byTextOnly == 0 || !slices.Contains(blocked, text) {
						list = append(list, otherwise(r, text, r.IntN(14)))
					}
				}
				writeNight(t, in, night, append(append(list, original(r)), blocked...))
				night++
				was := len(live(t, changed))
				job(t, byThreshold(t, threshold, changed, in))
				job(t, byThreshold(t, threshold, always, in))
				now := live(t, changed)
				same(t, fmt.Sprintf("night %d", night), live(t, always), now)
				kept += len(now) - was
				verified(t, changed)
				checkVocabulary(t, changed)
			}
			if kept < 10 || kept > 80 {
				t.Errorf("%d documents were kept", kept)
			}
			maintain(t, changed, func(ctx context.Context, c *corpus.Corpus) error {
				_, err := c.Drop(ctx, corpus.DropInput{Version: result.Version, Later: true})
				return err
			})
			verified(t, changed)
			for _, out := range []string{before, changed} {
				job(t, byThreshold(t, 0.75, out, in))
			}
			same(t, "dropped", live(t, before), live(t, changed))
		})
	}
}

// TestReindexKeepsWhatBlocks: what resembles a removed document is rejected as before where documents have the same keys by the new
// settings; by others only what equals it is, and the result says so.
func TestReindexKeepsWhatBlocks(t *testing.T) {
	t.Parallel()
	was := config.Default().Dedupe
	for threshold, byTextOnly := range map[float64]int64{0.74: 0, 0.6: 2} {
		r := rand.New(rand.NewPCG(62, 63))
		in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
		var texts []string
		for night := range 2 {
			list := []string{original(r), original(r), original(r)}
			texts = append(texts, list...)
			writeNight(t, in, night, list)
			job(t, byThreshold(t, was.Threshold, out, in))
		}
		ids := map[string]string{}
		for id, text := range live(t, out) {
			ids[text] = id
		}
		removed(t, byThreshold(t, was.Threshold, out), remove.Params{Selection: remove.Selection{IDs: []string{ids[texts[1]], ids[texts[5]]}}})
		removed(t, byThreshold(t, was.Threshold, out), remove.Params{Selection: remove.Selection{IDs: []string{ids[texts[2]]}}, AllowAgain: true})
		loses := byTextOnly
		for range 2 { // what was made anew is made anew
			result := reindexed(t, byThreshold(t, threshold, out), reindex.Params{})
			if result.Documents != 3 || result.Blocking != 2 || result.ByTextOnly != loses {
				t.Errorf("%v: %+v", threshold, result)
			}
			loses = 0 // nothing more
			verified(t, out)
			again := copied(t, out)
			more := filepath.Join(t.TempDir(), "more")
			writeNight(t, more, 7, []string{texts[1], "," + texts[5], texts[2], otherwise(r, texts[1], 1), otherwise(r, texts[5], 1), otherwise(r, texts[0], 1)})
			m := job(t, byThreshold(t, threshold, again, more))
			if want := 4 - byTextOnly; m.Documents.Rejected != want || m.Documents.Kept != 5-want || m.Documents.NearDuplicates != 1 {
				t.Errorf("%v: %+v, %v", threshold, m.Documents, want)
			}
			verified(t, again)
			threshold += 0.00001
		}
	}
}

// TestReindexWithdraws: of a corpus of three nights stays what a corpus by the new threshold keeps of the same documents, one after the other;
// also of pages that are many and alike. The ledger names the others, with the one that each resembles.
func TestReindexWithdraws(t *testing.T) {
	t.Parallel()
	for _, threshold := range []float64{0.8, 0.6} {
		r := rand.New(rand.NewPCG(70, 71))
		in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
		var texts []string
		page := original(r)
		for night := range 3 {
			var list []string
			for range 15 {
				text := original(r)
				if len(texts) > 0 {
					text = otherwise(r, texts[r.IntN(len(texts))], r.IntN(9))
				}
				list = append(list, text, otherwise(r, page, 3))
			}
			texts = append(texts, list[0], list[2], list[4], original(r))
			writeNight(t, in, night, append(list, texts[len(texts)-1]))
			job(t, byThreshold(t, 0.9, out, in))
			if night == 1 {
				compacted(t, out, nil)
			}
		}
		for i, again := range []bool{false, true} {
			p := remove.Params{AllowAgain: again}
			p.IDs = slices.Sorted(maps.Keys(live(t, out)))[5*i : 5*i+3]
			removed(t, byThreshold(t, 0.9, out), p)
		}
		was := live(t, out)
		one := filepath.Join(t.TempDir(), "one") // the live documents, one after the other
		writeNight(t, one, 0, inOrder(t, out))
		fresh := filepath.Join(t.TempDir(), "out")
		whole := byThreshold(t, threshold, fresh, one)
		whole.SplitBytes = 1 << 20
		job(t, whole)

		result := reindexed(t, byThreshold(t, threshold, out), reindex.Params{Dedupe: true, Reason: "stricter"})
		w := result.Withdrawn
		if w == nil || w.Documents < 4 || w.Near != w.Documents || w.Shards < 3 || result.Documents != int64(len(was)) {
			t.Fatalf("%+v, %+v", result, w)
		}
		verified(t, out)
		checkVocabulary(t, out)
		now := live(t, out)
		want := slices.Sorted(maps.Values(live(t, fresh)))
		if got := slices.Sorted(maps.Values(now)); !slices.Equal(got, want) {
			t.Errorf("%v: %d documents stay, a corpus of these keeps %d", threshold, len(got), len(want))
		}
		s, err := store.Open(t.Context(), out, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // nothing was written
		rows := int64(0)
		err = withdrawn.Read(t.Context(), s, withdrawn.Name(result.Version), func(d *withdrawn.Document) error {
			rows++
			winner, reason, _ := strings.Cut(d.Detail, ": ")
			id := fmt.Sprintf("%x", d.ID)
			if d.Reason != withdrawn.ReasonResembles || d.Blocks || reason != "stricter" || now[winner] == "" || now[id] != "" || was[id] == "" {
				t.Errorf("%+v", d)
			}
			return nil
		})
		if err != nil || rows != w.Documents {
			t.Errorf("%d rows, %v", rows, err)
		}
		if again := reindexed(t, byThreshold(t, threshold, out), reindex.Params{Dedupe: true}); again.Version != 0 {
			t.Errorf("again: %+v", again)
		}
		maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
			_, err := c.Drop(ctx, corpus.DropInput{Version: result.Version})
			return err
		})
		same(t, "dropped", was, live(t, out))
		checkVocabulary(t, out)
	}
}

// indexOf reads the keys of a corpus with the numbers of their documents through all live versions, by key and number, and the records of each
// version.
func indexOf(t *testing.T, out string) (keys []sorted.Item[uint64], records map[int][]byte) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	history, runs, err := corpus.Open(s, tables()).History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, next := map[int]uint64{}, uint64(0)
	records = map[int][]byte{}
	for _, v := range history {
		first[v.Version] = next
		next += uint64(v.Documents)
		for _, name := range v.Signatures {
			data, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				t.Fatal(err)
			}
			records[v.Version] = append(records[v.Version], data[32:]...)
		}
	}
	files := sorted.NewHandles(t.Context(), s)
	defer files.Close() //nolint:errcheck // nothing was written
	for _, run := range runs {
		m := sorted.NewMerge([]sorted.Source[uint64]{sorted.NewRange(files, run.Keys, 0, 1, first[run.Versions[0]], next)})
		last := sorted.Item[uint64]{}
		for m.Next() {
			if m.Key < last.Key || m.Key == last.Key && m.Value < last.Value {
				t.Errorf("keys of version %d: %v comes behind %v", run.Made, m.Item, last)
			}
			last = m.Item
			keys = append(keys, m.Item)
		}
		if m.Err() != nil {
			t.Fatal(m.Err())
		}
	}
	slices.SortFunc(keys, func(a, b sorted.Item[uint64]) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	})
	return keys, records
}

// TestReindexMakesWhatRunsMade: where documents have the same keys the index is what the runs of the nights wrote, byte for byte of each record
// and key by key, without those of withdrawn documents that block nothing.
func TestReindexMakesWhatRunsMade(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(76, 77))
	in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
	var before []string
	for n := range 6 {
		nightFile(t, in, r, n, &before)
		job(t, byThreshold(t, 0.75, out, in))
		if n == 2 || n == 4 {
			compacted(t, out, nil)
		}
	}
	ids := slices.Sorted(maps.Keys(live(t, out)))
	removed(t, byThreshold(t, 0.75, out), remove.Params{Selection: remove.Selection{IDs: ids[:5]}})
	keys, records := indexOf(t, out)
	reindexed(t, byThreshold(t, 0.8, out), reindex.Params{})
	again, made := indexOf(t, out)
	if !slices.Equal(keys, again) {
		t.Errorf("%d keys are others, there were %d", len(again), len(keys))
	}
	for version, want := range records {
		if !bytes.Equal(made[version], want) {
			t.Errorf("the records of version %d are others", version)
		}
	}
	// What blocks nothing leaves no key and an empty record.
	removed(t, byThreshold(t, 0.8, out), remove.Params{Selection: remove.Selection{IDs: ids[5:9]}, AllowAgain: true})
	reindexed(t, byThreshold(t, 0.75, out), reindex.Params{})
	again, made = indexOf(t, out)
	goes := map[uint64]bool{}
	empty, number := 0, uint64(0)
	for _, version := range slices.Sorted(maps.Keys(records)) {
		for at := 0; at < len(records[version]); at += 320 {
			if bytes.Equal(made[version][at:at+312], make([]byte, 312)) {
				empty++
				goes[number] = true
			} else if !bytes.Equal(made[version][at:at+320], records[version][at:at+320]) {
				t.Errorf("record %d is another one", number)
			}
			number++
		}
	}
	keys = slices.DeleteFunc(keys, func(i sorted.Item[uint64]) bool { return goes[i.Value] })
	if empty != 4 || !slices.Equal(keys, again) {
		t.Errorf("%d records are empty; there are %d keys, want %d", empty, len(again), len(keys))
	}
}

// TestReindexAndPurge: nothing is left of what went behind a purge that follows a reindex, nor behind a reindex that follows a purge, and what
// blocks does so all the time.
func TestReindexAndPurge(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(74, 75))
	in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
	var texts []string
	for n := range 3 {
		text := original(r)
		list := []string{original(r), original(r), original(r), text, otherwise(r, text, 5)}
		texts = append(texts, list...)
		writeNight(t, in, n, list)
		job(t, byThreshold(t, 0.75, out, in))
	}
	ids := map[string]string{}
	for id, text := range live(t, out) {
		ids[text] = id
	}
	for i, again := range []bool{false, true} {
		p := remove.Params{AllowAgain: again}
		p.IDs = []string{ids[texts[i]], ids[texts[5+i]], ids[texts[13+i]]}
		removed(t, byThreshold(t, 0.75, out), p)
	}
	night := 3
	for i, threshold := range []float64{0.5, 0.55, 0.9} {
		withdrawn := reindexed(t, byThreshold(t, threshold, out), reindex.Params{Dedupe: true})
		if withdrawn.Version == 0 || (withdrawn.Withdrawn != nil) != (i == 0) || withdrawn.Blocking != 3 {
			t.Errorf("%v: %+v", threshold, withdrawn)
		}
		purged(t, byThreshold(t, threshold, out))
		for range 2 {
			if traces := tracesIn(t, out); len(traces) > 0 {
				t.Errorf("%v: %v", threshold, traces)
			}
			verified(t, out)
			threshold += 0.001
			reindexed(t, byThreshold(t, threshold, out), reindex.Params{})
			maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
				_, err := c.GC(ctx, corpus.GCInput{Keep: 1})
				return err
			})
		}
		writeNight(t, in, night, []string{texts[0], texts[5], texts[13], original(r)})
		night++
		if m := job(t, byThreshold(t, threshold, out, in)); m.Documents.Kept != 1 || m.Documents.Rejected != 3 {
			t.Errorf("%v: %+v", threshold, m.Documents)
		}
		verified(t, out)
		checkVocabulary(t, out)
	}
}

// TestReindexBringsLosersBack: a document that had lost to one which goes comes in with the next run, if it resembles nothing that stays.
func TestReindexBringsLosersBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(80, 81))
	in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
	first := original(r)
	second := otherwise(r, first, 5)
	third := otherwise(r, second, 2)
	for n, list := range [][]string{{first}, {second}, {third, first + "补"}} {
		writeNight(t, in, n, append(list, original(r)))
		job(t, byThreshold(t, 0.75, out, in))
	}
	if n := len(live(t, out)); n != 5 {
		t.Fatalf("%d documents are live", n)
	}
	result := reindexed(t, byThreshold(t, 0.6, out), reindex.Params{Dedupe: true})
	if w := result.Withdrawn; w == nil || w.Documents != 1 || w.Losers != 1 {
		t.Fatalf("%+v", w)
	}
	verified(t, out)
	m := job(t, byThreshold(t, 0.6, out, in))
	if m.Version == 0 || m.Documents.Kept != 1 || m.Documents.Read != 2 { // what the file has that is live stays where it is
		t.Errorf("%+v", m.Documents)
	}
	fresh := filepath.Join(t.TempDir(), "out")
	job(t, byThreshold(t, 0.6, fresh, in))
	same(t, "the next run", live(t, fresh), live(t, out))
	if again := job(t, byThreshold(t, 0.6, out, in)); again.Version != 0 {
		t.Errorf("again: %+v", again.Documents)
	}
	verified(t, out)
	checkVocabulary(t, out)
}

// inOrder are the texts of a corpus by version, and in each as its run kept them.
func inOrder(t *testing.T, out string) (texts []string) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	history, _, err := corpus.Open(s, tables()).History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range history {
		for _, rows := range v.Texts {
			for _, row := range readRows[row](t, filepath.Join(out, rows.Path))[rows.Row : rows.Row+rows.Rows] {
				texts = append(texts, row.Text)
			}
		}
	}
	return texts
}

// TestReindexOfNothing: where everything was dropped only the settings change, and a night comes by them.
func TestReindexOfNothing(t *testing.T) {
	in, out := news(t, 78, 20), filepath.Join(t.TempDir(), "out")
	job(t, byThreshold(t, 0.75, out, in))
	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.Drop(ctx, corpus.DropInput{Version: 1})
		return err
	})
	if r := reindexed(t, byThreshold(t, 0.8, out), reindex.Params{Dedupe: true}); r.Version != 3 || r.Documents != 0 {
		t.Errorf("%+v", r)
	}
	verified(t, out)
	if err := mustFail(t, byThreshold(t, 0.75, out, in)); !strings.Contains(err.Error(), "dedupe.threshold: 0.8, now 0.75") {
		t.Error(err)
	}
	if r := job(t, byThreshold(t, 0.8, out, in)); r.Version != 4 || r.Documents.Kept == 0 {
		t.Errorf("%+v", r)
	}
	verified(t, out)
}

// TestReindexSameBytes: a reindex makes the same version whoever does its tasks, in all formats that there are.
func TestReindexSameBytes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(64, 65))
	in, out := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out")
	options := func(threshold float64, out string, paths ...string) jobs.Options {
		c := config.Default()
		c.Sinks.Use = documentTables().Names()
		return smallOptions(t, c, threshold, out, paths...)
	}
	var texts []string
	for n := range 4 {
		var list []string
		for range 8 {
			list = append(list, original(r))
		}
		texts = append(texts, list...)
		for range 6 {
			list = append(list, otherwise(r, texts[r.IntN(len(texts))], 5+r.IntN(5)))
		}
		writeNight(t, in, n, list)
		job(t, options(0.75, out, in))
		if n == 1 {
			compacted(t, out, nil)
		}
	}
	removed(t, byThreshold(t, 0.75, out), everyThird)
	var chained [][]string
	for _, s := range stageNames() {
		chained = append(chained, []string{s})
	}
	first := map[bool]string{}
	for name, change := range map[string]func(*jobs.Options){
		"1 worker":           func(o *jobs.Options) { o.Slots = 1 },
		"8 workers":          func(o *jobs.Options) { o.Slots = 8 },
		"one worker a stage": func(o *jobs.Options) { o.Workers = chained },
		"work elsewhere":     func(o *jobs.Options) { o.Work = filepath.Join(t.TempDir(), "work") },
	} {
		for _, dedupe := range []bool{false, true} {
			at := copied(t, out)
			o := options(0.55, at)
			change(&o)
			result := reindexed(t, o, reindex.Params{Dedupe: dedupe})
			if first[dedupe] == "" {
				first[dedupe] = result.Digest
			}
			if result.Digest != first[dedupe] || result.Blocking == 0 || (result.Withdrawn != nil) != dedupe || dedupe && result.Withdrawn.Documents < 5 {
				t.Errorf("%s: %+v, want digest %s", name, result, first[dedupe])
			}
			m := newest(t, at)
			if len(m.Index) != 1 || len(m.Index[0].Versions) != 4 || len(m.Files) < 10 {
				t.Errorf("%s: %d files, the index has %+v", name, len(m.Files), m.Index)
			}
			verified(t, at)
			checkVocabulary(t, at)
		}
	}
}

// TestReindexRefuses: only settings of dedupe can be changed, and only in a corpus that is there.
func TestReindexRefuses(t *testing.T) {
	in, out := news(t, 66, 20), filepath.Join(t.TempDir(), "out")
	if e := execute(t, nil, "reindex", out); e.code != exitUsage {
		t.Errorf("without a corpus: exit %d\n%s", e.code, e.stderr)
	}
	if e := execute(t, nil, "run", in, "--out", out, "--json"); e.code != exitDone {
		t.Fatal(e.stderr)
	}
	was := newest(t, out)
	for want, args := range map[string][]string{
		`normalize.profile: "zh-safe", now "nfkc"`:   {"--set", "normalize.profile=nfkc", "--set", "dedupe.threshold=0.8"},
		"--set dedupe.treshold: unknown setting":     {"--set", "dedupe.treshold=0.8"},
		"--set dedupe.threshold: it has no value":    {"--set", "dedupe.threshold"},
		"dedupe.threshold: 0.2 is not from 0.5 to 1": {"--set", "dedupe.threshold=0.2"},
		"is not from 0.5 to 1":                       {"--set", "dedupe.threshold=7"},
		"a reason is given, but no document goes":    {"--reason", "x"},
		`unexpected argument "more"`:                 {"more"},
	} {
		if e := execute(t, nil, append([]string{"reindex", out}, args...)...); e.code != exitUsage || !strings.Contains(e.told(), want) {
			t.Errorf("%v: exit %d\n%s", args, e.code, e.stderr)
		}
	}
	if e := execute(t, nil, "reindex", out, "--json"); e.code != exitDone || !strings.Contains(e.stdout, `"version": 0`) {
		t.Errorf("with nothing to do: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	e := execute(t, nil, "run", in, "--out", out, "--set", "dedupe.threshold=0.8", "--set", "dedupe.min_shingles=30")
	if e.code != exitUsage || !strings.Contains(e.stderr, "millrace reindex "+out+" --set dedupe.min_shingles=30 --set dedupe.threshold=0.8") {
		t.Errorf("exit %d\n%s", e.code, e.stderr)
	}
	if m := newest(t, out); m.Version != was.Version {
		t.Errorf("version %d", m.Version)
	}
}

// TestOldFormatsReindexed: the index of each corpus of an earlier format is made anew, and a night comes to it, also where none could come
// before. A drop brings back what was there.
func TestOldFormatsReindexed(t *testing.T) {
	eachOld(t, func(c *oldCopy) {
		newestBefore := c.Newest()
		files := c.LiveFiles(newestBefore.Version)
		set := []string{"--set", "dedupe.threshold=0.8"}
		if !c.grows() {
			set = nil
		}
		shrunk := copied(c.t, c.out)
		var gone remove.Result
		var less reindex.Result
		c.millrace(0, &gone, "remove", shrunk, "--where", "chars % 2 == 0", "--reason", "a letter")
		c.millrace(0, &less, append([]string{"reindex", shrunk, "--dedupe"}, set...)...)
		byTextOnly := gone.Removed
		if c.grows() {
			byTextOnly = 0 // they have the same keys
		}
		if gone.Removed == 0 || less.Blocking != gone.Removed || less.ByTextOnly != byTextOnly || less.Documents == 0 {
			c.t.Errorf("%+v behind a removal of %d", less, gone.Removed)
		}
		verified(c.t, shrunk)
		var r reindex.Result
		c.millrace(0, &r, append([]string{"reindex", c.out}, set...)...)
		if r.Version != newestBefore.Version+1 || r.KeyText != ingest.KeyText || r.Documents == 0 || r.Keys < r.Documents {
			c.t.Fatalf("%+v", r)
		}
		verified(c.t, c.out)
		if !c.grows() {
			c.run(4, 6)
			list := c.log()
			if last := list[len(list)-1]; last.Documents["of_earlier"] < 4 || last.Documents["kept"] < 2 {
				c.t.Errorf("%+v", last)
			}
			verified(c.t, c.out)
		}
		c.millrace(0, nil, "drop", c.out, strconv.Itoa(r.Version), "--later")
		c.sound("dropped again", files, newestBefore.Live)
		if !c.grows() {
			c.refused()
		}
	})
}

// TestClusterReindexes: a reindex on a cluster makes the same version as one in one process, whoever dies on the way.
func TestClusterReindexes(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{"", "KILL:worker:computed#1", "coordinator KILL:commit:placed#1", "coordinator KILL:commit:manifest#1"} {
		t.Run(at, func(t *testing.T) {
			setting := nats.setting("reindexes" + string(rune('a'+i)))
			in := news(t, 67, 40)
			random := rand.New(rand.NewPCG(72, 73))
			text := original(random)
			writeNight(t, in, 1, []string{text, otherwise(random, text, 5), original(random)})
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), setting)
			serve, worker := f.serve(), f.millrace("worker")
			if e := f.do("start", "--wait"); e.code != exitDone && e.code != exitRejected {
				t.Fatalf("exit %d\n%s", e.code, e.stdout)
			}
			f.stop(worker, serve)
			f.configure(in, setting, "dedupe: {threshold: 0.55}")
			how := [][]string{{}, {"--dedupe", "--reason", "stricter"}}[i%2]
			alone := copied(t, f.out)
			if e := f.do(append([]string{"reindex", alone}, how...)...); e.code != exitDone {
				t.Fatalf("reindex: exit %d\n%s", e.code, e.stdout)
			}
			want := newest(t, alone)
			serve, worker = f.serve(), f.millrace("worker")
			serve.waitFor("leading") // so that a signal finds those who know what to do
			worker.waitFor("waiting for a run")
			if e := f.do("start", "--job", "reindex", "--set", "dedupe.threshold=0.8"); e.code != exitUsage {
				t.Errorf("settings for a coordinator: exit %d", e.code)
			}
			said, serve, worker := f.although(at, serve, worker, append([]string{"start", "--job", "reindex", "--wait", "--json"}, how...)...)
			m := newest(t, f.out)
			if m.Version != 2 || m.Digest != want.Digest || want.Version != 2 {
				t.Errorf("version %d with digest %s, alone it is version %d with %s", m.Version, m.Digest, want.Version, want.Digest)
			}
			var r reindex.Result
			if err := json.Unmarshal([]byte(said[strings.Index(said, "{\n"):]), &r); err != nil || r.Digest != want.Digest || r.Documents == 0 || (r.Withdrawn != nil) != (len(how) > 0) {
				t.Errorf("%v: %+v\n%s", err, r, said)
			}
			verified(t, f.out)
			f.stop(worker, serve)
			f.tidy()
		})
	}
}

// TestReindexInBucket: a reindex in a bucket, killed at its steps and done again, is the version that it is in a folder.
func TestReindexInBucket(t *testing.T) {
	bucket, _ := startBucket(t)
	r := rand.New(rand.NewPCG(68, 69))
	in, out, folder := filepath.Join(t.TempDir(), "news"), bucket+"/corpus", filepath.Join(t.TempDir(), "out")
	for n := range 2 {
		text := original(r)
		writeNight(t, in, n, []string{text, original(r), otherwise(r, text, 5), original(r)})
		job(t, jobOptions(t, out, in))
		job(t, jobOptions(t, folder, in))
	}
	want := reindexed(t, reindexAgain(t, folder), reindex.Params{Dedupe: true})
	for _, point := range []string{"reindex:checked", "commit:placed", "commit:manifest"} {
		killedUpkeep(t, "reindex --dedupe", point, out)
		if made := newest(t, out).Version == 3; made != (point == "commit:manifest") {
			t.Errorf("%s: the version is there: %v", point, made)
		}
		sound(t, out, point)
	}
	again := reindexed(t, reindexAgain(t, out), reindex.Params{Dedupe: true})
	if m := newest(t, out); m.Digest != want.Digest || m.Version != 3 || again.Version != 0 {
		t.Errorf("version %d has digest %s, in a folder it is %s; again: %+v", m.Version, m.Digest, want.Digest, again)
	}
	verified(t, out)
}

// reindexAgain are options by which the index of a corpus in tests is another one.
func reindexAgain(t *testing.T, out string) jobs.Options {
	t.Helper()
	c := config.Default()
	c.Dedupe.Threshold = 0.5
	o, err := engineOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Out, o.Log, o.Slots = out, zerolog.Nop(), 2
	return o
}
