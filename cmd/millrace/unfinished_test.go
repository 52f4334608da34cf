package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// batchOf writes a file of articles, the first of them broken, as of an hour ago, so that no run waits for it to settle.
func batchOf(t *testing.T, folder, name string, seed uint64, articles, broken int) {
	t.Helper()
	random := newRandom(seed)
	var b strings.Builder
	for i := range articles {
		text := article(random, 150)
		if i < broken {
			b.WriteString(`{"text": broken` + "\n")
			continue
		}
		fmt.Fprintf(&b, `{"text":%q}`+"\n", text)
	}
	at := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Of another broken: another time, as somebody who mends it leaves it.
	old := time.Now().Add(-time.Hour - time.Duration(broken)*time.Minute)
	if err := os.Chtimes(at, old, old); err != nil {
		t.Fatal(err)
	}
}

// settingsFile writes a config of one source that is scanned and more lines.
func settingsFile(t *testing.T, out, in string, more ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.yaml")
	text := fmt.Sprintf("out: %q\nsources: [{name: news, path: %q, scan: true}]\n%s\n", out, in, strings.Join(more, "\n"))
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// runs runs millrace run --json and wants an exit code.
func runs(t *testing.T, code int, args ...string) execution {
	t.Helper()
	e := execute(t, nil, append([]string{"run", "--json"}, args...)...)
	if e.code != code {
		t.Fatalf("run %v: exit %d, want %d\n%s%s", args, e.code, code, e.stdout, e.stderr)
	}
	return e
}

// holdings are what a corpus holds: for each version its date and the paths of the documents that it kept, with their number.
func holdings(t *testing.T, out string) (list []string) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	versions, err := corpus.Open(s, tables()).Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range versions {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %d of %d", m.Run.Date[:min(10, len(m.Run.Date))], m.Totals.Documents.Kept, m.Totals.Files.Read+m.Totals.Files.InPart)))
	}
	return list
}

func wantHoldings(t *testing.T, out string, want ...string) {
	t.Helper()
	if got := holdings(t, out); !slices.Equal(got, want) {
		t.Errorf("versions of %s: %q, want %q (date, kept documents, files)", out, got, want)
	}
	verified(t, out)
}

// killedRun begins a run of paths with the settings of the crash tests, and kills it behind its first task.
func killedRun(t *testing.T, out, in, work, date string) {
	t.Helper()
	cmd := child(t, "worker:recorded#1", out, in)
	cmd.Env = append(cmd.Env, workEnv+"="+work, dateEnv+"="+date)
	output, err := cmd.CombinedOutput()
	if !killed(t, err, string(output)) {
		t.Fatalf("the run was not killed:\n%s", output)
	}
}

const (
	severe  = "limits: {max_reject_ratio: 0.2}"
	lenient = "limits: {max_reject_ratio: 1}"
)

// TestSharedWork: corpora that share a work folder share nothing else, whatever stopped one of them.
func TestSharedWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b, work := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "work")
	batchOf(t, a, "x.jsonl", 1, 20, 10)
	batchOf(t, b, "y.jsonl", 2, 20, 0)
	limits := settingsFile(t, "", a, severe)

	t.Run("stopped by a limit", func(t *testing.T) {
		first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
		runs(t, exitFailed, a, "--out", first, "--work", work, "--config", limits)
		profile := settingsFile(t, "", a, "work: "+work)
		runs(t, exitDone, b, "--out", second, "--config", profile)
		wantHoldings(t, second, "20 of 1")
		if e := runs(t, exitRejected, a, "--out", first, "--config", profile); !e.result.Resumed {
			t.Errorf("the first corpus's run was not taken up again: %+v", e.result)
		}
		wantHoldings(t, first, "10 of 1")
		runs(t, exitDone, a, "--out", first, "--config", profile)
		runs(t, exitDone, b, "--out", second, "--config", profile)
		wantHoldings(t, second, "20 of 1")
	})
	t.Run("killed", func(t *testing.T) {
		first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
		killedRun(t, first, a, work, "")
		killedRun(t, second, b, work, "")
		for range 2 { // in turn
			o := jobOptions(t, first, a)
			o.Work = work
			job(t, o)
			o = jobOptions(t, second, b)
			o.Work = work
			job(t, o)
		}
		wantHoldings(t, first, "10 of 1")
		wantHoldings(t, second, "20 of 1")
	})
	t.Run("moved", func(t *testing.T) {
		at := t.TempDir()
		was, is := filepath.Join(at, "was"), filepath.Join(at, "is")
		killedRun(t, was, a, work, "")
		if err := os.Rename(was, is); err != nil {
			t.Fatal(err)
		}
		o := jobOptions(t, is, a)
		o.Work = work
		if got := job(t, o); !got.Resumed {
			t.Errorf("a corpus that was moved has another identity: %+v", got)
		}
		wantHoldings(t, is, "10 of 1")
	})
	for _, elsewhere := range []string{work, ""} {
		t.Run("copied, work in "+filepath.Base(elsewhere), func(t *testing.T) {
			at := t.TempDir()
			original, twin := filepath.Join(at, "original"), filepath.Join(at, "twin")
			killedRun(t, original, a, elsewhere, "")
			if err := os.CopyFS(twin, os.DirFS(original)); err != nil {
				t.Fatal(err)
			}
			o := jobOptions(t, twin, b)
			o.Work = elsewhere
			job(t, o)
			wantHoldings(t, twin, "20 of 1")
			o = jobOptions(t, original, a)
			o.Work = elsewhere
			if got := job(t, o); !got.Resumed {
				t.Errorf("the original lost its run to the copy: %+v", got)
			}
			wantHoldings(t, original, "10 of 1")
		})
	}
	t.Run("made anew", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		killedRun(t, out, a, work, "")
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		o := jobOptions(t, out, b)
		o.Work = work
		job(t, o)
		wantHoldings(t, out, "20 of 1")
	})
}

// TestUnfinishedEndsFirst: an unfinished run ends under its own date, and then comes what was asked for, in one command.
func TestUnfinishedEndsFirst(t *testing.T) {
	inTurn(t)
	t.Parallel()
	t.Run("a night that was stopped", func(t *testing.T) {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		batchOf(t, in, "night1.jsonl", 1, 20, 10)
		stopped := settingsFile(t, out, in, severe)
		runs(t, exitFailed, "--config", stopped, "--date", "2026-11-01")
		batchOf(t, in, "night2.jsonl", 2, 20, 0)
		e := execute(t, nil, "run", "--json", "--config", stopped, "--date", "2026-11-02")
		if e.code != exitFailed || !strings.Contains(e.stderr, "more than limits.max_reject_ratio") || !strings.Contains(e.stderr, "2026-11-01") || !strings.Contains(e.stderr, "--restart") {
			t.Errorf("the next night, nothing mended: exit %d\n%s", e.code, e.stderr)
		}
		wantHoldings(t, out)
		raised := settingsFile(t, out, in, lenient)
		e = runs(t, exitRejected, "--config", raised, "--date", "2026-11-02")
		if f := e.result.Finished; len(f) != 1 || f[0].Version != 1 || f[0].Documents.Rejected != 10 || e.result.Version != 2 {
			t.Errorf("%+v, want version 2, behind version 1", e.result)
		}
		wantHoldings(t, out, "2026-11-01 10 of 1", "2026-11-02 20 of 1")
		for _, date := range []string{"2026-11-01", "2026-11-02"} {
			if e := runs(t, exitDone, "--config", raised, "--date", date); e.result.Version != 0 {
				t.Errorf("%s asked for again: %+v", date, e.result)
			}
		}
	})
	for _, date := range []string{"", "2026-11-01"} {
		t.Run("other paths behind a kill, date "+date, func(t *testing.T) {
			dir := t.TempDir()
			a, b, out := filepath.Join(dir, "one", "in"), filepath.Join(dir, "two", "in"), filepath.Join(dir, "out") // of one name
			batchOf(t, a, "x.jsonl", 1, 20, 0)
			batchOf(t, b, "y.jsonl", 2, 10, 0)
			killedRun(t, out, a, "", date)
			got, err := ingest.Run(t.Context(), jobOptions(t, out, b)) // ends it, and is then told that the name is taken
			if !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(pipeline.Hint(err), "--source two/in="+b) || len(got.Finished) != 1 || !got.Finished[0].Resumed {
				t.Errorf("%+v, %v", got, err)
			}
			wantHoldings(t, out, strings.TrimSpace(date+" 20 of 1"))
			second := filepath.Join(dir, "again")
			killedRun(t, second, a, "", date)
			o := jobOptions(t, second)
			o.Named = []intake.NamedPath{{Name: "two/in", Path: b}}
			if got := job(t, o); len(got.Finished) != 1 || got.Version != 2 || got.Resumed || !got.Finished[0].Resumed {
				t.Errorf("%+v, want version 2 behind version 1", got)
			}
			wantHoldings(t, second, strings.TrimSpace(date+" 20 of 1"), "10 of 1")
			if again := job(t, jobOptions(t, second, a, b+"/y.jsonl")); again.Version != 0 && again.Documents.Kept > 0 {
				t.Errorf("asked again: %+v", again)
			}
		})
	}
	t.Run("nothing behind it", func(t *testing.T) {
		dir := t.TempDir()
		a, b, out := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "out")
		batchOf(t, a, "x.jsonl", 1, 20, 0)
		batchOf(t, b, "y.jsonl", 2, 10, 0)
		job(t, jobOptions(t, out, b))
		killedRun(t, out, a, "", "")
		if got := job(t, jobOptions(t, out, b)); got.Version != 0 || len(got.Finished) != 1 || got.Finished[0].Version != 2 {
			t.Errorf("%+v, want nothing new behind version 2", got)
		}
		wantHoldings(t, out, "10 of 1", "20 of 1")
	})
	t.Run("a path that is not there", func(t *testing.T) {
		dir := t.TempDir()
		a, out := filepath.Join(dir, "a"), filepath.Join(dir, "out")
		batchOf(t, a, "x.jsonl", 1, 20, 0)
		killedRun(t, out, a, "", "")
		runs(t, exitUsage, filepath.Join(dir, "nosuch"), "--out", out)
		if got := job(t, jobOptions(t, out, a)); !got.Resumed {
			t.Errorf("%+v, want the unfinished run", got)
		}
	})
	t.Run("a source that is gone", func(t *testing.T) {
		dir := t.TempDir()
		a, b, out := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "out")
		batchOf(t, a, "x.jsonl", 1, 20, 0)
		batchOf(t, b, "y.jsonl", 2, 10, 0)
		killedRun(t, out, a, "", "")
		if err := os.RemoveAll(a); err != nil {
			t.Fatal(err)
		}
		if e := runs(t, exitUnreachable, b, "--out", out); !strings.Contains(e.stderr, "--restart") {
			t.Errorf("no way out:\n%s", e.stderr)
		}
		runs(t, exitDone, b, "--out", out, "--restart")
		wantHoldings(t, out, "10 of 1")
	})
}

// TestMended: what limits or an alarm stopped goes on by the same command once somebody has mended the input or the settings, and so do the
// nights behind it.
func TestMended(t *testing.T) {
	t.Parallel()
	const date1, date2 = "2026-11-01", "2026-11-02"
	for _, dated := range []bool{true, false} {
		name := "without a date"
		args := func(config, _ string) []string { return []string{"--config", config} }
		version := func(_, what string) string { return what }
		if dated {
			name = "dated"
			args = func(config, date string) []string { return []string{"--config", config, "--date", date} }
			version = func(date, what string) string { return date + " " + what }
		}
		prepare := func(t *testing.T) (in, out, settings string) {
			dir := t.TempDir()
			in, out = filepath.Join(dir, "in"), filepath.Join(dir, "out")
			batchOf(t, in, "n1.jsonl", 1, 20, 10)
			settings = settingsFile(t, out, in, severe)
			for range 2 { // the second stops at once
				runs(t, exitFailed, args(settings, date1)...)
			}
			return in, out, settings
		}
		t.Run(name+", the same command", func(t *testing.T) {
			in, out, settings := prepare(t)
			batchOf(t, in, "n1.jsonl", 1, 20, 0)
			e := runs(t, exitDone, args(settings, date1)...)
			if g := e.result.GivenUp; g == nil || !strings.Contains(g.Why, "news/n1.jsonl has changed") {
				t.Errorf("given up: %+v", g)
			}
			batchOf(t, in, "n2.jsonl", 2, 20, 0)
			runs(t, exitDone, args(settings, date2)...)
			wantHoldings(t, out, version(date1, "20 of 1"), version(date2, "20 of 1"))
		})
		t.Run(name+", by the next night", func(t *testing.T) {
			in, out, settings := prepare(t)
			if err := os.Remove(filepath.Join(in, "n1.jsonl")); err != nil {
				t.Fatal(err)
			}
			batchOf(t, in, "n2.jsonl", 2, 20, 0)
			runs(t, exitDone, args(settings, date2)...)
			wantHoldings(t, out, version(date2, "20 of 1"))
		})
		t.Run(name+", by settings", func(t *testing.T) {
			in, out, _ := prepare(t)
			mended := settingsFile(t, out, in, "parse: {max_document_bytes: 1MiB}", "limits: {max_reject_ratio: 0.6}")
			e := runs(t, exitRejected, args(mended, date1)...)
			if g := e.result.GivenUp; g == nil || !strings.Contains(g.Why, "parse.max_document_bytes") {
				t.Errorf("given up: %+v", g)
			}
			wantHoldings(t, out, version(date1, "10 of 1"))
		})
	}
	t.Run("an alarm", func(t *testing.T) {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		alarmed := settingsFile(t, out, in, "alarms: {documents: 0.5}")
		for n := range 2 {
			batchOf(t, in, fmt.Sprintf("%d.jsonl", n), uint64(n), 20, 0)
			runs(t, exitDone, "--config", alarmed)
		}
		batchOf(t, in, "2.jsonl", 2, 3, 0)
		for range 2 {
			if e := runs(t, exitFailed, "--config", alarmed); !strings.Contains(e.stderr, "alarms.documents") {
				t.Errorf("no alarm:\n%s", e.stderr)
			}
		}
		batchOf(t, in, "late.jsonl", 3, 18, 0) // the rest of the night
		if e := runs(t, exitDone, "--config", alarmed); e.result.GivenUp == nil {
			t.Errorf("%+v, want the run of 3 documents given up", e.result)
		}
		wantHoldings(t, out, "20 of 1", "20 of 1", "21 of 2")
		batchOf(t, in, "4.jsonl", 4, 100, 0)
		runs(t, exitFailed, "--config", alarmed)
		if e := runs(t, exitDone, "--config", alarmed, "--force"); !e.result.Resumed {
			t.Errorf("%+v, want what was done so far", e.result)
		}
	})
}

// TestOtherSettingsAndCode: a run that was interrupted, and would come out otherwise today, is refused with a way out that works.
func TestOtherSettingsAndCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	batchOf(t, in, "x.jsonl", 1, 20, 0)
	other := settingsFile(t, "", in, "parse: {max_document_bytes: 1MiB}")
	t.Run("settings", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		killedRun(t, out, in, "", "")
		e := runs(t, exitUsage, in, "--out", out, "--config", other)
		if !strings.Contains(e.stderr, "parse.max_document_bytes") || !strings.Contains(e.stderr, "--restart") {
			t.Errorf("it does not say what differs and what helps:\n%s", e.stderr)
		}
		runs(t, exitDone, in, "--out", out, "--config", other, "--restart")
		wantHoldings(t, out, "20 of 1")
	})
	t.Run("code", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		killedRun(t, out, in, "", "")
		plans, err := filepath.Glob(filepath.Join(out, ".millrace", "runs", "*"))
		if err != nil || len(plans) != 1 {
			t.Fatalf("%v, %v", plans, err)
		}
		olderPlan(t, plans[0])
		if e := execute(t, nil, "inspect", out, "--unfinished"); e.code != exitUsage || !strings.Contains(e.stderr, "code version 7") {
			t.Errorf("a look at it: exit %d, %s", e.code, e.stderr)
		}
		e := runs(t, exitUsage, in, "--out", out)
		if !strings.Contains(e.stderr, "code version") || !strings.Contains(e.stderr, "--restart") {
			t.Errorf("it does not say what differs and what helps:\n%s", e.stderr)
		}
		runs(t, exitDone, in, "--out", out, "--restart")
		wantHoldings(t, out, "20 of 1")
	})
}

// olderPlan makes the plan in a folder one of code version 7, by how much of it can still be read.
func olderPlan(t *testing.T, folder string) {
	t.Helper()
	const plan = `{"code":"7","version":1,"sources":[{"name":"in","root":"/in"}],"files":[{"source":0,"path":"x.jsonl","bytes":1,"mod_time":1,` +
		`"format":"jsonl","document":"line"}],"splits":[{"pieces":[{"file":0,"start":0,"end":1}]}],"partitions":1,"shard_bytes":1000,"settings":{}}`
	if err := os.WriteFile(filepath.Join(folder, "plan.json"), []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestStoppedIsSeen: whoever hears of a stop sees the worst files with a record each, at once and by inspect --unfinished, which changes
// nothing.
func TestStoppedIsSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out, work := filepath.Join(dir, "in"), filepath.Join(dir, "out"), filepath.Join(dir, "work")
	for i := range 8 {
		batchOf(t, in, fmt.Sprintf("%d.jsonl", i), uint64(i), 20, 2*i)
	}
	long := fmt.Sprintf(`{"none":%q}`+"\n", strings.Repeat("很长的一行", 1000))
	if err := os.WriteFile(filepath.Join(in, "long.jsonl"), []byte(strings.Repeat(long, 30)), 0o600); err != nil {
		t.Fatal(err)
	}
	look := func(args ...string) (u ingest.UnfinishedRun, text string) {
		t.Helper()
		e := execute(t, nil, append([]string{"inspect", out, "--unfinished", "--work", work, "--json"}, args...)...)
		var got struct{ Unfinished *ingest.UnfinishedRun }
		if err := json.Unmarshal([]byte(e.stdout), &got); err != nil || e.code != exitDone {
			t.Fatalf("inspect --unfinished: exit %d, %v\n%s%s", e.code, err, e.stdout, e.stderr)
		}
		if got.Unfinished == nil {
			return u, ""
		}
		return *got.Unfinished, execute(t, nil, "inspect", out, "--unfinished", "--work", work).stdout
	}
	settings := settingsFile(t, out, in, severe, "work: "+work)
	e := runs(t, exitFailed, "--config", settings, "--date", "2026-11-01")
	for _, want := range []string{"in/long.jsonl: 30 of 30 documents rejected, first at byte 0: field_missing", "in/7.jsonl: 14 of 20 documents", "{\"text\": broken", "in/4.jsonl"} {
		if want = strings.Replace(want, "in/", "news/", 1); !strings.Contains(e.told(), want) {
			t.Errorf("the error does not hold %q:\n%s", want, e.stderr)
		}
	}
	if strings.Contains(e.stderr, "news/1.jsonl") || len(e.stderr) > 4000 {
		t.Errorf("it says too much:\n%s", e.stderr)
	}
	before := readersSee(t, dir)
	u, text := look()
	if u.ID != "20261101T000000Z" || u.Date != "2026-11-01T00:00:00Z" || u.Version != 1 || u.Documents != 190 || u.Rejected != 86 ||
		u.Reasons["field_missing"] != 30 || !strings.Contains(u.Stopped, "max_reject_ratio") || len(u.Worst) != 5 {
		t.Errorf("%+v", u)
	}
	if w := u.Worst[0]; w.Path != "long.jsonl" || !strings.HasPrefix(w.Head, `{"none":"很长的一行`) || len([]rune(w.Head)) > 90 {
		t.Errorf("the worst file: %+v", w)
	}
	if !strings.Contains(text, "stopped: nothing is committed") || !strings.Contains(text, "news/7.jsonl") {
		t.Errorf("as text:\n%s", text)
	}
	if after := readersSee(t, dir); !slices.Equal(before, after) {
		t.Errorf("files before %q and after %q", before, after)
	}
	runs(t, exitRejected, "--config", settingsFile(t, out, in, lenient, "work: "+work), "--date", "2026-11-01")
	if u, _ := look(); u.Version != 0 {
		t.Errorf("behind its end: %+v", u)
	}
	more := filepath.Join(dir, "more")
	batchOf(t, more, "x.jsonl", 99, 20, 0)
	killedRun(t, out, more, work, "")
	if u, text := look(); u.Version != 2 || u.Stopped != "" || !strings.Contains(text, "interrupted") {
		t.Errorf("a run that was killed: %+v\n%s", u, text)
	}
}
