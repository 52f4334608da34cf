package pipeline_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func write(t *testing.T, s pipeline.Store, name string, data []byte) {
	t.Helper()
	if err := pipeline.WriteAll(t.Context(), s, name, data); err != nil {
		t.Fatal(err)
	}
}

// TestEntries: what is read of a stage that is over is what was written, or an error, and never half of it.
func TestEntries(t *testing.T) {
	list := []pipeline.Entry{
		{Stage: "mill", Verdict: pipeline.VerdictDone, Rows: 3, Outputs: []pipeline.Output{{Name: "a", Bytes: 7, Digest: "0"}}},
		{Stage: "mill", Index: 1, Verdict: pipeline.VerdictDead, Reason: "two\nlines"},
	}
	data, err := pipeline.EncodePhase(list)
	if err != nil {
		t.Fatal(err)
	}
	name := pipeline.PhaseName("mill")
	job := &pipeline.Job{Work: pipelinetest.NewMemory()}
	if _, err := job.Entries(t.Context(), "mill"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it is written: %v", err)
	}
	for i := range data {
		bad := append([]byte(nil), data...)
		bad[i] ^= 1
		write(t, job.Work, name, bad)
		if got, err := job.Entries(t.Context(), "mill"); err == nil && !cmp.Equal(list, got) {
			t.Fatalf("with byte %d damaged: %+v", i, got)
		}
		job = &pipeline.Job{Work: job.Work} // it may be the newline at the end
	}
	for n := range len(data) - 40 { // cut within the entries
		write(t, job.Work, name, data[:n])
		if got, err := job.Entries(t.Context(), "mill"); err == nil {
			t.Fatalf("with %d bytes: %+v", n, got)
		}
	}
	write(t, job.Work, name, data)
	for range 2 {
		got, err := job.Entries(t.Context(), "mill")
		if diff := cmp.Diff(list, got); diff != "" || err != nil {
			t.Errorf("%v, entries (-want +got):\n%s", err, diff)
		}
		write(t, job.Work, name, []byte("damaged")) // what was read once is kept
	}
}

func TestReadJSON(t *testing.T) {
	m := pipelinetest.NewMemory()
	write(t, m, "good", []byte(`{"A":1}`))
	write(t, m, "bad", []byte(`{"A":`))
	var v struct{ A int }
	if err := pipeline.ReadJSON(t.Context(), m, "good", &v); err != nil || v.A != 1 {
		t.Errorf("%v, %v", v, err)
	}
	if err := pipeline.ReadJSON(t.Context(), m, "bad", &v); err == nil || !strings.HasPrefix(err.Error(), "decode bad: ") {
		t.Errorf("error %v", err)
	}
	if err := pipeline.ReadJSON(t.Context(), m, "none", &v); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestWriteAll: whichever operation fails, the error tells, and the file is not there.
func TestWriteAll(t *testing.T) {
	m := pipelinetest.NewMemory()
	pipelinetest.EachFault(t, m, func() error {
		return pipeline.WriteAll(t.Context(), m, "a/b", []byte("text"))
	}, func(failed string) {
		if data := m.Get("a/b"); data != nil {
			t.Errorf("after %s failed: %q", failed, data)
		}
	})
	if got := string(m.Get("a/b")); got != "text" {
		t.Errorf("%q", got)
	}
}

// TestOutput: the description of a file tells its bytes, and no broken one appears.
func TestOutput(t *testing.T) {
	m := pipelinetest.NewMemory()
	job := &pipeline.Job{Work: m.Sub("work"), Out: m.Sub("out")}
	want := map[string]pipeline.Output{
		"work/a": {Name: "a", Bytes: 5, Rows: 2, Digest: "b5e9c1ad071b3e7fc779cfaa5e523818"}, // xxh3-128
		"out/a": {
			Name: "a", Bytes: 5, Rows: 2, Out: true, Digest: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", // sha256
		},
	}
	for place, create := range map[string]func() (*pipeline.OutputWriter, error){
		"work/a": func() (*pipeline.OutputWriter, error) { return pipeline.CreateWork(t.Context(), job, "a") },
		"out/a":  func() (*pipeline.OutputWriter, error) { return pipeline.CreateOut(t.Context(), job, "a") },
	} {
		var got pipeline.Output
		pipelinetest.EachFault(t, m, func() (err error) {
			w, err := create()
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			for _, part := range []string{"hel", "lo"} {
				_, _ = w.Write([]byte(part)) // who loses the error cannot commit
			}
			got, err = w.Commit(2)
			if err == nil && w.Bytes() != 5 {
				t.Errorf("%d bytes were written", w.Bytes())
			}
			return err
		}, func(failed string) {
			if data := m.Get(place); data != nil {
				t.Errorf("after %s failed: %q", failed, data)
			}
		})
		if diff := cmp.Diff(want[place], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", place, diff)
		}
	}
	w, err := pipeline.CreateWork(t.Context(), job, "b")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("late")); err == nil {
		t.Error("a closed file was written to")
	}
	if _, err := w.Commit(0); err == nil || m.Get("work/b") != nil {
		t.Errorf("a closed file was committed: %v", err)
	}
}

// TestReplaces: a done entry stands; only the same one may be made again, and only where it was taken back.
func TestReplaces(t *testing.T) {
	done := pipeline.Entry{Stage: "mill", Verdict: pipeline.VerdictDone, Rows: 1}
	other, dead, void := done, done, done
	other.Rows = 2
	dead.Verdict, void.Verdict = pipeline.VerdictDead, pipeline.VerdictVoid
	tests := []struct {
		name      string
		e, stands pipeline.Entry
		replaces  bool
		conflict  bool
	}{
		{"the same", done, done, false, false},
		{"another", other, done, false, true},
		{"done after dead", done, dead, false, false},
		{"dead after done", dead, done, false, false},
		{"the same after void", done, void, true, false},
		{"another after void", other, void, false, true},
		{"dead after void", dead, void, false, true},
	}
	for _, tt := range tests {
		replaces, err := tt.e.Replaces(tt.stands)
		if replaces != tt.replaces || errors.Is(err, pipeline.ErrConflict) != tt.conflict {
			t.Errorf("%s: %t, %v", tt.name, replaces, err)
		}
	}
}
