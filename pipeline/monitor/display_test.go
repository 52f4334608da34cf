package monitor

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/pipelinetest/terminal"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
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
		time.Sleep(firstLine - time.Millisecond)
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
			`"done":0`, `"tasks":1`, `"percent":50`, `"mb_per_second":25`, `"documents_per_second":2500`, `"eta_seconds":2`,
			`"filtered":3`, `"rejected":4`, `"total_percent":2.8`,
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

// screenOf is a terminal that a display draws on, and where the cursor stood after each picture.
type screenOf struct {
	*terminal.Terminal
	mu   sync.Mutex
	rows []int // guarded by mu
}

func (s *screenOf) Write(p []byte) (int, error) {
	n, err := s.Terminal.Write(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	row, _ := s.Cursor()
	s.rows = append(s.rows, row)
	return n, err
}

// halfDone is a tracker of a run that has map behind it by a half.
func halfDone() *Tracker {
	tr := NewTracker(pipelinetest.Chain())
	tr.InputBytes(200e6)
	for _, stage := range []string{"cut", "mill", "sign"} {
		tr.Phase(stage, 8)
		tr.AddInput(stage, 100e6, 123456)
	}
	tr.AddRead(1234567)
	tr.AddOutcome(0, 0, 1, 2)
	time.Sleep(10 * time.Second)
	return tr
}

func TestBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := halfDone()
		out := &screenOf{Terminal: terminal.New(80, 24)}
		d := NewDisplay(out, true)
		d.Show(t.Context(), tr, zerolog.Nop())
		time.Sleep(barsDelay + drawEvery/2)
		want := []string{
			"total     ━──────────────────────   8%                               eta 1m53s",
			"  cut     ━━━━━━━━━━━────────────  50%     9.7 MB/s    11,986 doc/s  eta 10s",
			"  mill    ━━━━━━━━━━━────────────  50%     9.7 MB/s    11,986 doc/s  eta 10s",
			"  sign    ━━━━━━━━━━━────────────  50%     9.7 MB/s    11,986 doc/s  eta 10s",
			"  pair    ───────────────────────",
			"10s  read 1,234,567  filtered 1  rejected 2",
		}
		if diff := cmp.Diff(want, out.Lines()); diff != "" {
			t.Errorf("picture (-want +got):\n%s", diff)
		}
		if _, err := d.Write([]byte("a log line\n")); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(append([]string{"a log line"}, want...), out.Lines()); diff != "" {
			t.Errorf("picture below a line (-want +got):\n%s", diff)
		}
		for range 8 {
			tr.TaskDone("sign")
		}
		tr.Phase("pair", 2)
		tr.AddOutcome(0, 89, 0, 0)
		time.Sleep(time.Second)
		tr.Restart("the next one")
		time.Sleep(time.Second) // lower by some lines, in the same place
		d.Stop()
		if diff := cmp.Diff([]string{"a log line"}, out.Lines()); diff != "" {
			t.Errorf("behind the display (-want +got):\n%s", diff)
		}
		if w := out.Wrapped(); len(w) > 0 || out.Err() != nil {
			t.Errorf("wrapped %q, %v", w, out.Err())
		}
		out.mu.Lock()
		defer out.mu.Unlock()
		ends := map[int]int{}
		for _, row := range out.rows[:len(out.rows)-1] {
			ends[row]++
		}
		if len(ends) != 3 { // of the first pictures, below a line, and with one stage more
			t.Errorf("pictures end in rows %v", ends)
		}
	})
}

func TestDisplayTellsOfResuming(t *testing.T) {
	for _, passes := range []time.Duration{barsDelay / 2, 2 * barsDelay} { // also a run that is over at once tells it
		synctest.Test(t, func(t *testing.T) {
			tr := NewTracker(pipelinetest.Chain())
			out := terminal.New(80, 24)
			d := NewDisplay(out, true)
			d.Show(t.Context(), tr, zerolog.Nop())
			tr.Restart("plan")
			tr.Resumed("the run of 2026-11-23", "map", 1, 1234)
			time.Sleep(passes)
			d.Stop()
			if diff := cmp.Diff([]string{"resuming the run of 2026-11-23: 1 of 1,234 tasks are done"}, out.Lines()); diff != "" {
				t.Errorf("after %v (-want +got):\n%s", passes, diff)
			}
		})
	}
}

func TestPlanningIsShown(t *testing.T) {
	for _, width := range []int{60, 80} {
		synctest.Test(t, func(t *testing.T) {
			tr := NewTracker(pipelinetest.Chain())
			out := terminal.New(width, 24)
			d := NewDisplay(out, true)
			d.Show(t.Context(), tr, zerolog.Nop())
			p := tr.Planning()
			p.Restart("finding files")
			p.Begin(pipeline.PlanningStep{Name: "finding files", Of: "新闻/" + strings.Repeat("长", 40)})
			for range 9833 {
				p.Found(10000)
			}
			time.Sleep(2 * time.Second)
			want := []string{"planning  finding files of 新闻/" + strings.Repeat("长", (width-1-32)/2) + "…", "2s  9,833 files found  98.3 MB"}
			if diff := cmp.Diff(want, out.Lines()); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			p.Begin(pipeline.PlanningStep{Name: "cutting files and members of archives", Total: 9833})
			for range 4000 {
				p.Done()
			}
			time.Sleep(time.Second)
			if got := out.Lines(); !strings.Contains(got[0], "  40%  cutting files and ") || got[1] != "3s  9,833 files found  98.3 MB" {
				t.Errorf("cutting: %q", got)
			}
			p.End()
			tr.Phase("cut", 3)
			time.Sleep(time.Second)
			if got := out.Lines(); !strings.HasPrefix(got[0], "total") {
				t.Errorf("behind the plan: %q", got)
			}
			d.Stop()
			if w := out.Wrapped(); len(w) > 0 {
				t.Errorf("wrapped %q", w)
			}
		})
	}
}

func TestDisplayWritesAboveBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := terminal.New(80, 24)
		d := NewDisplay(out, true)
		d.Show(t.Context(), NewTracker(pipelinetest.Chain()), zerolog.Nop())
		time.Sleep(2 * barsDelay)
		if _, err := d.Write([]byte("a warning")); err != nil {
			t.Error(err)
		}
		d.Stop()
		if _, err := d.Write([]byte("the end\n")); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"a warning", "the end"}, out.Lines()); diff != "" {
			t.Errorf("screen (-want +got):\n%s", diff)
		}
	})
}

// TestFrameFits: at no width a line wraps, or ends within a number, whatever the figures are.
func TestFrameFits(t *testing.T) {
	chain := pipelinetest.Chain()
	for width := 20; width <= 200; width++ {
		for _, scale := range []int64{1, 1e3, 1e6, 1e12} {
			s := Snapshot{
				Elapsed: time.Duration(scale) * time.Millisecond, Stages: StagesOf(chain), InputBytes: 10 * scale, Read: 1234567 * scale,
				Kept: 1234567 * scale, Duplicates: scale, Filtered: scale, Rejected: scale, Notes: []string{"没有工人：" + strings.Repeat("等待", 100)},
			}
			for i := range s.Stages[:6] {
				st := &s.Stages[i]
				st.Begun, st.Total, st.Done, st.Bytes, st.Documents, st.Input = true, 100*scale, 34*scale, 34*scale*1e6, 34*scale*1e3, 100*scale*1e6
				st.Elapsed = max(s.Elapsed, 2*time.Second)
			}
			s.Weigh()
			out := terminal.New(width, 24)
			lines := Frame(&s, width)
			for _, line := range lines {
				if _, err := out.Write([]byte(line + "\n")); err != nil {
					t.Fatal(err)
				}
			}
			if w := out.Wrapped(); len(w) > 0 {
				t.Errorf("width %d, scale %d: wrapped %q", width, scale, w)
			}
			if width < 40 {
				continue
			}
			all := strings.Join(lines, "\n")
			for _, whole := range []string{"34%", "kept " + pipeline.Thousands(s.Kept), "rejected " + pipeline.Thousands(s.Rejected)} {
				if width >= 60 && !strings.Contains(all, whole) {
					t.Errorf("width %d, scale %d: no %q in\n%s", width, scale, whole, all)
				}
			}
		}
	}
}

// TestWholeIsSane: in runs that go as those did which the weights are of, in others, and in ones that were resumed, the bar never goes back and
// the estimate is never far off.
func TestWholeIsSane(t *testing.T) {
	type phase struct {
		stage string
		tasks int
		takes time.Duration
	}
	tests := []struct {
		name    string
		phases  []phase
		resumed int
	}{
		{"even", []phase{{"sign", 50, 10 * time.Second}, {"pair", 4, 10 * time.Second}, {"choose", 1, 10 * time.Second}, {"weigh", 8, 10 * time.Second}, {"sort", 8, 10 * time.Second}, {"sum", 1, 10 * time.Second}}, 0},
		{"long map", []phase{{"sign", 50, 1000 * time.Second}, {"pair", 4, 10 * time.Second}, {"choose", 1, time.Second}, {"weigh", 8, 20 * time.Second}, {"sort", 8, time.Second}, {"sum", 1, time.Second}}, 0},
		{"short map", []phase{{"sign", 50, 10 * time.Second}, {"pair", 4, 100 * time.Second}, {"choose", 1, time.Second}, {"weigh", 8, 200 * time.Second}, {"sort", 8, time.Second}, {"sum", 1, time.Second}}, 0},
		{"small", []phase{{"sign", 1, 10 * time.Millisecond}, {"pair", 1, 0}, {"choose", 1, 0}, {"weigh", 1, 10 * time.Millisecond}, {"sort", 1, 0}, {"sum", 1, 0}}, 0},
		{"resumed", []phase{{"sign", 50, 70 * time.Second}, {"pair", 4, 10 * time.Second}, {"choose", 1, 10 * time.Second}, {"weigh", 8, 20 * time.Second}, {"sort", 8, 10 * time.Second}, {"sum", 1, 10 * time.Second}}, 25},
		{"nothing kept", []phase{{"sign", 50, 70 * time.Second}, {"pair", 0, 0}, {"choose", 1, time.Second}, {"weigh", 0, 0}, {"sort", 0, 0}, {"sum", 1, time.Second}}, 0},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			tr := NewTracker(pipelinetest.Chain())
			tr.Restart(tt.name)
			for range tt.resumed {
				tr.TaskDone("sign")
			}
			var end time.Duration
			for _, p := range tt.phases {
				end += p.takes
			}
			left := end
			last, worst := 0.0, 0.0
			look := func() {
				s := tr.Snapshot()
				if s.Whole < last || s.Whole >= 1 {
					t.Errorf("%s: %g after %g", tt.name, s.Whole, last)
				}
				last = s.Whole
				if s.Known {
					worst = max(worst, float64(s.ETA)/float64(max(left, end/20, time.Second)), float64(left-end/20)/float64(max(s.ETA, 1)))
				}
			}
			for _, p := range tt.phases {
				for _, stage := range map[string][]string{"sign": {"cut", "mill", "sign"}, "weigh": {"print", "weigh"}}[p.stage] {
					tr.Phase(stage, p.tasks)
				}
				tr.Phase(p.stage, p.tasks)
				if p.stage == "sign" {
					p.takes -= p.takes * time.Duration(tt.resumed) / time.Duration(p.tasks)
					left -= p.takes * time.Duration(tt.resumed) / time.Duration(max(p.tasks-tt.resumed, 1))
					p.tasks -= tt.resumed
				}
				for range p.tasks {
					look()
					time.Sleep(p.takes / time.Duration(p.tasks))
					left -= p.takes / time.Duration(p.tasks)
					if p.stage == "weigh" {
						tr.TaskDone("print")
					}
					tr.TaskDone(p.stage)
				}
				look()
			}
			if tt.name == "even" && worst > 3 || worst > 200 {
				t.Errorf("%s: the estimate is off by a factor of %g", tt.name, worst)
			}
			if last < 0.98 {
				t.Errorf("%s: at the end %g", tt.name, last)
			}
		})
	}
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
	if got := totals(&Snapshot{Elapsed: 12 * time.Second}); len(got) != 1 || got[0] != "12s" {
		t.Errorf("without outcomes the totals are %q", got)
	}
}
