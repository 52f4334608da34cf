package monitor

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/millrace/millrace/pipeline/pipelinetest"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/vbauerster/mpb/v8"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lockedBuffer is a bytes.Buffer that a display's goroutine may write while a test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lines decodes log lines and keeps what a test compares.
func lines(t *testing.T, log string) (got []string) {
	t.Helper()
	for line := range strings.Lines(log) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got = append(got, m["message"].(string)+" "+m[keyStage].(string))
	}
	return got
}

func TestDisplayLogsEveryFewSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		tr := NewTracker(pipelinetest.Chain())
		tr.InputBytes(100e6)
		d := NewDisplay(&out, false)
		d.Show(t.Context(), tr, zerolog.New(d))
		tr.Phase("sign", 1)
		tr.AddInput("sign", 50e6, 5000)
		tr.AddOutcome(0, 0, 3, 4)
		time.Sleep(lineEvery - time.Millisecond)
		if got := out.String(); got != "" {
			t.Errorf("before the first line is due: %q", got)
		}
		time.Sleep(lineEvery)
		tr.TaskDone("sign")
		tr.Phase("pair", 4)
		time.Sleep(lineEvery)
		d.Stop()
		want := []string{"progress sign", "stage done sign", "progress pair"}
		if diff := cmp.Diff(want, lines(t, out.String())); diff != "" {
			t.Errorf("lines (-want +got):\n%s%s", diff, out.String())
		}
		first, _, _ := strings.Cut(out.String(), "\n")
		for _, part := range []string{
			`"done":0`, `"tasks":1`, `"percent":50`, `"mb_per_second":10`, `"documents_per_second":1000`, `"eta_seconds":5`,
			`"filtered":3`, `"rejected":4`,
		} {
			if !strings.Contains(first, part) {
				t.Errorf("first line has no %s: %s", part, first)
			}
		}
	})
}

func TestDisplayIsSilentInShortRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, terminal := range []bool{false, true} {
			var out lockedBuffer
			tr := NewTracker(pipelinetest.Chain())
			d := NewDisplay(&out, terminal)
			d.Show(t.Context(), tr, zerolog.New(d))
			tr.Phase("sign", 1)
			tr.TaskDone("sign")
			time.Sleep(barsDelay / 2)
			d.Stop()
			if got := out.String(); got != "" {
				t.Errorf("terminal %v: %q", terminal, got)
			}
		}
	})
}

func TestDisplayStopsAnyTime(t *testing.T) {
	var out lockedBuffer
	d := NewDisplay(&out, true)
	d.Stop()
	d.Show(t.Context(), NewTracker(pipelinetest.Chain()), zerolog.Nop())
	d.Stop()
	d.Stop()
	if _, err := d.Write([]byte("after\n")); err != nil || out.String() != "after\n" {
		t.Errorf("write after stop: %v, %q", err, out.String())
	}
}

func TestBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := NewTracker(pipelinetest.Chain())
		tr.InputBytes(200e6)
		tr.Phase("cut", 8)
		tr.AddInput("cut", 100e6, 123456)
		tr.Phase("mill", 2)
		time.Sleep(10 * time.Second)
		tr.TaskDone("mill")
		tr.TaskDone("mill")
		tr.AddOutcome(1234567, 89, 1, 2)

		var out lockedBuffer
		screen, bars := newBars(&out, tr, mpb.WithAutoRefresh())
		time.Sleep(time.Second)
		if _, err := screen.Write([]byte("a log line\n")); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		for _, b := range bars {
			b.Abort(true)
		}
		screen.Wait()

		text := out.String()
		for _, want := range []string{
			"cut       ━━━━━━━━━━━━────────────  50%     9.9 MB/s   12,163 doc/s  eta 10s",
			"mill      ━━━━━━━━━━━━━━━━━━━━━━━━ 100%  10s",
			"sum       ────────────────────────",
			"10s  kept 1,234,567  duplicates 89  filtered 1  rejected 2",
			"a log line",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q on the screen", want)
			}
		}
		if t.Failed() {
			t.Log(text[:min(len(text), 2000)])
		}
	})
}

func TestDisplayWritesAboveBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		d := NewDisplay(&out, true)
		d.Show(t.Context(), NewTracker(pipelinetest.Chain()), zerolog.Nop())
		time.Sleep(2 * barsDelay)
		if _, err := d.Write([]byte("a warning\n")); err != nil {
			t.Error(err)
		}
		d.Stop()
		// A buffer is no terminal, so the screen keeps what it is given; a real one shows it (see the bars' own test).
		if _, err := d.Write([]byte("the end\n")); err != nil || !strings.HasSuffix(out.String(), "the end\n") {
			t.Errorf("%v, %q", err, out.String())
		}
	})
}

func TestFormat(t *testing.T) {
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond: "0s", 12 * time.Second: "12s", 185 * time.Second: "3m05s", 127 * time.Minute: "2h07m",
	} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %q, want %q", d, got, want)
		}
	}
	// Jobs that keep and reject nothing do not say that they kept nothing.
	if got := totalsText(Snapshot{Elapsed: 12 * time.Second}); got != "12s" {
		t.Errorf("without outcomes the totals are %q", got)
	}
}
