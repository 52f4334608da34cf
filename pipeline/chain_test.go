package pipeline

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type idler struct{}

func (idler) Run(context.Context, Task, *Job) (Entry, error) { return Entry{}, nil }

func oneTask(context.Context, *Job) (int, error) { return 1, nil }

func opens(context.Context, *Job, int) (Reader, error) { return nil, nil }

func leaves(int) string { return "documents/000000.arrow" }

func writes(context.Context, *Job, int) (BatchWriter, error) { return nil, nil }

// toyChain has a track of steps that carry on, one of steps apart beside a runner, and a runner.
func toyChain() Chain {
	return Chain{
		{Name: "map", Tracks: []Track{{Tasks: oneTask, MayDie: true, Stages: []StageSpec{
			{Name: "cut", Step: &Step{Open: opens}},
			{Name: "mill", Step: &Step{Leaves: leaves}},
			{Name: "sign", Step: &Step{Write: writes}, Sums: true},
		}}}},
		{Name: "emit", Careful: true, Tracks: []Track{
			{Tasks: oneTask, Apart: true, Stages: []StageSpec{
				{Name: "print", Step: &Step{Open: opens, Write: writes}, Out: []string{"data", "arrow"}},
				{Name: "weigh", Step: &Step{Open: opens, Write: writes}, Out: []string{"data"}},
			}},
			{Tasks: oneTask, Stages: []StageSpec{{Name: "index", Runner: idler{}, Out: []string{"index"}, Sums: true}}},
		}},
		{Name: "end", Tracks: []Track{{Tasks: oneTask, Stages: []StageSpec{{Name: "end", Runner: idler{}}}}}},
	}
}

// TestCheck: every way to forget something is an error at the start, and all of them are told at once.
func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		change func(c Chain)
		want   []string // what the error says, a line each; none: the chain is fine
	}{
		{"fine", func(Chain) {}, nil},
		{"phase without stages", func(c Chain) { c[2].Tracks = nil }, []string{`phase 3 ("end") has no stage, or no name`}},
		{"phase without a name", func(c Chain) { c[1].Name = "" }, []string{`phase 2 ("") has no stage, or no name`}},
		{"careful first", func(c Chain) { c[0].Careful = true }, []string{"phase map is careful, but there is none before it"}},
		{"track without stages", func(c Chain) { c[2].Tracks[0].Stages = nil }, []string{
			"phase end: a track has no stage, or does not say how many tasks it has",
		}},
		{"track without tasks", func(c Chain) { c[2].Tracks[0].Tasks = nil }, []string{
			"phase end: a track has no stage, or does not say how many tasks it has",
		}},
		{"no name", func(c Chain) { c[2].Tracks[0].Stages[0].Name = "" }, []string{`phase end: "" cannot be the name of a stage`}},
		{"no word of a subject", func(c Chain) { c[2].Tracks[0].Stages[0].Name = "end.all" }, []string{
			`phase end: "end.all" cannot be the name of a stage`,
		}},
		{"twice", func(c Chain) { c[2].Tracks[0].Stages[0].Name = "cut" }, []string{"stage cut stands twice in the chains"}},
		{"neither runner nor step", func(c Chain) { c[2].Tracks[0].Stages[0].Runner = nil }, []string{
			"stage end needs either a runner or a step: nothing would do its tasks",
		}},
		{"runner and step", func(c Chain) { c[0].Tracks[0].Stages[1].Runner = idler{} }, []string{
			"stage mill needs either a runner or a step: nothing would do its tasks",
		}},
		{"runner among steps", func(c Chain) {
			s := &c[0].Tracks[0].Stages[1]
			s.Runner, s.Step = idler{}, nil
		}, []string{"stage mill has a runner, and others in its track: only steps carry on"}},
		{"nothing to read first", func(c Chain) { c[0].Tracks[0].Stages[0].Step.Open = nil }, []string{"stage cut does not say what it reads"}},
		{"nothing to read apart", func(c Chain) { c[1].Tracks[0].Stages[1].Step.Open = nil }, []string{"stage weigh does not say what it reads"}},
		{"writes on the way", func(c Chain) { c[0].Tracks[0].Stages[1].Step.Write = writes }, []string{
			"stage mill writes files, but others of its track come behind it: no entry that stays would name them",
		}},
		{"all at once", func(c Chain) {
			c[0].Tracks[0].Stages[0].Step = nil
			c[1].Tracks[1].Stages[0].Name = "a b"
			c[2].Tracks[0].Stages[0].Name = "print"
		}, []string{
			"stage cut needs either a runner or a step: nothing would do its tasks",
			`phase emit: "a b" cannot be the name of a stage`,
			"stage print stands twice in the chains",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := toyChain()
			tt.change(c)
			var got []string
			if err := Check(c); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	other := Chain{{Name: "map", Tracks: []Track{{Tasks: oneTask, Stages: []StageSpec{{Name: "sign", Runner: idler{}}}}}}}
	if err := Check(toyChain(), other); err == nil || err.Error() != "stage sign stands twice in the chains" {
		t.Errorf("a stage of two chains: %v", err)
	}
}

func TestFind(t *testing.T) {
	c := toyChain()
	for stage, want := range map[string]Place{"cut": {0, 0, 0}, "sign": {0, 0, 2}, "weigh": {1, 0, 1}, "index": {1, 1, 0}, "end": {2, 0, 0}} {
		p, ok := c.Find(stage)
		if p != want || !ok {
			t.Errorf("%s stands at %v, %t, want %v", stage, p, ok, want)
		}
		if got := c.Track(p); got != &c[want.Phase].Tracks[want.Track] {
			t.Errorf("%s is in another track", stage)
		}
		if s := c.Spec(stage); s != &c.Track(p).Stages[want.Stage] || s.Name != stage {
			t.Errorf("the spec of %s is %v", stage, s)
		}
	}
	if _, ok := c.Find("none"); ok || c.Spec("none") != nil {
		t.Error("a stage was found that there is not")
	}
}

func TestNames(t *testing.T) {
	c := toyChain()
	if diff := cmp.Diff([]string{"cut", "mill", "sign", "print", "weigh", "index", "end"}, c.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"print", "weigh", "index"}, c[1].Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"arrow", "data", "index"}, c.Folders()); diff != "" {
		t.Error(diff)
	}
}

func TestSummed(t *testing.T) {
	c := toyChain()
	if first, last := c.Summed(); first != "sign" || last != "index" {
		t.Errorf("sums begin with %q and end with %q", first, last)
	}
	if first, last := c[2:].Summed(); first != "" || last != "" {
		t.Errorf("of a chain that has none: %q, %q", first, last)
	}
	c.Spec("sign").Sums = false
	if first, last := c.Summed(); first != "index" || last != "index" {
		t.Errorf("of one alone: %q, %q", first, last)
	}
}

func TestRecorded(t *testing.T) {
	c := toyChain()
	for stage, want := range map[string][]string{"cut": {"sign"}, "print": {"print", "weigh"}, "index": {"index"}} {
		p, _ := c.Find(stage)
		var got []string
		for _, s := range c.Track(p).Recorded() {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("tasks of the track of %s end with entries of %v, want %v", stage, got, want)
		}
	}
}

func TestCarried(t *testing.T) {
	track := &toyChain()[0].Tracks[0]
	tests := []struct {
		from int
		has  string
		want int
	}{
		{0, "cut mill sign", 3},
		{0, "cut mill", 2},
		{0, "cut sign", 1}, // with a hole
		{1, "cut mill sign", 3},
		{1, "mill", 2},
		{2, "sign", 3},
	}
	for _, tt := range tests {
		if got := track.Carried(tt.from, strings.Fields(tt.has)); got != tt.want {
			t.Errorf("who has %s carries from %d to %d, want %d", tt.has, tt.from, got, tt.want)
		}
	}
}

func TestStageNames(t *testing.T) {
	known := []string{"cut", "mill", "sign"}
	if got, err := StageNames(known, []string{"sign", "cut", "sign"}); err != nil || !slices.Equal(got, []string{"cut", "sign"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := StageNames(known, nil); len(got) > 0 || err != nil {
		t.Errorf("of no names: %v, %v", got, err)
	}
	_, err := StageNames(known, []string{"cut", "saw"})
	if err == nil || err.Error() != `unknown stage "saw": known are cut, mill, sign` {
		t.Errorf("error %v", err)
	}
}

func TestSum(t *testing.T) {
	s := Sum{In: 10, Out: 4}
	s.Leave(LeftFiltered, "empty", 2)
	s.Leave(LeftFiltered, "min_chars", 1)
	s.Leave(LeftFiltered, "empty", 1)
	s.Leave(LeftRejected, "bad_row", 0)
	s.Leave(LeftDuplicate, "exact", 1)
	want := Sum{In: 10, Out: 4, Left: map[string]int64{"filtered/empty": 3, "filtered/min_chars": 1, "duplicate/exact": 1}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	if f, r, d := s.Of(LeftFiltered), s.Of(LeftRejected), s.Of(LeftDuplicate); f != 4 || r != 0 || d != 1 {
		t.Errorf("%d filtered, %d rejected, %d duplicates", f, r, d)
	}
	if n, none := s.For(LeftFiltered, "empty"), s.For(LeftRejected, "empty"); n != 3 || none != 0 {
		t.Errorf("%d filtered and %d rejected as empty", n, none)
	}
	if err := s.Check(); err == nil || err.Error() != "10 documents went in, but 4 came out and 5 were left out" {
		t.Errorf("one is missing: %v", err)
	}
	s.Leave(LeftRejected, "bad_row", 1)
	if err := s.Check(); err != nil {
		t.Errorf("none is missing: %v", err)
	}
	if err := (&Sum{}).Check(); err != nil {
		t.Errorf("of nothing: %v", err)
	}
}
