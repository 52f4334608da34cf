package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/millrace/millrace/pipeline"
)

const (
	// pullExpires is how long the server keeps a pull request; without an answer a second later it is taken for lost.
	pullExpires = 10 * time.Second
	pullGrace   = time.Second

	// A stage whose pulls fail is asked again with a growing pause, and given up when the run's patience ends.
	firstPullPause = 50 * time.Millisecond
	lastPullPause  = 2 * time.Second
	// standstill is a time in which a stage that fails is asked more than once, unless this process stands still.
	standstill = 5 * lastPullPause
)

// receiver shares the pull requests of a run among all who wait. For each stage that somebody waits for there is one pull
// request of one task at the server, so nothing is fetched that nobody works on. A task that arrives when all who wanted
// its stage have got something else is given back at once.
type receiver struct {
	run *Run

	mu      sync.Mutex
	sub     *nats.Subscription // guarded by mu; made by the first Receive
	inbox   string             // guarded by mu; what answers to pull requests begin with
	status  chan nats.Status   // guarded by mu; says when the connection is back, and when it is closed for good
	pulls   map[string]*pull   // guarded by mu; by stage
	waiters []*waiter          // guarded by mu; first come, first served
	err     error              // guarded by mu; why there will be no more tasks
}

// pull is the state of a stage's pull request, guarded by receiver.mu.
type pull struct {
	number  uint64        // of the newest request
	until   time.Time     // no new request before
	pause   time.Duration // before the next request, after a failure
	failing time.Time     // since when there are only failures
	failed  time.Time     // when the last one was
}

type waiter struct {
	stages []string
	result chan result // buffer 1, for the one result
}

type result struct {
	delivery *delivery
	err      error
}

// Receive implements pipeline.Queue.
func (r *Run) Receive(ctx context.Context, stages []string) (pipeline.Delivery, error) {
	d, err := r.recv.receive(ctx, stages)
	if err != nil {
		return nil, fmt.Errorf("receive a task of run %s: %w", r.id, err)
	}
	return d, nil
}

func (v *receiver) receive(ctx context.Context, stages []string) (*delivery, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{stages: stages, result: make(chan result, 1)}
	if err := v.enter(w); err != nil {
		return nil, err
	}
	defer v.leave(w)
	for {
		next, err := v.ask(stages)
		if err != nil {
			return nil, err
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case res := <-w.result:
			timer.Stop()
			return res.delivery, res.err
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case status := <-v.status:
			timer.Stop()
			if status == nats.CONNECTED {
				v.askAnew()
			} else {
				v.close(nats.ErrConnectionClosed)
			}
		case <-timer.C:
		}
	}
}

// enter makes the subscription if there is none yet, and lines up.
func (v *receiver) enter(w *waiter) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return v.err
	}
	if v.sub == nil {
		v.inbox = v.run.nc.NewInbox()
		sub, err := v.run.nc.Subscribe(v.inbox+".>", v.handle)
		if err != nil {
			return unreachable(err)
		}
		v.sub = sub
		v.status = v.run.nc.StatusChanged(nats.CLOSED, nats.CONNECTED)
		v.pulls = map[string]*pull{}
	}
	v.waiters = append(v.waiters, w)
	return nil
}

// leave steps out of the line. A task that came in the same moment is given back.
func (v *receiver) leave(w *waiter) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if i := slices.Index(v.waiters, w); i >= 0 {
		v.waiters = slices.Delete(v.waiters, i, i+1)
	}
	select {
	case res := <-w.result:
		if res.delivery != nil {
			_ = res.delivery.Nak(0) // lost like any other ack: it comes back after AckWait
		}
	default:
	}
}

// askAnew forgets the pull requests that a server which is gone has taken with it.
func (v *receiver) askAnew() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.pulls {
		p.until = time.Time{}
	}
}

// ask makes the pull requests that are missing, and says when to ask again. Who has no stage of the run just waits.
func (v *receiver) ask(stages []string) (next time.Time, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	next = time.Now().Add(pullExpires + pullGrace)
	for _, s := range stages {
		p := v.pulls[s]
		if p == nil {
			p = &pull{}
			v.pulls[s] = p
		}
		if err := v.request(s, p); err != nil {
			return next, err
		}
		if p.until.Before(next) {
			next = p.until
		}
	}
	return next, nil
}

// request asks for one task of a stage unless it is too early. The caller holds mu.
func (v *receiver) request(stage string, p *pull) error {
	now := time.Now()
	if now.Before(p.until) {
		return nil
	}
	p.number++
	p.until = now.Add(pullExpires + pullGrace)
	body := `{"batch":1,"expires":` + strconv.FormatInt(int64(pullExpires), 10) + `}`
	reply := v.inbox + "." + stage + "." + strconv.FormatUint(p.number, 10)
	err := v.run.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+v.run.name+"."+stage, reply, []byte(body))
	return unreachable(err)
}

// handle takes what comes in: tasks, and answers of the server that have none.
func (v *receiver) handle(m *nats.Msg) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if answer, ok := strings.CutPrefix(m.Subject, v.inbox+"."); ok {
		v.handleStatus(answer, m)
		return
	}
	task := strings.TrimPrefix(m.Subject, "millrace."+v.run.id+".task.")
	stage, _, _ := strings.Cut(task, ".")
	p := v.pulls[stage]
	if p == nil {
		return // never asked for
	}
	p.until, p.pause = time.Time{}, 0
	d := &delivery{run: v.run, reply: m.Reply}
	if err := json.Unmarshal(m.Data, &d.task); err != nil {
		// Nobody can work on it: the ledger will miss the task, and it is published again.
		_ = d.term("not a task")
		v.handOver(stage, result{err: fmt.Errorf("decode %s: %w", m.Subject, err)})
	} else if !v.handOver(stage, result{delivery: d}) {
		_ = d.Nak(0) // lost like any other ack: it comes back after AckWait
	}
	v.askForWaiters(stage, p)
}

// handleStatus takes an answer without a task; its subject ends in <stage>.<number of the request>. The caller holds mu.
func (v *receiver) handleStatus(answer string, m *nats.Msg) {
	stage, number, _ := strings.Cut(answer, ".")
	p := v.pulls[stage]
	if p == nil || number != strconv.FormatUint(p.number, 10) {
		return // an answer to a request that was given up
	}
	status := m.Header.Get("Status")
	switch status {
	case "408", "404": // the request has expired
		p.until, p.pause = time.Time{}, 0
		v.askForWaiters(stage, p)
		return
	case "100":
		return
	}
	if p.pause == 0 || time.Since(p.failed) > standstill { // who stood still meanwhile has not asked
		p.failing = time.Now()
	}
	p.failed = time.Now()
	p.pause = min(max(2*p.pause, firstPullPause), lastPullPause)
	p.until = time.Now().Add(p.pause)
	if time.Since(p.failing) > v.run.patience {
		p.pause = 0
		err := fmt.Errorf("nats: %w: no tasks of stage %s: %s %s", pipeline.ErrUnreachable, stage, status,
			m.Header.Get("Description"))
		for v.handOver(stage, result{err: err}) {
		}
		return
	}
	// Everybody sleeps until the old deadline: wake one to ask after the pause.
	time.AfterFunc(p.pause, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.askForWaiters(stage, p)
	})
}

// handOver gives a result to the first who waits for the stage. The caller holds mu.
func (v *receiver) handOver(stage string, res result) bool {
	for i, w := range v.waiters {
		if slices.Contains(w.stages, stage) {
			v.waiters = slices.Delete(v.waiters, i, i+1)
			w.result <- res
			return true
		}
	}
	return false
}

// askForWaiters asks for one more task if somebody waits for the stage. The caller holds mu.
func (v *receiver) askForWaiters(stage string, p *pull) {
	if v.err != nil {
		return
	}
	for _, w := range v.waiters {
		if slices.Contains(w.stages, stage) {
			if err := v.request(stage, p); err != nil {
				v.handOver(stage, result{err: err})
			}
			return
		}
	}
}

// close ends every Receive, and gives back the tasks that are on their way.
func (v *receiver) close(why error) {
	v.mu.Lock()
	if v.err != nil {
		v.mu.Unlock()
		return
	}
	v.err = unreachable(why)
	for _, w := range v.waiters {
		w.result <- result{err: v.err}
	}
	v.waiters = nil
	sub, status := v.sub, v.status
	v.mu.Unlock()
	if sub == nil {
		return
	}
	drained := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(drained) })
	// The server forgets the pull requests with the subscription, and what it sent before still reaches handle.
	if err := sub.Drain(); err == nil {
		<-drained
	}
	v.run.nc.RemoveStatusListener(status)
	_ = v.run.nc.FlushTimeout(time.Second) // what was given back comes after AckWait otherwise
}
