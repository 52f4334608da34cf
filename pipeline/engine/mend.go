package engine

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
)

const (
	// maxMended is how often one process has a file made anew before it says that the disk is bad.
	maxMended = 3
	// mendDelay is until a task of a first stage that met a damaged file is tried again, and mendAfter by how much longer one waits for each
	// stage before its own: those may have to be done again, too, one after the other, for what they hand over is gone.
	mendDelay = 500 * time.Millisecond
	mendAfter = 100 * time.Millisecond
)

// mender has damaged work files made anew. The ledger entry that names one is taken back, and its task is handed out again: it
// writes the same bytes (invariant 1), and the entry is made again (invariant 3). Whoever needs the file waits for that.
//
// Damage is looked for where it is met: by the worker whose task failed, among the files that the task had opened; and by a
// coordinator that takes a run up again. See damage for what is looked at.
type mender struct {
	queue pipeline.Queue
	chain pipeline.Chain
	job   *pipeline.Job
	log   zerolog.Logger

	mu   sync.Mutex
	made map[string]int // guarded by mu; how often each file was damaged
}

func newMender(q pipeline.Queue, chain pipeline.Chain, f *pipeline.Job, log zerolog.Logger) *mender {
	return &mender{queue: q, chain: chain, job: f, log: log, made: map[string]int{}}
}

// maker is a stage whose entries may name files of a folder of work files.
type maker struct {
	stage string
	plain bool // see pipeline.WorkFiles
}

// makers are those of a folder.
func makers(chain pipeline.Chain, folder string) (list []maker) {
	for p, s := range chain.All() {
		if track := chain.Track(p); folder == handoverFolder && !track.Apart && p.Stage < len(track.Stages)-1 {
			list = append(list, maker{stage: s.Name})
		}
		for _, w := range s.Work {
			if w.Folder == folder {
				list = append(list, maker{s.Name, w.Plain})
			}
		}
	}
	return list
}

// maker finds the entry that names a work file, which may have been taken back, and what it says of it. No entry has no stage.
func (m *mender) maker(ctx context.Context, name string) (e pipeline.Entry, o pipeline.Output, err error) {
	index := 0
	base := strings.TrimSuffix(path.Base(name), sideName(""))
	base = base[strings.LastIndexByte(base, '-')+1:]
	if n, err := strconv.Atoi(strings.TrimSuffix(base, path.Ext(base))); err == nil {
		index = n
	}
	for _, by := range makers(m.chain, path.Dir(name)) {
		e, _, err = m.queue.Lookup(ctx, pipeline.Task{Stage: by.stage, Index: index})
		if err != nil {
			return e, o, err
		}
		if i := slices.IndexFunc(e.Outputs, func(o pipeline.Output) bool { return !o.Out && o.Name == name }); i >= 0 {
			return e, e.Outputs[i], nil
		}
	}
	return pipeline.Entry{}, o, nil
}

// mend looks at the files that a task had opened when it failed, and reports whether one of them is damaged: then it is being made
// anew, and the task is to be tried again.
func (m *mender) mend(ctx context.Context, names []string) (found bool, err error) {
	for _, name := range names {
		if path.Dir(name) == path.Dir(pipeline.PhaseName("")) {
			bad, err := m.badPhase(ctx, name)
			if err != nil {
				return found, err
			}
			found = found || bad
			continue
		}
		e, o, err := m.maker(ctx, name)
		if err != nil {
			return found, err
		}
		if e.Stage == "" {
			continue // it is no output of a task
		}
		why, err := damage(ctx, m.chain, m.job, o, true)
		if err != nil {
			return found, err
		}
		if why == nil {
			continue
		}
		found = true
		if _, err := m.renew(ctx, e, o, why); err != nil {
			return found, err
		}
	}
	return found, nil
}

// badPhase says whether a phase file cannot be read. The coordinator makes it anew when nothing else happens.
func (m *mender) badPhase(ctx context.Context, name string) (bool, error) {
	stage := strings.TrimSuffix(path.Base(name), path.Ext(name))
	fresh := &pipeline.Job{Plan: m.job.Plan, Work: m.job.Work}
	_, err := fresh.Entries(withPulse(ctx, &pulse{}), stage)
	if err == nil || errors.Is(err, pipeline.ErrUnreachable) || ctx.Err() != nil {
		return false, err
	}
	m.log.Warn().Str("file", name).AnErr("why", err).Msg("a work file is damaged: waiting for the coordinator to make it anew")
	return true, nil
}

// count takes note that a file is made anew, and is an error if that was done often enough.
func (m *mender) count(name string, why error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made[name]++; m.made[name] <= maxMended {
		return nil
	}
	if why == nil {
		why = errors.New("its content is another")
	}
	return pipeline.WithHint(fmt.Errorf("work file %s is damaged once more, after it was made anew %d times: %w", name, maxMended, why),
		"check the disk, or name another folder by --work")
}

// renew has the task done again whose entry names a damaged file, unless the file is whole by now.
func (m *mender) renew(ctx context.Context, e pipeline.Entry, o pipeline.Output, why error) (whole bool, err error) {
	task := pipeline.Task{Stage: e.Stage, Index: e.Index, Plan: m.job.Plan.Digest()}
	if _, stands, err := m.queue.Lookup(ctx, task); err != nil || !stands {
		return false, err // it is being made anew: e was read from a ledger that has gone on
	}
	if still, err := damage(ctx, m.chain, m.job, o, true); err != nil || still == nil {
		return err == nil, err // it was made anew since somebody looked at it, and its entry stands again
	}
	if isHandover(o.Name) { // which is removed behind the entry of who took it, so that is asked for last
		if taken, err := m.taken(ctx, task); err != nil || taken {
			return false, err // whoever looked for it finds its own entry when its task comes again
		}
	}
	if err := m.count(o.Name, why); err != nil {
		return false, &RunError{task, err}
	}
	m.log.Warn().Str("file", o.Name).AnErr("why", why).Stringer("task", task).Msg("a work file is damaged: it is made anew")
	again, err := m.again(ctx, task)
	if err != nil {
		return false, err
	}
	if err := m.acquit(ctx, again); err != nil {
		return false, err
	}
	return false, m.queue.Void(ctx, e, again)
}

// taken says whether what a task has handed over is of no use any more: the stage that took it, or the last one that it was carried on to,
// has an entry that stands.
func (m *mender) taken(ctx context.Context, t pipeline.Task) (bool, error) {
	p, _ := m.chain.Find(t.Stage)
	for _, s := range m.chain.Track(p).Stages[p.Stage+1:] {
		e, stands, err := m.queue.Lookup(ctx, pipeline.Task{Stage: s.Name, Index: t.Index})
		if err != nil || stands || e.Verdict == pipeline.VerdictVoid {
			return stands, err
		}
	}
	return false, nil
}

// acquit takes the attempts at a task that was done off its count, before it is handed out again: they are no sign that it fails.
func (m *mender) acquit(ctx context.Context, t pipeline.Task) error {
	n, err := m.queue.Attempt(ctx, t, 0)
	if err == nil && n > 0 {
		_, err = m.queue.Attempt(ctx, t, -n)
	}
	return err
}

// again is the task to hand out for an entry that is taken back: the first one of its track behind those that have entries.
func (m *mender) again(ctx context.Context, t pipeline.Task) (pipeline.Task, error) {
	p, ok := m.chain.Find(t.Stage)
	if !ok || m.chain.Track(p).Apart {
		return t, nil
	}
	stages := m.chain.Track(p).Stages
	for i := p.Stage; i > 0; i-- {
		_, found, err := m.queue.Lookup(ctx, pipeline.Task{Stage: stages[i-1].Name, Index: t.Index})
		if err != nil || found {
			return t, err
		}
		t.Stage = stages[i-1].Name
	}
	return t, nil
}

// mayBeDamage says whether a phase, or a commit, may have failed for what it read.
func mayBeDamage(ctx context.Context, err error) bool {
	if _, hopeless := errors.AsType[*RunError](err); hopeless { // the worker has looked
		return false
	}
	if _, stopped := errors.AsType[Stopped](err); stopped || ctx.Err() != nil {
		return false
	}
	return !pipeline.IsOneOf(err, pipeline.ErrUnreachable, pipeline.ErrExists, pipeline.ErrFenced, pipeline.ErrUsage)
}
