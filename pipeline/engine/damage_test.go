package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// spoil is something that befalls a file.
type spoil struct {
	name string
	do   func(y *toy, ctx context.Context, name string)
}

var spoils = []spoil{
	{"gone", func(y *toy, ctx context.Context, name string) { y.remove(ctx, name) }},
	{"a byte", func(y *toy, ctx context.Context, name string) { y.damage(ctx, name) }},
	{"cut", func(y *toy, ctx context.Context, name string) {
		data := y.store.Get(name)
		y.replace(ctx, name, data[:len(data)-1])
	}},
	{"empty", func(y *toy, ctx context.Context, name string) { y.replace(ctx, name, nil) }},
	{"longer", func(y *toy, ctx context.Context, name string) {
		y.replace(ctx, name, append(bytes.Clone(y.store.Get(name)), 0))
	}},
}

// TestDamageBetweenPhases: whatever befalls a file between two phases, the job ends as if nothing had: what the next phase would not
// notice itself is looked at before it begins, and what it notices is made anew.
func TestDamageBetweenPhases(t *testing.T) {
	all := [][]string{nil}
	each := [][]string{{"read"}, {"sieve"}, {"add"}, {"total", "index", "end"}, {"print"}, {"weigh"}}
	tests := []struct {
		behind, file string
		sets         [][]string
		again        string // what is done again
	}{
		{"map", sumsName(1), all, "add"},
		{"map", sumsName(1), each, "add"},
		{"map", documentsName(0), all, "add"},
		{"map", documentsName(0), each, "sieve"},
		{"map", pipeline.PhaseName("add"), all, ""},
		{"total", totalName, all, "total"},
		{"total", documentsName(1), each, "sieve"},
		{"emit", weightsName(0), all, "weigh"},
		{"emit", weightsName(1), each, "weigh"},
		{"emit", pipeline.PhaseName("print"), each, ""},
	}
	for _, tt := range tests {
		for _, s := range spoils {
			bubble(t, fmt.Sprint(tt.file, " ", s.name, len(tt.sets)), func(t *testing.T) {
				y := newToy(t, 2)
				spoilt := false
				y.hook = func(point string) {
					if point == "phase:"+tt.behind && !spoilt {
						spoilt = true
						s.do(y, t.Context(), "work/"+tt.file)
					}
				}
				if err := y.run(t.Context(), tt.sets...); err != nil {
					t.Fatal(err)
				}
				if !spoilt {
					t.Error("nothing was damaged")
				}
				y.check()
				for _, stage := range []string{"read", "sieve", "add", "total", "print", "weigh", "index", "end"} {
					if n := y.times(stage, 0) + y.times(stage, 1); stage == tt.again && n < 2 {
						t.Errorf("%s was not done again", stage)
					}
				}
			})
		}
	}
}

// TestDamageInHandOver: a spill that carries a task to the next worker, or what lies beside it, is made anew by the worker before.
func TestDamageInHandOver(t *testing.T) {
	for _, file := range []string{
		handoverName("read", 0), sideName(handoverName("read", 0)), documentsName(0), sideName(documentsName(0)),
	} {
		for _, s := range spoils {
			bubble(t, file+" "+s.name, func(t *testing.T) {
				y := newToy(t, 2)
				maker, reader := "read", "sieve"
				if strings.HasPrefix(file, "documents") {
					maker, reader = "sieve", "add"
				}
				damaged := &forgetful{Queue: y.queue, before: func(n int, task pipeline.Task) {
					if task.Stage == reader && task.Index == 0 && n == 0 {
						s.do(y, t.Context(), "work/"+file)
					}
				}}
				if err := y.runOver(t.Context(), func() pipeline.Queue { return damaged }, apart...); err != nil {
					t.Fatal(err)
				}
				y.check()
				harmless := s.name == "longer" && strings.HasSuffix(file, ".side") // the reader has what it needs
				if n := y.times(maker, 0); n != 2 && !harmless {
					t.Errorf("%s was done %d times", maker, n)
				}
				if n := y.times("read", 1); n != 1 {
					t.Errorf("what was whole was made %d times", n)
				}
				if n := y.attempts(reader, 0); n != 1 {
					t.Errorf("%d attempts of %s were counted", n, reader)
				}
			})
		}
	}
}

// TestDamageTakenUp: a coordinator that takes a job up looks at every file that the ledger names, and has what is damaged made anew.
func TestDamageTakenUp(t *testing.T) {
	files := []string{
		"work/" + documentsName(0), "work/" + sumsName(1), "work/" + totalName, "work/" + weightsName(0), "work/" + pipeline.PhaseName("add"),
		"out/" + dataName(1), "out/index/000001.json", "out/end/end.json",
	}
	for _, file := range files {
		for _, s := range spoils {
			bubble(t, file+" "+s.name, func(t *testing.T) {
				y := newToy(t, 2)
				if err := y.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				want := y.results()
				s.do(y, t.Context(), file)
				if err := y.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				y.check()
				sameBytes(t, want, y.results())
				if n := y.times("read", 0) + y.times("read", 1); n > 3 {
					t.Errorf("lists were read %d times", n)
				}
			})
		}
	}
	bubble(t, "moved by a commit", func(t *testing.T) {
		y := newToy(t, 1)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.replace(t.Context(), "corpus/"+dataName(0), y.store.Get("out/"+dataName(0)))
		y.remove(t.Context(), "out/"+dataName(0))
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := y.times("print", 0); n != 1 {
			t.Errorf("it was printed %d times", n)
		}
	})
	bubble(t, "not looked at whole", func(t *testing.T) {
		y := newToy(t, 1)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.damage(t.Context(), "out/"+dataName(0)) // as long as before
		c := y.coordinator(y.queue)
		c.whole = false // it lies far away
		if err := c.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := y.times("print", 0); n != 1 {
			t.Errorf("it was printed %d times", n)
		}
	})
}

// TestDamagedForGood: a file that is damaged whenever it is made ends the job: the disk is bad.
func TestDamagedForGood(t *testing.T) {
	for name, fails := range map[string]bool{"noticed by the reader": true, "looked for": false} {
		bubble(t, name, func(t *testing.T) {
			y := newToy(t, 1)
			made := 0
			spoil := func() {
				made++
				y.replace(t.Context(), "work/"+sumsName(0), []byte("{"))
			}
			if fails {
				y.befall("total", 0, func(context.Context, int) error { spoil(); return nil })
			} else {
				y.hook = func(point string) { // before the ledger has the entry: behind it, the coordinator may have looked already
					if point == "worker:computed" {
						spoil()
					}
				}
			}
			err := y.run(t.Context())
			failed, ok := errors.AsType[*RunError](err)
			if !ok || made != maxMended+1 || !strings.Contains(err.Error(), fmt.Sprintf("work file %s is damaged once more, after it was made anew 3 times", sumsName(0))) {
				t.Errorf("after %d times: %v", made, err)
			}
			if hint, ok := errors.AsType[*pipeline.HintError](err); !ok || !strings.Contains(hint.Hint, "check the disk") || failed.Task.Stage != "add" {
				t.Errorf("error %#v", err)
			}
		})
	}
}

// TestPhaseFileIsKept: a phase file that is damaged while a later phase waits for a task that needs it is written anew, and the task
// waits so long.
func TestPhaseFileIsKept(t *testing.T) {
	for _, s := range spoils {
		bubble(t, s.name, func(t *testing.T) {
			y := newToy(t, 2)
			name := pipeline.PhaseName("add")
			y.befall("total", 0, func(ctx context.Context, n int) error {
				if n == 0 {
					time.Sleep(mendDelay / 2) // lest a try and the coordinator's look come at the same moment
					s.do(y, ctx, "work/"+name)
				}
				return nil
			})
			began := time.Now()
			if err := y.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			y.check()
			if n := y.attempts("total", 0); n != 1 {
				t.Errorf("%d attempts were counted", n)
			}
			if took := time.Since(began); took > 3*stallAfter+2*mendDelay+time.Second {
				t.Errorf("it took %v", took)
			}
			if list, err := y.job().Entries(t.Context(), "add"); err != nil || len(list) != 2 {
				t.Errorf("entries %v, %v", list, err)
			}
		})
	}
}

// TestCoordinatorMeetsDamage: what the coordinator itself reads, to count tasks or at a gate, is made anew too when it is damaged, and
// the phase goes on; if that does not help, the job ends.
func TestCoordinatorMeetsDamage(t *testing.T) {
	tests := []struct {
		name, file string
		gate       bool
		times      int // how often it is damaged
	}{
		{"a phase file, to count", pipeline.PhaseName("add"), false, 1},
		{"a phase file, at the gate", pipeline.PhaseName("add"), true, maxMended},
		{"a phase file, for good", pipeline.PhaseName("add"), true, maxMended + 1},
		{"sums, to count", sumsName(1), false, 1},
		{"sums, at the gate", sumsName(1), true, maxMended},
		{"sums, for good", sumsName(1), false, maxMended + 1},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 2)
			read := 0
			meets := func(ctx context.Context, job *pipeline.Job) error {
				if read++; read <= tt.times {
					y.replace(ctx, "work/"+tt.file, []byte("{"))
				}
				fresh := &pipeline.Job{Work: job.Work} // as if it had read none before
				if _, err := fresh.Entries(ctx, "add"); err != nil {
					return err
				}
				var one sums
				return pipeline.ReadJSON(ctx, job.Work, sumsName(1), &one)
			}
			if tt.gate {
				y.chain[0].Gate = meets
			} else {
				y.chain[1].Tracks[0].Tasks = func(ctx context.Context, job *pipeline.Job) (int, error) { return 1, meets(ctx, job) }
			}
			err := y.run(t.Context())
			if tt.times > maxMended {
				says(t, "a bad disk", err, "work file "+tt.file+" is damaged once more, after it was made anew 3 times")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			y.check()
			if read < tt.times+1 {
				t.Errorf("it was read %d times", read)
			}
		})
	}
}

// TestLastLook: before a job ends, the work files whose readers would not notice damage are looked at once more, for the commit reads them.
func TestLastLook(t *testing.T) {
	bubble(t, "sums", func(t *testing.T) {
		y := newToy(t, 2)
		y.befall("end", 0, func(ctx context.Context, _ int) error {
			y.damage(ctx, "work/"+sumsName(1))
			return nil
		})
		want := func() []byte { return y.store.Get("work/" + sumsName(1)) }
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		if n := y.times("add", 1); n != 2 || !bytes.Contains(want(), []byte("Numbers")) {
			t.Errorf("it was added up %d times: %s", n, want())
		}
	})
}

// TestVoidBehind: an entry on the way was taken back although the task has ended: it is made again, and nothing else.
func TestVoidBehind(t *testing.T) {
	bubble(t, "handed over by read", func(t *testing.T) {
		y := newToy(t, 1)
		if err := y.run(t.Context(), apart...); err != nil {
			t.Fatal(err)
		}
		task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
		if err := y.queue.Void(t.Context(), *y.entry("read", 0), task); err != nil {
			t.Fatal(err)
		}
		if err := y.run(t.Context(), apart...); err != nil {
			t.Fatal(err)
		}
		y.check()
		if r, s := y.times("read", 0), y.times("sieve", 0); r > 2 || s != 1 {
			t.Errorf("read was done %d times, sieve %d times", r, s)
		}
	})
}

// TestMendedByAnother: the stages of those who come after a damage may be cut in another way than of those who made the file.
func TestMendedByAnother(t *testing.T) {
	for _, sets := range [][][]string{{nil}, {{"read", "sieve"}, {"add", "total", "print", "weigh", "index", "end"}}} {
		bubble(t, fmt.Sprint(sets), func(t *testing.T) {
			y := newToy(t, 1)
			if err := y.run(t.Context(), []string{"read"}, []string{"sieve"}, []string{"add", "total", "print", "weigh", "index", "end"}); err != nil {
				t.Fatal(err)
			}
			want := y.results()
			for _, name := range []string{documentsName(0), sideName(documentsName(0)), sumsName(0)} {
				y.remove(t.Context(), "work/"+name)
			}
			if err := y.run(t.Context(), sets...); err != nil {
				t.Fatal(err)
			}
			y.check()
			sameBytes(t, want, y.results())
		})
	}
}
