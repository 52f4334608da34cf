package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Chain is how a job is done: phases, one after the other. Engine, ledger, display and cluster go by it: what is in it is done, counted
// and shown, and nothing else is. It follows from the plan, so every process has the same one.
type Chain []Phase

// Phase is tracks whose tasks may run at the same time. The next phase begins when the ledger holds every task of all of them
// (invariant 4).
type Phase struct {
	Name   string
	Tracks []Track
	// Careful says that the phase reads work files whose damage its stages would not notice: the phase before is looked at first.
	Careful bool
	// Gate is asked when the phase is over. Its error ends the job, and nothing is committed. May be nil.
	Gate func(ctx context.Context, job *Job) error
}

// Track is stages that follow each other on the same task. A worker that has several of them in a row takes a task through all of
// them, batch by batch in memory; where it has not the next one, it publishes the task on that stage's subject.
type Track struct {
	Stages []StageSpec // with a Step each, or one with a Runner
	// Tasks says how many tasks each stage has. It may read what earlier phases left.
	Tasks func(ctx context.Context, job *Job) (int, error)
	// Apart says that each stage opens its input by itself, and makes a ledger entry of its own: carrying on saves reading once more.
	// Otherwise a stage reads what the one before left, and only the last of those that were carried makes an entry.
	Apart bool
	// MayDie says that a task which fails again and again is given up, and the job goes on without it. Elsewhere it ends the job.
	MayDie bool
	// Weight is how much of the time of a job the track takes, against the others of its chain, as measured once; for progress. 0 is as 1.
	Weight int
}

// StageSpec is one stage. Its name is unique over all chains: it is the word of subjects, of --stages, of progress and of the ledger.
type StageSpec struct {
	Name string
	// Settings are the sections of the config that the stage goes by. A section that no stage and no kind of job goes by is an error at
	// the start.
	Settings []string
	// Out are the folders of the result that its tasks may write to.
	Out []string
	// Work are the folders of work files that its entries may name.
	Work []WorkFiles
	// Sums says that the entries' sums say what became of documents, beside those of other such stages: in + left out + out. The Out of
	// the last such stage of a chain is what the job keeps.
	Sums bool

	// Tells are the counters of the entries that the result keeps; "*" is all of them.
	Tells []string

	Runner Runner // does the tasks of a stage that stands alone in its track
	Step   *Step  // is what the tasks of the others are made of
}

// WorkFiles is a folder of work files.
type WorkFiles struct {
	Folder string
	// Plain says that its files hold no checksum that their readers look at: damage is looked for before they are read.
	Plain bool
}

// Step is a stage of a track whose stages carry on. All of its functions depend on the plan and the files alone (invariant 1).
type Step struct {
	// Open reads the batches of a task. It may be nil behind the first step of a track that is not Apart: then what the step before
	// left, or handed over, is read.
	Open func(ctx context.Context, job *Job, task int) (Reader, error)
	// Stages makes what batches go through, new ones at every call: each goroutine has its own. May be nil.
	Stages func(ctx context.Context, job *Job) ([]Stage, error)
	// Write begins what the step leaves of the batches that are through all steps which were carried. May be nil. Where a track is not
	// Apart only the last step may have it: its entry is the one that stays.
	Write NewWriter
	// Leaves names the work file of documents that the step leaves for others beside the next step, which reads it too. Steps behind it
	// must let documents be as they are. Nil where there is none.
	Leaves func(task int) string
}

// Place is where a stage stands in a chain.
type Place struct{ Phase, Track, Stage int }

// All are the stages in order, each with its place.
func (c Chain) All() iter.Seq2[Place, *StageSpec] {
	return func(yield func(Place, *StageSpec) bool) {
		for i := range c {
			for k := range c[i].Tracks {
				for n := range c[i].Tracks[k].Stages {
					if !yield(Place{i, k, n}, &c[i].Tracks[k].Stages[n]) {
						return
					}
				}
			}
		}
	}
}

// Find returns the place of a stage.
func (c Chain) Find(stage string) (p Place, ok bool) {
	for p, s := range c.All() {
		if s.Name == stage {
			return p, true
		}
	}
	return p, false
}

// Track returns the track that a place is in.
func (c Chain) Track(p Place) *Track { return &c[p.Phase].Tracks[p.Track] }

// Spec returns the stage of that name, nil if the chain has none.
func (c Chain) Spec(stage string) *StageSpec {
	for _, s := range c.All() {
		if s.Name == stage {
			return s
		}
	}
	return nil
}

// Names are the names of all stages in order.
func (c Chain) Names() (names []string) {
	for _, s := range c.All() {
		names = append(names, s.Name)
	}
	return names
}

// Names are the names of a phase's stages in order.
func (p *Phase) Names() []string { return Chain{*p}.Names() }

// Recorded are the stages of a track whose entries end its tasks: all of them where they are Apart, otherwise the last.
func (t *Track) Recorded() []StageSpec {
	if t.Apart {
		return t.Stages
	}
	return t.Stages[len(t.Stages)-1:]
}

// Carried is the number of the first stage, at or behind from, that is not carried on to from it: from itself if it stands alone.
func (t *Track) Carried(from int, has []string) (end int) {
	end = from + 1
	for end < len(t.Stages) && slices.Contains(has, t.Stages[end].Name) {
		end++
	}
	return end
}

// Summed are the names of the stages whose sums begin and end what became of documents: the In of the first is what the job read, the
// Out of the last what it keeps. Both are "" if no stage Sums.
func (c Chain) Summed() (first, last string) {
	for _, s := range c.All() {
		if s.Sums {
			first, last = cmp.Or(first, s.Name), s.Name
		}
	}
	return first, last
}

// Folders are those of the result that stages of the chain write to, sorted.
func (c Chain) Folders() (folders []string) {
	for _, s := range c.All() {
		folders = append(folders, s.Out...)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// Settings are the sections of the config that stages of the chain go by.
func (c Chain) Settings() (sections []string) {
	for _, s := range c.All() {
		sections = append(sections, s.Settings...)
	}
	return sections
}

// Check says all that is wrong with chains that are to be known at the same time: it is called at the start of every process.
func Check(chains ...Chain) error {
	var errs []error
	seen := map[string]bool{}
	for _, c := range chains {
		for i := range c {
			p := &c[i]
			switch {
			case len(p.Tracks) == 0 || p.Name == "":
				errs = append(errs, fmt.Errorf("phase %d (%q) has no stage, or no name", i+1, p.Name))
			case p.Careful && i == 0:
				errs = append(errs, fmt.Errorf("phase %s is careful, but there is none before it", p.Name))
			}
			for k := range p.Tracks {
				errs = append(errs, p.Tracks[k].check(p.Name, seen)...)
			}
		}
	}
	return errors.Join(errs...)
}

func (t *Track) check(phase string, seen map[string]bool) (errs []error) {
	if len(t.Stages) == 0 || t.Tasks == nil {
		return []error{fmt.Errorf("phase %s: a track has no stage, or does not say how many tasks it has", phase)}
	}
	for i := range t.Stages {
		s := &t.Stages[i]
		switch {
		case s.Name == "" || strings.ContainsAny(s.Name, ".*> /"):
			errs = append(errs, fmt.Errorf("phase %s: %q cannot be the name of a stage", phase, s.Name))
		case seen[s.Name]:
			errs = append(errs, fmt.Errorf("stage %s stands twice in the chains", s.Name))
		case (s.Runner == nil) == (s.Step == nil):
			errs = append(errs, fmt.Errorf("stage %s needs either a runner or a step: nothing would do its tasks", s.Name))
		case s.Runner != nil && len(t.Stages) > 1:
			errs = append(errs, fmt.Errorf("stage %s has a runner, and others in its track: only steps carry on", s.Name))
		case s.Step != nil && s.Step.Open == nil && (i == 0 || t.Apart):
			errs = append(errs, fmt.Errorf("stage %s does not say what it reads", s.Name))
		case s.Step != nil && s.Step.Write != nil && !t.Apart && i < len(t.Stages)-1:
			errs = append(errs, fmt.Errorf("stage %s writes files, but others of its track come behind it: no entry that stays would name them", s.Name))
		}
		seen[s.Name] = true
	}
	return errs
}

// StageNames checks names of stages against those that are known, and returns them in their order.
func StageNames(known, names []string) (list []string, err error) {
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("unknown stage %q: known are %s", n, strings.Join(known, ", "))
		}
	}
	for _, s := range known {
		if slices.Contains(names, s) {
			list = append(list, s)
		}
	}
	return list, nil
}
