package views

import (
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/monitor"
)

// Commit is a version of the corpus as it is shown: what its run came to, and when it was committed.
type Commit struct {
	result ingest.Result
	at     time.Time
}

// CommitOf is the commit of a manifest, that of no version for nil.
func CommitOf(m *manifest.Manifest) Commit {
	if m == nil {
		return Commit{}
	}
	l := Commit{result: ingest.ResultOf(m)}
	if at, err := time.Parse(time.RFC3339, m.Run.Started); err == nil {
		l.at = at.Add(time.Duration(m.Run.Seconds * float64(time.Second)))
	}
	return l
}

// states that a run can be in, as millrace_run_state names them.
var states = []cluster.State{
	cluster.Planning, cluster.Running, cluster.Paused, cluster.Committing, cluster.Committed, cluster.Nothing, cluster.Failed, cluster.Cancelled,
}

// clusterMetrics are the figures of a picture of the cluster. Every family is always there, so that alerts can rely on it.
func clusterMetrics(s *cluster.Status, last Commit, stages []string) []monitor.Metric {
	state := monitor.Metric{Name: "millrace_run_state", Help: "1 for the state that the newest run is in."}
	for _, one := range states {
		state.Samples = append(state.Samples, monitor.Sample{Value: flag(s.Run.State == one), Labels: []string{"state", string(one)}})
	}
	list := []monitor.Metric{
		state,
		gauge("millrace_run_started_timestamp_seconds", "When the newest run began; 0: there was none.", unixSeconds(s.Run.Started)),
		gauge("millrace_run_input_bytes", "Input of the run under way, as it is stored.", float64(s.InputBytes)),
		gauge("millrace_run_eta_seconds", "Time that the stages under way still need; 0: not known.", s.ETASeconds),
		gauge("millrace_dead_letters", "Splits of the run under way that were given up.", float64(s.Dead)),
		gauge("millrace_requests_waiting", "Requests for runs that have not begun.", float64(len(s.Waiting))),
		gauge("millrace_coordinator_leading", "1 if some coordinator leads.", flag(s.Leading)),
		{Name: "millrace_run_documents", Help: "Documents of the run under way, by what became of them; kept and duplicates come last.", Samples: documentSamples(
			s.Documents.Read, s.Documents.Kept, s.Documents.Duplicates, s.Documents.Filtered, s.Documents.Rejected)},
	}
	list = append(list, stageMetrics(s, stages)...)
	list = append(list, workerMetrics(s, stages)...)
	d := last.result.Documents
	return append(
		list,
		gauge("millrace_version", "The newest version of the corpus; 0: there is none.", float64(last.result.Version)),
		gauge("millrace_version_committed_timestamp_seconds", "When that was committed.", unixSeconds(last.at)),
		gauge("millrace_version_input_bytes", "Input of its run, as it is stored.", float64(last.result.InputBytes)),
		gauge("millrace_version_dead_or_rejected_files", "Files of its run that were rejected, all or in part.", float64(last.result.Files.Rejected+last.result.Files.InPart)),
		monitor.Metric{Name: "millrace_version_documents", Help: "Documents of its run, by what became of them.", Samples: documentSamples(
			d.Read, d.Kept, d.ExactDuplicates+d.NearDuplicates, d.Filtered, d.Rejected)},
	)
}

func documentSamples(read, kept, duplicates, filtered, rejected int64) (samples []monitor.Sample) {
	for i, name := range []string{"read", "kept", "duplicate", "filtered", "rejected"} {
		n := []int64{read, kept, duplicates, filtered, rejected}[i]
		samples = append(samples, monitor.Sample{Value: float64(n), Labels: []string{"outcome", name}})
	}
	return samples
}

// stageMetrics are a sample for every stage of the chain, also for those that have not begun.
func stageMetrics(s *cluster.Status, stages []string) []monitor.Metric {
	list := []monitor.Metric{
		{Name: "millrace_stage_tasks", Help: "Tasks of the stage in the run under way."},
		{Name: "millrace_stage_tasks_done", Help: "Tasks of the stage that are done."},
		{Name: "millrace_stage_lag", Help: "Tasks of the stage that wait, and that are in hand."},
		{Name: "millrace_stage_bytes", Help: "Input that went through the stage, by the workers that are there."},
		{Name: "millrace_stage_bytes_per_second", Help: "The same in a second, over the last ten."},
	}
	for _, name := range stages {
		var st cluster.StageStatus
		if i := slices.IndexFunc(s.Stages, func(st cluster.StageStatus) bool { return st.Stage == name }); i >= 0 {
			st = s.Stages[i]
		}
		add := func(metric int, value float64, labels ...string) {
			labels = append([]string{"stage", name}, labels...)
			list[metric].Samples = append(list[metric].Samples, monitor.Sample{Value: value, Labels: labels})
		}
		add(0, float64(st.Total))
		add(1, float64(st.Done))
		add(2, float64(st.Waiting), "tasks", "waiting")
		add(2, float64(st.Working), "tasks", "working")
		add(3, float64(st.Bytes))
		add(4, st.Rate)
	}
	return list
}

// workerMetrics count the workers, in all and by stage: names of processes that come and go make no good labels.
func workerMetrics(s *cluster.Status, names []string) []monitor.Metric {
	counts := map[string]int{}
	stages := monitor.Metric{Name: "millrace_stage_slots", Help: "Slots of the workers that do the stage and are not stopping."}
	slots := map[string]int{}
	for i := range s.Workers {
		w := &s.Workers[i]
		counts[s.WorkerState(w)]++
		if w.Draining || w.Refused != "" {
			continue
		}
		for _, stage := range w.Stages {
			slots[stage] += w.Slots
		}
	}
	workers := monitor.Metric{Name: "millrace_workers", Help: "Workers by what they do."}
	for _, state := range []string{cluster.WorkerIdle, cluster.WorkerWorking, cluster.WorkerStopping, cluster.WorkerRefuses} {
		workers.Samples = append(workers.Samples, monitor.Sample{Value: float64(counts[state]), Labels: []string{"state", state}})
	}
	for _, name := range names {
		stages.Samples = append(stages.Samples, monitor.Sample{Value: float64(slots[name]), Labels: []string{"stage", name}})
	}
	return []monitor.Metric{workers, stages}
}

// trackerMetrics are the figures of one worker.
func trackerMetrics(s *monitor.Snapshot) []monitor.Metric {
	bytes := monitor.Metric{Name: "millrace_worker_input_bytes_total", Help: "Input that went through the stage in this process.", Counter: true}
	documents := monitor.Metric{Name: "millrace_worker_documents_total", Help: "Documents that went into the stage in this process.", Counter: true}
	for _, st := range s.Stages {
		bytes.Samples = append(bytes.Samples, monitor.Sample{Value: float64(st.Bytes), Labels: []string{"stage", st.Name}})
		documents.Samples = append(documents.Samples, monitor.Sample{Value: float64(st.Documents), Labels: []string{"stage", st.Name}})
	}
	return []monitor.Metric{bytes, documents}
}

func gauge(name, help string, value float64) monitor.Metric {
	return monitor.Metric{Name: name, Help: help, Samples: []monitor.Sample{{Value: value}}}
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unixSeconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
