package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/cluster"
)

const (
	watchEvery = 2 * time.Second
	// lookTimeout is how long a picture of the cluster may take.
	lookTimeout = 15 * time.Second
)

func newStatus(a *app) *cobra.Command {
	var watch bool
	cmd := newMember(a, "status [flags]", "Show the run under way, its stages and the workers",
		`Shows what the processes of a corpus do: the newest run, how far each stage is, its lag (tasks that wait and that are in
hand), its speed and the time it still needs; the workers with the age of their last heartbeat; who coordinates; splits that
were given up; and requests for runs that have not begun. With --watch it is shown again every two seconds, until Ctrl-C; with
--json --watch as one line each time.`,
		func(ctx context.Context, _ config.Config, client *cluster.Client) error {
			return a.status(ctx, client, watch)
		})
	cmd.Flags().BoolVar(&watch, "watch", false, "show it again and again")
	return cmd
}

func (a *app) status(ctx context.Context, client *cluster.Client, watch bool) error {
	for first := true; ; first = false {
		s, err := look(ctx, client)
		switch {
		case watch && ctx.Err() != nil:
			return nil //nolint:nilerr // being told to stop is how it ends
		case err != nil:
			return err
		}
		if err := a.printStatus(&s, watch, first); err != nil || !watch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// look takes a picture of the cluster, in bounded time.
func look(ctx context.Context, client *cluster.Client) (cluster.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return client.Look(ctx)
}

const clearScreen = "\x1b[H\x1b[2J"

func (a *app) printStatus(s *cluster.Status, watch, first bool) error {
	switch {
	case a.json && watch:
		return json.NewEncoder(a.out).Encode(s)
	case a.json:
		return writeJSON(a.out, s)
	}
	var b strings.Builder
	switch {
	case watch && a.outColumns > 0:
		b.WriteString(clearScreen)
	case !first:
		b.WriteString("\n")
	}
	if err := writeStatus(&b, s); err != nil {
		return err
	}
	_, err := io.WriteString(a.out, b.String()) // at once, so that nothing flickers
	return err
}

// writeStatus writes a picture of the cluster for people.
func writeStatus(w io.Writer, s *cluster.Status) error {
	p := &printer{w: w}
	statusOfRun(p, s)
	switch {
	case s.Coordinator == "":
		p.printf("coordinator  none leads: start millrace serve for this corpus\n")
	case !s.Leading:
		p.printf("coordinator  none leads: %s was last heard of %s ago; start millrace serve for this corpus\n", s.Coordinator, age(s.CoordinatorAge))
	default:
		p.printf("coordinator  %s\n", s.Coordinator)
	}
	if len(s.Waiting) > 0 {
		p.printf("waiting      %s\n", strings.Join(s.Waiting, ", "))
	}
	if s.Dead > 0 {
		p.printf("given up     %s; millrace dead list says which\n", pipeline.Counted(s.Dead, "split"))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	rows := &printer{w: t}
	if len(s.Stages) > 0 {
		rows.printf("\nSTAGE\tDONE\tTOTAL\tWAITING\tWORKING\tMB/S\tLEFT\t\n")
	}
	for i := range s.Stages {
		st := &s.Stages[i]
		speed, left := "", ""
		if st.Rate > 0 {
			speed = fmt.Sprintf("%.1f", st.Rate/1e6)
		}
		if st.ETASeconds > 0 {
			left = age(st.ETASeconds)
		}
		rows.printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", st.Stage, number(st.Done), number(st.Total), number(st.Waiting), number(st.Working), speed, left)
	}
	if p.err = t.Flush(); p.err != nil {
		return p.err
	}
	statusOfWorkers(p, s)
	return p.err
}

// statusOfRun is what is said of the newest run.
func statusOfRun(p *printer, s *cluster.Status) {
	r := &s.Run
	if r.ID == "" {
		p.printf("run          none yet: millrace start asks for one\n")
		return
	}
	since, at := ", begun at", r.Started
	if !r.State.UnderWay() {
		since, at = " at", r.Ended
	}
	p.printf("run          %s %s%s %s\n", r.ID, r.State.Says(), since, at.Local().Format(time.DateTime+" MST"))
	if r.Plan != "" {
		p.printf("plan         %s", r.Plan[:min(16, len(r.Plan))])
		if s.InputBytes > 0 {
			p.printf(", %s", size(s.InputBytes))
		}
		p.printf("\n")
	}
	if d := s.Documents; d.Read > 0 {
		p.printf("documents    %s read, %s filtered, %s rejected", number(d.Read), number(d.Filtered), number(d.Rejected))
		if d.Kept > 0 {
			p.printf(", %s kept, %s duplicates", number(d.Kept), number(d.Duplicates))
		}
		p.printf("\n")
	}
	if r.Error != "" {
		p.printf("error        %s\n", strings.ReplaceAll(r.Error, "\n", "\n             "))
	}
	if r.Result != nil {
		v, err := viewOf(r)
		if err == nil {
			err = v.line(p, r.Result)
		}
		if err != nil {
			p.printf("%v\n", err)
		}
	}
}

// statusOfWorkers is a line a worker, and what keeps some of them from working.
func statusOfWorkers(p *printer, s *cluster.Status) {
	if len(s.Workers) == 0 {
		p.printf("\nno worker: start millrace worker\n")
		return
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	rows := &printer{w: t}
	rows.printf("\nWORKER\tHOST\tSTAGES\tSLOTS\tHEARD\tSTATE\n")
	for i := range s.Workers {
		w := &s.Workers[i]
		rows.printf("%s\t%s\t%s\t%d\t%s ago\t%s\n", w.ID, w.Host, stagesOf(w), w.Slots, age(w.Age), stateOf(w, s))
	}
	if err := t.Flush(); err != nil {
		p.err = err
	}
	if len(s.Unmanned) > 0 {
		p.printf("\nno worker does %s: the run waits for one\n", strings.Join(s.Unmanned, ", "))
	}
	for i := range s.Workers {
		if w := &s.Workers[i]; w.Refused != "" {
			p.printf("\n%s refuses: %s\n", w.ID, strings.ReplaceAll(w.Refused, "\n", "\n  "))
		}
	}
}

// What a worker does.
const (
	workerIdle     = "idle"
	workerWorking  = "working"
	workerStopping = "stopping"
	workerRefuses  = "refuses the run"
)

func stateOf(w *cluster.WorkerStatus, s *cluster.Status) string {
	switch {
	case w.Draining:
		return workerStopping
	case w.Refused != "":
		return workerRefuses
	case w.Plan != "" && w.Plan == s.Run.Plan && s.Run.State.UnderWay():
		return workerWorking
	}
	return workerIdle
}

func stagesOf(w *cluster.WorkerStatus) string {
	if slices.Equal(w.Stages, stageNames()) {
		return "all"
	}
	return strings.Join(w.Stages, ",")
}

// age is a time in seconds for people.
func age(seconds float64) string {
	return (time.Duration(seconds) * time.Second).String()
}
