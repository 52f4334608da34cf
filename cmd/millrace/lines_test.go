package main

import (
	"bytes"
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
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// A template that pages of a site have, above and below their texts.
const (
	templateHead = "首页\n新闻\n首页 | 新闻中心 | 关于我们\n您现在的位置：首页 > 新闻 > 正文"
	templateFoot = "返回顶部\n版权所有 Copyright 2024 Example Inc.\n京ICP备12345678号 联系电话 010-1234567"
)

// sitePages writes a night of pages: of one site, each with its template, of another one without any, and of none. Dates in the template change from
// night to night.
func sitePages(t *testing.T, folder string, night, pages int) {
	t.Helper()
	r := rand.New(rand.NewPCG(80, uint64(night)))
	var b strings.Builder
	for i := range pages {
		lines := []string{}
		for range 3 {
			lines = append(lines, strings.ReplaceAll(string(pipelinetest.Chinese(r.Uint64(), 60+r.IntN(40))), "\n", ""))
		}
		page := map[string]string{"text": strings.Join(lines, "\n")}
		switch i % 3 {
		case 0:
			page["url"] = fmt.Sprintf("https://www%d.templates.com.cn/%d/%d", i%2, night, i)
			page["text"] = templateHead + "\n" + page["text"] + "\n" + strings.Replace(templateFoot, "2024", strconv.Itoa(2000+night), 1)
		case 1:
			page["url"] = fmt.Sprintf("https://plain.org/%d/%d", night, i)
		}
		data, err := json.Marshal(page)
		pipelinetest.Must(t, err)
		b.Write(append(data, '\n'))
	}
	pipelinetest.Must(t, os.MkdirAll(folder, 0o755))
	pipelinetest.Must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%03d.jsonl", night)), []byte(b.String()), 0o644))
}

var ofLines = []string{"lines"}

// lineNights makes a corpus of nights of pages. add says whether lines are counted behind each; with upkeep there is a compaction, a removal, a purge,
// a file that changes and a drop between them.
func lineNights(t *testing.T, nights int, add, upkeep bool) (out string) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "pages")
	out = filepath.Join(t.TempDir(), "out")
	for night := range nights {
		sitePages(t, in, night, 6)
		if upkeep && night == 5 {
			sitePages(t, in, 1, 9) // the file of a night before has become longer
		}
		r := job(t, signalOptions(t, ofLines, out, in))
		switch {
		case !upkeep:
		case night == 3:
			compacted(t, out, nil)
		case night == 6:
			removed(t, signalOptions(t, ofLines, out), remove.Params{Selection: remove.Selection{Where: "chars % 7 == 0"}})
		case night == 8:
			purged(t, signalOptions(t, ofLines, out))
		}
		if add {
			measured(t, signalOptions(t, ofLines, out))
		}
		if upkeep && night == 4 { // once more, as if it had not been
			maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
				_, err := c.Drop(ctx, corpus.DropInput{Version: r.Version, Later: true})
				return err
			})
		}
	}
	return out
}

// TestTemplateIsFound: all of a planted template is boilerplate, and none of the articles, nor of the pages of other sites.
func TestTemplateIsFound(t *testing.T) {
	t.Parallel()
	in, out := filepath.Join(t.TempDir(), "pages"), filepath.Join(t.TempDir(), "out")
	sitePages(t, in, 0, 90)
	o := signalOptions(t, ofLines, out, in)
	job(t, o)
	if n := len(signalsOf(t, out)); n != 0 {
		t.Fatalf("a night has measured the lines of %d documents", n)
	}
	if r := measured(t, o); r.Version != 2 || r.Documents != int64(len(live(t, out))) {
		t.Fatalf("%+v", r)
	}
	verified(t, out)
	if r := measured(t, o); r.Version != 0 {
		t.Errorf("measured again, though nothing has changed: %+v", r)
	}
	if c := compacted(t, out, nil); c.Version != 3 {
		t.Fatalf("%+v", c)
	}
	verified(t, out)
	if r := measured(t, o); r.Version != 0 {
		t.Errorf("measured behind a compaction, though no document came or went: %+v", r)
	}
	got, found := signalsOf(t, out), 0
	for id, text := range live(t, out) {
		want := map[string]int64{"boilerplate_chars": 0, "boilerplate_edge_chars": 0, "line_copies": 0}
		if strings.HasPrefix(text, templateHead) {
			found++
			template := int64(len([]rune(templateHead)) + 1 + len([]rune(templateFoot)))
			share := template * 1_000_000 / int64(len([]rune(text)))
			want = map[string]int64{"boilerplate_chars": share, "boilerplate_edge_chars": share, "line_copies": 30}
			for _, name := range []string{"boilerplate_chars", "boilerplate_edge_chars"} { // see signal.Share
				if got[id][name] == share+1 && share%10 == 0 {
					want[name]++
				}
			}
		}
		if d := cmp.Diff(want, got[id]); d != "" {
			t.Errorf("%s: %s", id, d)
		}
	}
	if found != 30 {
		t.Errorf("%d pages with a template, want 30", found)
	}
}

// TestLinesOfNights: lines that are counted night by night give the signals that counting all at once gives, also with a drop, a compaction, a
// removal, a purge and a file that changes between them; and few runs are left of many nights.
func TestLinesOfNights(t *testing.T) {
	inTurn(t)
	t.Parallel()
	for _, upkeep := range sample(t, []bool{false, true}, 1) {
		t.Run(fmt.Sprintf("upkeep %v", upkeep), func(t *testing.T) {
			t.Parallel()
			const nights = 30
			stepwise := lineNights(t, nights, true, upkeep)
			verified(t, stepwise)
			want := signalsOf(t, stepwise)
			if d := cmp.Diff(slices.Sorted(maps.Keys(live(t, stepwise))), slices.Sorted(maps.Keys(want))); d != "" || len(want) < 100 {
				t.Fatalf("signals of %d documents: %s", len(want), d)
			}
			if n := len(newest(t, stepwise).Lines); n == 0 || n > 6 {
				t.Errorf("%d runs of lines are left of %d nights", n, nights)
			}
			templates := 0
			for _, of := range want {
				if of["boilerplate_chars"] > 0 {
					templates++
				}
			}
			if templates < nights {
				t.Errorf("%d pages with boilerplate", templates)
			}
			later := lineNights(t, nights, false, upkeep)
			digest := ""
			for i, workers := range [][][]string{nil, eachStage()} {
				at := copied(t, later)
				o := signalOptions(t, ofLines, at)
				o.Workers, o.Slots = workers, 1+3*i
				r := measured(t, o)
				if digest == "" {
					digest = r.Digest
				}
				if r.Digest != digest {
					t.Errorf("with %d workers digest %s, not %s", 1+3*i, r.Digest, digest)
				}
				if d := cmp.Diff(want, signalsOf(t, at)); d != "" {
					t.Errorf("at once (-night by night +at once): %s", d)
				}
				if n := len(newest(t, at).Lines); n != 1 {
					t.Errorf("%d runs of one count", n)
				}
				verified(t, at)
			}
			if upkeep {
				return
			}
			in, one := filepath.Join(t.TempDir(), "pages"), filepath.Join(t.TempDir(), "out")
			for night := range nights {
				sitePages(t, in, night, 6)
			}
			job(t, signalOptions(t, ofLines, one, in))
			measured(t, signalOptions(t, ofLines, one))
			if d := cmp.Diff(want, signalsOf(t, one)); d != "" {
				t.Errorf("one night (-thirty +one): %s", d)
			}
		})
	}
}

// TestLinesOfWithdrawnDocuments: documents that go take their signals with them and count for nothing; a purge leaves nothing of their lines, and
// they can be counted anew behind it.
func TestLinesOfWithdrawnDocuments(t *testing.T) {
	inTurn(t)
	t.Parallel()
	out := lineNights(t, 8, true, false)
	before := signalsOf(t, out)
	removed(t, signalOptions(t, nil, out), remove.Params{Selection: remove.Selection{Where: `chars % 2 == 0`}})
	verified(t, out)
	if n := len(signalsOf(t, out)); n != len(live(t, out)) || n >= len(before) {
		t.Errorf("%d documents have signals, %d are live", n, len(live(t, out)))
	}
	if traces := tracesIn(t, out); !slices.ContainsFunc(traces, func(s string) bool { return strings.Contains(s, "keys of lines of withdrawn documents") }) {
		t.Errorf("no run of lines has withdrawn documents: %q", traces)
	}
	counted := copied(t, out)
	if r := measured(t, signalOptions(t, ofLines, counted)); r.Version == 0 {
		t.Fatal("nothing to measure behind a removal")
	}
	verified(t, counted)
	want := signalsOf(t, counted)
	most := int64(0)
	for _, of := range want {
		most = max(most, of["line_copies"])
	}
	if len(want) != len(live(t, out)) || most >= 16 || most < 5 {
		t.Errorf("%d documents, a line is in %d", len(want), most)
	}
	purged(t, signalOptions(t, nil, out))
	verified(t, out)
	if traces := tracesIn(t, out); len(traces) > 0 {
		t.Errorf("purged, there is left %q", traces)
	}
	if m := newest(t, out); len(m.Lines) > 0 {
		t.Errorf("behind a purge there are runs of lines: %+v", m.Lines)
	}
	if files, err := filepath.Glob(filepath.Join(out, "lines", "*", "*")); err != nil || len(files) > 0 {
		t.Errorf("a purge leaves %q (%v)", files, err)
	}
	measured(t, signalOptions(t, ofLines, out))
	verified(t, out)
	if d := cmp.Diff(want, signalsOf(t, out)); d != "" {
		t.Errorf("counted anew (-before the purge +behind it): %s", d)
	}
	if traces := tracesIn(t, out); slices.ContainsFunc(traces, func(s string) bool { return strings.Contains(s, "lines") }) {
		t.Errorf("purged and counted, there is left %q", traces)
	}
}

// TestLinesAndOwnSignals: where nothing but the corpus has changed, signals that follow from a document alone are kept and not measured again, and a job
// for them leaves those of lines as they are.
func TestLinesAndOwnSignals(t *testing.T) {
	inTurn(t)
	t.Parallel()
	both := []string{"lines", "script"}
	in, out := filepath.Join(t.TempDir(), "pages"), filepath.Join(t.TempDir(), "out")
	for night := range 3 {
		sitePages(t, in, night, 60)
		job(t, signalOptions(t, both, out, in)) // measures script
		if r := measured(t, signalOptions(t, both, out)); r.Version == 0 {
			t.Fatal("nothing to measure behind a night")
		}
		verified(t, out)
	}
	if r := measured(t, signalOptions(t, []string{"text"}, out)); r.Version == 0 {
		t.Fatal("nothing to measure of text")
	}
	verified(t, out)
	if r := measured(t, signalOptions(t, []string{"lines", "script", "text"}, out)); r.Version != 0 {
		t.Errorf("measured again, though nothing has changed: %+v", r)
	}
	if r := measured(t, signalOptions(t, []string{"lines", "repetition"}, out)); r.Version == 0 || newest(t, out).Lines[0].Made == r.Version {
		t.Errorf("lines were counted again: %+v", r)
	}
	verified(t, out)
	at := filepath.Join(t.TempDir(), "out")
	job(t, signalOptions(t, nil, at, in))
	measured(t, signalOptions(t, []string{"text", "lines", "script", "repetition"}, at))
	if d := cmp.Diff(signalsOf(t, at), signalsOf(t, out)); d != "" {
		t.Errorf("one by one (-at once +one by one): %s", d)
	}
}

// TestLinesKilled: kill -9 at each step of a job that counts the lines of a night and makes one run of four: the corpus is sound, and the same job again makes
// the same version.
func TestLinesKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, from := filepath.Join(t.TempDir(), "pages"), filepath.Join(t.TempDir(), "out")
	for night := range 4 {
		sitePages(t, in, night, 12)
		job(t, signalOptions(t, ofLines, from, in))
		if night < 3 {
			measured(t, signalOptions(t, ofLines, from))
		}
	}
	if n := len(newest(t, from).Lines); n != 3 {
		t.Fatalf("%d runs to be merged", n)
	}
	done := copied(t, from)
	points := pointsOfUpkeep(t, "measure lines", done)
	want, figures := newest(t, done), signalsOf(t, done)
	if len(want.Lines) != 1 || len(want.Removes) < 3 || len(points) < 12 {
		t.Fatalf("%d runs, %d files removed, points %v", len(want.Lines), len(want.Removes), points)
	}
	for _, point := range sample(t, points, 2) {
		at := copied(t, from)
		killedUpkeep(t, "measure lines", point, at)
		sound(t, at, point)
		upkeeps["measure lines"](t, at, nil)
		verified(t, at)
		if m := newest(t, at); m.Version != want.Version || m.Digest != want.Digest || len(m.Lines) != 1 {
			t.Errorf("%s: version %d has digest %s and %d runs of lines, want %d with %s", point, m.Version, m.Digest, len(m.Lines), want.Version, want.Digest)
		}
		if d := cmp.Diff(figures, signalsOf(t, at)); d != "" {
			t.Errorf("%s: %s", point, d)
		}
	}
}

// TestDamagedLines: a work file of counting that is damaged before it is read is made anew, and the version is the same.
func TestDamagedLines(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, from := filepath.Join(t.TempDir(), "pages"), filepath.Join(t.TempDir(), "out")
	sitePages(t, in, 0, 60)
	job(t, signalOptions(t, ofLines, from, in))
	want := measured(t, signalOptions(t, ofLines, copied(t, from)))
	for point, kind := range map[string]string{"phase:lines": "lines/*.lines", "phase:count": "frequent/*.idx"} {
		for _, damage := range damages {
			t.Run(kind+"/"+damage.name, func(t *testing.T) {
				t.Parallel()
				out := copied(t, from)
				var log bytes.Buffer
				o := signalOptions(t, ofLines, out)
				o.Log = zerolog.New(zerolog.SyncWriter(&log))
				var once sync.Once
				o.Hook = func(name string) {
					if name == point {
						once.Do(func() { damageFile(t, oneOf(t, out, kind), damage.do) })
					}
				}
				if got := measured(t, o); got.Digest != want.Digest {
					t.Errorf("digest %s, not %s\n%s", got.Digest, want.Digest, log.String())
				}
				verified(t, out)
				if !strings.Contains(log.String(), "damaged") {
					t.Errorf("nothing is said of the damage:\n%s", log.String())
				}
			})
		}
	}
}
