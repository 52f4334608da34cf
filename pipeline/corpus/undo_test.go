package corpus_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// keptDocument is a row of a shard, in short.
type keptDocument struct {
	id      string
	version int32
	text    string
}

// keptNow reads what the corpus holds.
func keptNow(t *testing.T, c *corpus.Corpus) map[keptDocument]bool {
	t.Helper()
	list, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := map[keptDocument]bool{}
	v := manifest.ViewOf(list)
	columns := columnar.Selection{Text: []string{"id", "text"}, Int: []string{"version"}}
	for _, f := range v.Shards() {
		err := pipeline.ReadTable(t.Context(), c.Files(), f.Path, columns, func(f *columnar.Frame) error {
			for i, version := range f.Int("version") {
				d := keptDocument{string(f.Text("id").At(i)), int32(version), string(f.Text("text").At(i))}
				if kept[d] {
					return fmt.Errorf("%+v is there twice", d)
				}
				kept[d] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return kept
}

// night makes files of a run: new texts, and duplicates of documents that are there.
func night(r *rand.Rand, number int, there []keptDocument) []corpustest.File {
	var files []corpustest.File
	for n := range 1 + r.IntN(3) {
		f := corpustest.File{Path: fmt.Sprintf("night%d/%d.jsonl", number, n)}
		for i := range r.IntN(6) {
			d := corpustest.Doc{Text: fmt.Sprintf("第%d夜第%d篇第%d段%s", number, n, i, strings.Repeat("文", r.IntN(40)))}
			if len(there) > 0 && r.IntN(3) == 0 {
				of := there[r.IntN(len(there))]
				id, err := ingest.ParseDocumentID([]byte(of.id))
				if err != nil {
					panic(err)
				}
				d.OfID, d.OfVersion, d.Kind, d.Score = id, int(of.version), ingest.KindNear, 200
			}
			f.Docs = append(f.Docs, d)
		}
		files = append(files, f)
	}
	return files
}

func sortedDocuments(kept map[keptDocument]bool) []keptDocument {
	return slices.SortedFunc(maps.Keys(kept), func(a, b keptDocument) int {
		if c := strings.Compare(a.id, b.id); c != 0 {
			return c
		}
		return int(a.version - b.version)
	})
}

// unlisted is a store that does not say what lies in its folders of documents.
type unlisted struct{ pipeline.Store }

var errUnlisted = errors.New("the service is down")

func (s unlisted) List(ctx context.Context, folder string) ([]pipeline.ObjectInfo, error) {
	if folder == pipeline.DataFolder {
		return nil, errUnlisted
	}
	return s.Store.List(ctx, folder)
}

// A store that does not answer is not a corpus whose files are gone.
func TestUnlisted(t *testing.T) {
	local, _ := corpustest.TwoNights(t)
	c := corpus.Open(unlisted{local}, corpustest.Tables)
	_, dropped := c.Drop(t.Context(), corpus.DropInput{Version: 2})
	_, freed := c.GC(t.Context(), corpus.GCInput{Keep: 1})
	for what, err := range map[string]error{"drop": dropped, "gc": freed, "present": c.Present(t.Context())} {
		if !errors.Is(err, errUnlisted) || errors.Is(err, corpus.ErrDamaged) || strings.Contains(err.Error(), "gone") {
			t.Errorf("%s: %v", what, err)
		}
	}
	corpustest.Verified(t, corpus.Open(local, corpustest.Tables))
}

// Whatever is done to a corpus in whatever order, it holds the documents of its live runs, each once, and is sound.
func TestAnySequence(t *testing.T) {
	seeds := 8
	if testing.Short() {
		seeds = 2 // a store of either kind
	}
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			local := corpustest.NewStore(t)
			c := corpus.Open(local, corpustest.Tables)
			if seed%2 == 1 { // a store that cannot move folders
				c = corpus.Open(struct{ pipeline.Store }{local}, corpustest.Tables)
			}
			states := map[int]map[keptDocument]bool{0: {}} // by the newest manifest
			paths := map[int][]corpustest.File{}           // of each run
			newest := 0
			clock := newClock()
			var did []string
			for step := range 14 {
				clock.goOn(r)
				switch op := r.IntN(10); {
				case op < 4 || newest == 0:
					did = append(did, "run")
					files := night(r, step, sortedDocuments(states[newest]))
					run := corpustest.MakeRunIn(t, local, c, files, corpustest.Sabotage{})
					run.Started = clock.says(r)
					m := run.MustCommit(t)
					now := maps.Clone(states[newest])
					for i := range files {
						for d := range files[i].Docs {
							if doc := &files[i].Docs[d]; !doc.Duplicate() {
								now[keptDocument{fmt.Sprintf("%x", run.ID(i, d)), int32(m.Version), doc.Text}] = true
							}
						}
					}
					newest, states[m.Version], paths[m.Version] = m.Version, now, files
				case op < 5:
					m, err := c.Newest(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if len(m.Live) == 0 {
						continue
					}
					at := max(0, len(m.Live)-1-r.IntN(4))
					version := m.Live[at]
					did = append(did, fmt.Sprint("drop ", version))
					can := slices.Contains(reach(t, c), version)
					d, err := c.Drop(t.Context(), corpus.DropInput{Version: version, Later: true, Run: manifest.RunInfo{Started: clock.says(r)}})
					if can != (err == nil) {
						t.Fatalf("%v: what it stood on is there %v, %v", did, can, err)
					}
					if err != nil {
						continue
					}
					before := 0
					if at > 0 {
						before = m.Live[at-1]
					}
					newest, states[d.Version] = d.Version, states[before]
				case op < 8:
					share := 1 + r.IntN(6)
					did = append(did, fmt.Sprint("withdraw a part in ", share))
					now := maps.Clone(states[newest])
					m := corpustest.Withdraw(t, c, corpustest.Withdrawal{Started: clock.says(r), Wanted: func(d *withdrawn.Document) bool {
						if r.IntN(share) > 0 {
							return false
						}
						maps.DeleteFunc(now, func(k keptDocument, _ bool) bool {
							return k.id == fmt.Sprintf("%x", d.ID) && int(k.version) == d.Version
						})
						return true
					}})
					newest, states[m.Version] = m.Version, now
				case op < 9:
					did = append(did, "compact")
					m, err := corpustest.Compact(t.Context(), c, corpustest.SmallShards)
					if err != nil {
						t.Fatalf("%v: %v", did, err)
					}
					if m != nil {
						newest, states[m.Version] = m.Version, states[newest]
					}
				default:
					in := corpus.GCInput{Keep: r.IntN(4), KeepFor: time.Duration(r.IntN(3)*r.IntN(40)) * time.Hour, Now: clock.now}
					did = append(did, fmt.Sprint("gc ", in.Keep, in.KeepFor))
					checkGC(t, c, in, clock)
				}
				clock.committed(newest)
				if diff := cmp.Diff(sortedDocuments(states[newest]), sortedDocuments(keptNow(t, c)), cmp.AllowUnexported(keptDocument{})); diff != "" {
					t.Fatalf("%v (-want +got):\n%s", did, diff)
				}
				corpustest.Verified(t, c)
				checkKnown(t, c, paths)
				checkCompleted(t, c)
				checkLog(t, c)
				if t.Failed() {
					t.Fatal(did)
				}
			}
		})
	}
}

// checkKnown: files of live runs are known, those of others eligible.
func checkKnown(t *testing.T, c *corpus.Corpus, paths map[int][]corpustest.File) {
	t.Helper()
	known, err := c.Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newest, err := c.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for version, files := range paths {
		for i := range files {
			live := slices.Contains(newest.Live, version)
			if known.Has("新闻", files[i].Path, files[i].Bytes(), int64(1000+i)) != live {
				t.Errorf("%s of version %d: live %v", files[i].Path, version, live)
			}
		}
	}
}

// checkCompleted: what a program that knew of no removes would have written says the same, once it is completed, also with what was freed
// missing.
func checkCompleted(t *testing.T, c *corpus.Corpus) {
	t.Helper()
	list, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var old []*manifest.Manifest
	for i, m := range list {
		if !sayableBefore(list[:i+1]) {
			return
		}
		before := *m
		before.Format, before.Removes, before.Holds = 3, nil, nil
		data, err := before.Encode()
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := manifest.Decode(data, corpustest.Tables)
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, decoded)
	}
	manifest.Complete(old)
	for i, m := range list {
		if diff := cmp.Diff([]any{m.Removes, m.Holds}, []any{old[i].Removes, old[i].Holds}, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("version %d of %d (-written +completed):\n%s", m.Version, len(list), diff)
		}
	}
}

// sayableBefore says whether formats before 4 could say what the last version did: they withdrew nothing, and compacted all shards of a
// version or none.
func sayableBefore(list []*manifest.Manifest) bool {
	m := list[len(list)-1]
	if len(m.Withdraws) > 0 || m.Kind != manifest.KindCompact {
		return len(m.Withdraws) == 0
	}
	took := map[int]bool{} // by maker, whether its shards were compacted
	v := manifest.ViewOf(list[:len(list)-1])
	for _, s := range v.Read {
		is := slices.Contains(m.Removes, s.Path)
		if before, ok := took[s.Maker.Version]; ok && before != is {
			return false
		}
		took[s.Maker.Version] = is
		if !is && slices.ContainsFunc(s.Holds, func(h manifest.Holding) bool { return slices.Contains(m.Compacts, h.Version) }) {
			return false
		}
	}
	return true
}

// fiveNights has runs 1 to 3, a drop of 3, a run 5 and a run 6: keys were merged by 5 at the latest.
func fiveNights(t *testing.T) *corpus.Corpus {
	t.Helper()
	local := corpustest.NewStore(t)
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 6 {
		if n == 3 {
			corpustest.Drop(t, corpus.Open(local, corpustest.Tables))
			continue
		}
		var there []keptDocument
		if n > 0 {
			there = sortedDocuments(keptNow(t, corpus.Open(local, corpustest.Tables)))
		}
		corpustest.MakeRun(t, local, append(night(r, n, there), corpustest.File{Path: strconv.Itoa(n), Docs: []corpustest.Doc{{Text: fmt.Sprint("第", n, "夜")}}}), corpustest.Sabotage{}).MustCommit(t)
	}
	return corpus.Open(local, corpustest.Tables)
}

type died struct{ point string }

// crashing calls f with a hook that dies at a point for the n-th time, and says whether it did.
func crashing(point string, n int, f func(crash func(string)) error) (dead bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(died); !ok {
				panic(r)
			}
			dead = true
		}
	}()
	return false, f(func(p string) {
		if p == point {
			if n--; n == 0 {
				panic(died{p})
			}
		}
	})
}

// Whoever dies at any step of a drop, a compaction or a GC leaves the corpus as it was before, or as it is afterwards; the
// same command again ends as if nothing had happened.
func TestCrashAtEveryStep(t *testing.T) {
	for name, do := range map[string]func(ctx context.Context, c *corpus.Corpus, crash func(string)) error{
		"drop": func(ctx context.Context, c *corpus.Corpus, crash func(string)) error {
			_, err := c.Drop(ctx, corpus.DropInput{Version: 5, Later: true, Crash: crash})
			return err
		},
		"drop a compaction": func(ctx context.Context, c *corpus.Corpus, crash func(string)) error {
			if m, err := c.Newest(ctx); err != nil || m.Kind == manifest.KindRun && m.Version == 6 {
				if m, err = corpustest.Compact(ctx, c, corpustest.SmallShards); err != nil || m == nil {
					return errors.Join(err, errors.New("nothing was compacted"))
				}
			}
			_, err := c.Drop(ctx, corpus.DropInput{Version: 7, Crash: crash})
			return err
		},
		"compact": func(ctx context.Context, c *corpus.Corpus, crash func(string)) error {
			in := corpustest.SmallShards
			in.Crash = crash
			_, err := corpustest.Compact(ctx, c, in)
			return err
		},
		"gc": func(ctx context.Context, c *corpus.Corpus, crash func(string)) error {
			_, err := c.GC(ctx, corpus.GCInput{Keep: 1, Crash: crash})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			points := map[string]int{}
			c := fiveNights(t)
			before := keptNow(t, c)
			if err := do(t.Context(), c, func(p string) { points[p]++ }); err != nil {
				t.Fatal(err)
			}
			after := keptNow(t, c)
			corpustest.Verified(t, c)
			if len(points) < 3 {
				t.Errorf("points %v", points)
			}
			tried := 0
			for point, times := range points {
				if tried++; testing.Short() && tried > 2 { // which two is chance
					break
				}
				for _, n := range slices.Compact([]int{1, times}) {
					c := fiveNights(t)
					dead, err := crashing(point, n, func(crash func(string)) error { return do(t.Context(), c, crash) })
					if !dead || err != nil {
						t.Fatalf("%s: no crash, %v", point, err)
					}
					now := keptNow(t, c)
					if !maps.Equal(now, before) && !maps.Equal(now, after) {
						t.Errorf("%s: neither as before nor as after", point)
					}
					if _, err := verify.Corpus(t.Context(), c, verify.Options{}); err != nil {
						t.Errorf("%s: %v", point, err)
					}
					if err := c.Recover(t.Context(), nil); err != nil {
						t.Fatal(err)
					}
					if err := do(t.Context(), c, func(string) {}); err != nil && (!maps.Equal(now, after) || !errors.Is(err, pipeline.ErrUsage)) {
						t.Errorf("%s: again: %v", point, err)
					}
					if !maps.Equal(keptNow(t, c), after) {
						t.Errorf("%s: again: another corpus", point)
					}
					corpustest.Verified(t, c)
				}
			}
		})
	}
}

// How far drops reach back is told by what is there, also where an earlier GC kept less.
func TestGCOldest(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	oldest := func(keep, want int) {
		t.Helper()
		report, err := c.GC(t.Context(), corpus.GCInput{Keep: keep})
		if err != nil || report.Oldest != want {
			t.Errorf("gc --keep %d: %+v, %v, want %d", keep, report, err, want)
		}
	}
	oldest(0, 0)
	for i := range 3 {
		corpustest.MakeRun(t, local, []corpustest.File{{Path: strconv.Itoa(i), Docs: []corpustest.Doc{{Text: fmt.Sprint("第", i)}}}}, corpustest.Sabotage{}).MustCommit(t)
	}
	oldest(0, 1)
	if m, err := corpustest.Compact(t.Context(), c, corpustest.SmallShards); err != nil || m == nil {
		t.Fatalf("%+v, %v", m, err)
	}
	oldest(2, 3)
	oldest(0, 1) // nothing was freed: the state of version 3 needs the shards of all
	oldest(1, 4)
	corpustest.MakeRun(t, local, []corpustest.File{{Path: "4", Docs: []corpustest.Doc{{Text: "第4"}}}}, corpustest.Sabotage{}).MustCommit(t)
	oldest(0, 4)
	oldest(3, 4)
	oldest(1, 5)
}
