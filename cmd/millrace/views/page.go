package views

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/monitor"
	"github.com/millrace/millrace/pipeline/monitor/live"
)

// PageOptions say what the page of a process shows.
type PageOptions struct {
	Name     string // of the corpus, or where it lies
	Schedule *cluster.Schedule
	// Line is what a run that has ended came to, in a line.
	Line func(*cluster.Record) string
	// Do does what the page is told to; nil: it can be told nothing.
	Do    func(ctx context.Context, client *cluster.Client, c *corpus.Corpus, a live.Action) (string, error)
	Token string // for that
	// Report is the report of a version of the corpus as a page, 0 for the newest; nil: there are none.
	Report   func(ctx context.Context, c *corpus.Corpus, version int) ([]byte, error)
	Hosts    []string
	ShowText bool
}

const (
	// newestEvery is how often a page looks whether a command has made a version.
	newestEvery = 15 * time.Second
	instants    = 5 // of the schedule that are shown
)

func (o *PageOptions) live() live.Options {
	return live.Options{Hosts: o.Hosts, ShowText: o.ShowText, Silence: cluster.LateBeat}
}

// Page is the page of a cluster. It has to be closed.
func (v *Views) Page(o PageOptions) *live.Page {
	options := o.live()
	if o.Do != nil {
		options.Control = &live.Control{Token: o.Token, Do: func(ctx context.Context, a live.Action) (string, error) {
			client, c, err := v.both()
			if err != nil {
				return "", err
			}
			return o.Do(ctx, client, c, a)
		}}
	}
	return live.New(live.Source{
		Picture: func(ctx context.Context) (live.Picture, error) {
			s, last, err := v.look(ctx, newestEvery)
			if err != nil {
				return live.Picture{}, err
			}
			p := pictureOf(&s, v.stages)
			p.Corpus, p.Schedule, p.Newest = o.Name, scheduleOf(o.Schedule, s.Time), last.result.Version
			p.Edition = fmt.Sprintf("%d of %d, %s %d", p.Newest, last.at.UnixNano(), s.Run.ID, s.Run.Ended.UnixNano())
			return p, nil
		},
		Versions: func(ctx context.Context) ([]live.Version, error) {
			_, c, err := v.both()
			if err != nil {
				return nil, err
			}
			return Versions(ctx, c)
		},
		Ended: func(ctx context.Context) (list []live.Ended, err error) {
			client, _, err := v.both()
			if err != nil {
				return nil, err
			}
			records, err := client.Ended(ctx)
			for i := range records {
				r := &records[i]
				list = append(list, live.Ended{Run: runOf(r), What: o.Line(r)})
			}
			return list, err
		},
		Dead: func(ctx context.Context) ([]live.DeadLetter, error) {
			_, c, err := v.both()
			if err != nil {
				return nil, err
			}
			return Dead(ctx, c)
		},
		Report: reportBy(o.Report, func(context.Context) (*corpus.Corpus, func(), error) {
			_, c, err := v.both()
			return c, func() {}, err
		}),
	}, options)
}

// reportBy makes reports of a corpus that is opened for it.
func reportBy(report func(context.Context, *corpus.Corpus, int) ([]byte, error), opened func(context.Context) (*corpus.Corpus, func(), error)) func(context.Context, int) ([]byte, error) {
	if report == nil {
		return nil
	}
	return func(ctx context.Context, version int) ([]byte, error) {
		c, end, err := opened(ctx)
		if err != nil {
			return nil, err
		}
		if c == nil {
			return nil, live.ErrNoReport
		}
		defer end()
		html, err := report(ctx, c, version)
		if errors.Is(err, pipeline.ErrUsage) { // there is no such version
			err = fmt.Errorf("%w: %w", live.ErrNoReport, err)
		}
		return html, err
	}
}

func (v *Views) both() (*cluster.Client, *corpus.Corpus, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client == nil || v.corpus == nil {
		return nil, nil, errNotJoined
	}
	return v.client, v.corpus, nil
}

// Versions are those of a corpus, newest first.
func Versions(ctx context.Context, c *corpus.Corpus) (list []live.Version, err error) {
	l, err := show.Of(c).Log(ctx)
	if err != nil {
		return nil, err
	}
	for _, line := range slices.Backward(l.Versions) {
		d := &line.Documents
		list = append(list, live.Version{
			Version: line.Version, Kind: line.Kind, Live: line.Live, Run: line.Run.ID, Date: line.Run.Date, Committed: line.Committed,
			Documents:  live.Documents{Read: d.Read, Kept: d.Kept, Duplicates: line.Duplicates, Filtered: d.Filtered, Rejected: d.Rejected},
			InputBytes: line.InputBytes, Bytes: line.Bytes, Digest: line.Digest, Note: line.Note(),
		})
	}
	return list, nil
}

// Dead are the dead letters of the versions of a corpus, newest first.
func Dead(ctx context.Context, c *corpus.Corpus) (list []live.DeadLetter, err error) {
	letters, err := c.Dead(ctx)
	for _, d := range slices.Backward(letters) {
		list = append(list, live.DeadLetter{
			ID: d.ID, Version: d.Version, Source: d.Source, Path: d.Path, Offset: d.Offset, Bytes: d.Bytes, Reason: d.Error, Dropped: d.Dropped,
		})
	}
	return list, err
}

// pictureOf is a picture of the cluster as the page shows it.
func pictureOf(s *cluster.Status, all []string) live.Picture {
	p := live.Picture{
		Run: runOf(&s.Run), Stages: []live.Stage{}, InputBytes: s.InputBytes, ETASeconds: seconds(cmp.Or(s.WholeETASeconds, s.ETASeconds)), Unmanned: s.Unmanned,
		Waiting: s.Waiting, Dead: s.Dead, Coordinator: &live.Coordinator{ID: s.Coordinator, Leading: s.Leading},
		Documents: live.Documents{
			Read: s.Documents.Read, Kept: s.Documents.Kept, Duplicates: s.Documents.Duplicates, Filtered: s.Documents.Filtered, Rejected: s.Documents.Rejected,
		},
	}
	slots := map[string]int64{}
	for i := range s.Workers {
		w := &s.Workers[i]
		one := live.Worker{
			ID: w.ID, Host: w.Host, PID: w.PID, Stages: w.Stages, Slots: w.Slots, State: workerStates[s.WorkerState(w)], Why: w.Refused,
			Started: w.Started, Heard: w.Heard,
		}
		if slices.Equal(w.Stages, all) {
			one.Stages = []string{allStages}
		}
		for _, rate := range w.Rates {
			one.BytesPerSecond = max(one.BytesPerSecond, int64(rate)) // what goes through one stage goes through the next
		}
		p.Workers = append(p.Workers, one)
		if one.State == live.Refuses || one.State == live.Stopping {
			continue
		}
		for _, stage := range w.Stages {
			slots[stage] += int64(w.Slots)
		}
	}
	for i := range s.Stages {
		st := &s.Stages[i]
		done := int64(1000) // of no task
		if st.Total > 0 {
			done = int64(st.Done) * 1000 / int64(st.Total)
		}
		p.Stages = append(p.Stages, live.Stage{
			Name: st.Stage, Done: int64(st.Done), Total: int64(st.Total), PerMille: done,
			Waiting: int64(st.Waiting), Working: int64(st.Working), Bytes: st.Bytes, BytesPerSecond: int64(st.Rate),
			ETASeconds: seconds(st.ETASeconds), Slots: slots[st.Stage],
		})
	}
	for i := range s.DeadLetters {
		d := &s.DeadLetters[i]
		p.DeadLetters = append(p.DeadLetters, live.DeadLetter{
			ID: corpus.DeadID("run", d.Source, d.Path, d.Offset), Run: s.Run.ID, Source: d.Source, Path: d.Path, Offset: d.Offset, Bytes: d.Bytes,
			Reason: d.Error,
		})
	}
	return p
}

// allStages stands for the names of all stages.
const allStages = "all"

// workerStates are what the page calls what workers do.
var workerStates = map[string]string{
	cluster.WorkerIdle: live.Idle, cluster.WorkerWorking: live.Working, cluster.WorkerStopping: live.Stopping, cluster.WorkerRefuses: live.Refuses,
}

func runOf(r *cluster.Record) live.Run {
	return live.Run{
		ID: r.ID, Kind: r.Kind, Date: r.Date, State: string(r.State), UnderWay: r.State.UnderWay(), Started: r.Started, Ended: r.Ended,
		Error: pipeline.Plain(errors.New(r.Error)), Hint: r.Hint,
	}
}

func scheduleOf(s *cluster.Schedule, now time.Time) *live.Schedule {
	if s == nil {
		return nil
	}
	one := &live.Schedule{Cron: s.Cron(), Zone: s.Zone(), Next: []string{}}
	for _, at := range s.Next(now, instants) {
		one.Next = append(one.Next, at.Format(time.RFC3339))
	}
	return one
}

func seconds(f float64) int64 { return int64(math.Ceil(f)) }

// ProcessPage is the page of a run in this process. It has to be closed. The corpus is opened when its versions are asked for.
func ProcessPage(o PageOptions, tracker *monitor.Tracker, worker live.Worker, opened func(ctx context.Context) (c *corpus.Corpus, end func(), err error)) *live.Page {
	began := time.Now()
	return live.New(live.Source{
		Picture: func(context.Context) (live.Picture, error) {
			s := tracker.Snapshot()
			p := processPicture(&s, worker)
			p.Corpus, p.Run.Started, p.Edition = o.Name, began, "as it was"
			return p, nil
		},
		Versions: func(ctx context.Context) ([]live.Version, error) {
			c, end, err := opened(ctx)
			if err != nil || c == nil {
				return nil, err
			}
			defer end()
			return Versions(ctx, c)
		},
		Dead: func(ctx context.Context) ([]live.DeadLetter, error) {
			c, end, err := opened(ctx)
			if err != nil || c == nil {
				return nil, err
			}
			defer end()
			return Dead(ctx, c)
		},
		Report: reportBy(o.Report, opened),
	}, o.live())
}

// processPicture is what a tracker knows as the page shows it.
func processPicture(s *monitor.Snapshot, worker live.Worker) live.Picture {
	p := live.Picture{
		Process: true, Run: live.Run{ID: "of this process", State: string(cluster.Planning), UnderWay: true}, Stages: []live.Stage{},
		InputBytes: s.InputBytes, Waiting: []string{},
		Documents: live.Documents{Read: s.Read, Kept: s.Kept, Duplicates: s.Duplicates, Filtered: s.Filtered, Rejected: s.Rejected},
		PerMille:  int64(s.Whole * 1000), Notes: s.Notes,
	}
	if s.Known {
		p.ETASeconds = seconds(s.ETA.Seconds())
	}
	if s.Planning != nil {
		p.Planning = s.Planning.Says()
	}
	if s.Resumed != nil {
		p.Notes = append([]string{s.Resumed.Says()}, p.Notes...)
	}
	worker.State = live.Working
	worker.Stages = []string{allStages}
	over := len(s.Stages) > 0
	for _, st := range s.Stages {
		over = over && st.Over()
		if !st.Begun {
			continue
		}
		p.Run.State = string(cluster.Running)
		one := live.Stage{
			Name: st.Name, Done: st.Done, Total: st.Total, PerMille: int64(st.Fraction() * 1000), Bytes: st.Bytes, Slots: int64(worker.Slots),
			DocumentsPerSecond: int64(st.DocumentsPerSecond()), BytesPerSecond: int64(st.BytesPerSecond()),
		}
		if left, known := st.ETA(); known {
			one.ETASeconds = seconds(left.Seconds())
		}
		if !st.Over() {
			worker.BytesPerSecond = max(worker.BytesPerSecond, one.BytesPerSecond)
		}
		p.Stages = append(p.Stages, one)
	}
	if over {
		p.Run.State = string(cluster.Committing)
	}
	p.Workers = []live.Worker{worker}
	return p
}

// Process are the views of a run in this process.
func Process(tracker *monitor.Tracker, page *live.Page) monitor.Views {
	return monitor.Views{
		Ready: func(context.Context) error { return nil }, Page: page,
		Metrics: func(context.Context) ([]monitor.Metric, error) {
			s := tracker.Snapshot()
			return trackerMetrics(&s), nil
		},
	}
}
