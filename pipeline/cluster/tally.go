package cluster

import (
	"slices"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/monitor"
)

// maxDeadShown bounds how many dead letters of the run under way are told to others. All of them are counted, and the
// version that the run makes names every one.
const maxDeadShown = 200

// Tally observes the ledger of the run that this process coordinates, for Progress. It begins anew with every run. Safe for
// concurrent use.
type Tally struct {
	engine.Nobody // workers say of themselves what goes in, and Entry says more than the rest

	mu       sync.Mutex
	parts    func(task int) []engine.Part // guarded by mu, as all below; nil: the job is of a kind that has no files to tell of
	chain    pipeline.Chain
	progress Progress
	phases   map[string]*phaseTally
	reached  map[taskOf]int // how many stages of its track a task is through
}

// phaseTally is one stage.
type phaseTally struct {
	total, done int
	began       time.Time
	resumed     int // done before it began
	ended       time.Time
}

var _ engine.LedgerObserver = (*Tally)(nil)

// taskOf is a task of a track.
type taskOf struct{ phase, track, index int }

// Begin implements engine.LedgerObserver.
func (t *Tally) Begin(chain pipeline.Chain, parts func(task int) []engine.Part) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.parts, t.chain, t.progress, t.phases = parts, chain, Progress{Stages: []StageProgress{}}, map[string]*phaseTally{}
	t.reached = map[taskOf]int{}
}

// InputBytes implements engine.Observer.
func (t *Tally) InputBytes(total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.InputBytes = total
}

// Phase implements engine.Observer.
func (t *Tally) Phase(stage string, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.phase(stage)
	p.total = total
	if p.began.IsZero() {
		p.began, p.resumed = time.Now(), p.done
	}
	p.ending()
}

// Entry implements engine.LedgerObserver.
func (t *Tally) Entry(e pipeline.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	place, ok := t.chain.Find(e.Stage)
	if !ok {
		return
	}
	track := t.chain.Track(place)
	if track.Stages[place.Stage].Sums {
		d := &t.progress.Documents
		first, last := t.chain.Summed()
		if e.Stage == first {
			d.Read += e.Sum.In
		}
		d.Filtered += e.Sum.Of(pipeline.LeftFiltered)
		d.Rejected += e.Sum.Of(pipeline.LeftRejected)
		d.Duplicates += e.Sum.Of(pipeline.LeftDuplicate)
		if e.Stage == last { // from here on it is known which documents are kept
			d.Kept += e.Sum.Out
		}
	}
	if track.Apart {
		t.phase(e.Stage).one()
		return
	}
	at := place.Stage
	if e.Verdict == pipeline.VerdictDead {
		at = len(track.Stages) - 1 // the task goes nowhere any more
		t.dead(e, track)
	}
	task := taskOf{place.Phase, place.Track, e.Index}
	for ; t.reached[task] <= at; t.reached[task]++ {
		t.phase(track.Stages[t.reached[task]].Name).one()
	}
}

func (t *Tally) dead(e pipeline.Entry, track *pipeline.Track) {
	var stages []string
	for _, s := range track.Stages {
		stages = append(stages, s.Name)
	}
	t.progress.Dead++
	if t.parts == nil {
		return
	}
	for _, p := range t.parts(e.Index) {
		if len(t.progress.DeadLetters) == maxDeadShown {
			return
		}
		t.progress.DeadLetters = append(t.progress.DeadLetters, DeadLetter{
			Split: e.Index, Stages: stages, Source: p.Source, Path: p.Path, FileBytes: p.FileBytes, ModTime: p.ModTime, Offset: p.Offset,
			Bytes: p.Bytes, Error: e.Reason,
		})
	}
}

func (t *Tally) phase(stage string) *phaseTally {
	if t.phases == nil {
		t.phases = map[string]*phaseTally{}
	}
	p := t.phases[stage]
	if p == nil {
		p = &phaseTally{}
		t.phases[stage] = p
	}
	return p
}

func (p *phaseTally) one() {
	p.done++
	p.ending()
}

func (p *phaseTally) ending() {
	if p.ended.IsZero() && !p.began.IsZero() && p.done >= p.total {
		p.ended = time.Now()
	}
}

// Progress is how far the run is.
func (t *Tally) Progress() Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.progress
	s.Stages, s.DeadLetters = []StageProgress{}, slices.Clone(s.DeadLetters)
	for _, st := range monitor.StagesOf(t.chain) {
		s.Chain = append(s.Chain, ChainStage{st.Name, st.Phase, st.Weight})
	}
	for _, stage := range t.chain.Names() {
		p := t.phases[stage]
		if p == nil || p.began.IsZero() {
			continue
		}
		one := StageProgress{Stage: stage, Done: p.done, Total: p.total, Resumed: p.resumed, Seconds: p.took().Seconds()}
		if p.ended.IsZero() {
			one.ETASeconds = p.eta(time.Since(p.began))
		}
		s.Stages = append(s.Stages, one)
	}
	return s
}

// took is the time since the stage began, up to its end, to a tenth of a second.
func (p *phaseTally) took() time.Duration {
	end := p.ended
	if end.IsZero() {
		end = time.Now()
	}
	return end.Sub(p.began).Round(100 * time.Millisecond)
}

// eta is the time that is left if the rest goes as what was done since the stage began; 0 before that tells anything.
func (p *phaseTally) eta(elapsed time.Duration) float64 {
	done := p.done - p.resumed
	if elapsed < time.Second || done*100 < p.total {
		return 0
	}
	return elapsed.Seconds() / float64(done) * float64(p.total-p.done)
}
