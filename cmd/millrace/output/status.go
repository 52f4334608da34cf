package output

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
)

// Status writes a picture of the cluster for people. Stages are those that there are, and line prints the result of a run.
func Status(w io.Writer, s *cluster.Status, stages []string, line func(*Printer, *cluster.Record) error) error {
	p := &Printer{w: w}
	statusOfRun(p, s, line)
	switch {
	case s.Coordinator == "":
		p.Printf("coordinator  none leads: start millrace serve for this corpus\n")
	case !s.Leading:
		p.Printf("coordinator  none leads: %s was last heard of %s ago; start millrace serve for this corpus\n", s.Coordinator, age(s.CoordinatorAge))
	default:
		p.Printf("coordinator  %s\n", s.Coordinator)
	}
	if len(s.Waiting) > 0 {
		p.Printf("waiting      %s\n", strings.Join(s.Waiting, ", "))
	}
	if s.Dead > 0 {
		p.Printf("given up     %s; millrace dead list says which\n", pipeline.Counted(s.Dead, "split"))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	rows := &Printer{w: t}
	if len(s.Stages) > 0 {
		rows.Printf("\nSTAGE\tDONE\tTOTAL\tWAITING\tWORKING\tMB/S\tLEFT\t\n")
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
		rows.Printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", st.Stage, number(st.Done), number(st.Total), number(st.Waiting), number(st.Working), speed, left)
	}
	if p.err = t.Flush(); p.err != nil {
		return p.err
	}
	statusOfWorkers(p, s, stages)
	return p.err
}

// statusOfRun is what is said of the newest run.
func statusOfRun(p *Printer, s *cluster.Status, line func(*Printer, *cluster.Record) error) {
	r := &s.Run
	if r.ID == "" {
		p.Printf("run          none yet: millrace start asks for one\n")
		return
	}
	since, at := ", begun at", r.Started
	if !r.State.UnderWay() {
		since, at = " at", r.Ended
	}
	p.Printf("run          %s %s%s %s%s\n", r.ID, r.State.Says(), since, at.Local().Format(time.DateTime+" MST"), droppedBy(s))
	if r.Plan != "" {
		p.Printf("plan         %s", r.Plan[:min(16, len(r.Plan))])
		if s.InputBytes > 0 {
			p.Printf(", %s", size(s.InputBytes))
		}
		p.Printf("\n")
	}
	if s.Planning != nil {
		p.Printf("planning     %s\n", s.Planning.Says())
	}
	if s.Done > 0 {
		p.Printf("whole        %.0f %% done", 100*s.Done)
		if s.WholeETASeconds > 0 {
			p.Printf(", %s left", age(s.WholeETASeconds))
		}
		p.Printf("\n")
	}
	if d := s.Documents; d.Read > 0 {
		p.Printf("documents    %s read, %s filtered, %s rejected", number(d.Read), number(d.Filtered), number(d.Rejected))
		if d.Kept > 0 {
			p.Printf(", %s kept, %s duplicates", number(d.Kept), number(d.Duplicates))
		}
		p.Printf("\n")
	}
	if r.Error != "" {
		p.Printf("error        %s\n", strings.ReplaceAll(r.Error, "\n", "\n             "))
	}
	if r.Result != nil {
		if err := line(p, r); err != nil {
			p.Printf("%v\n", err)
		}
	}
}

// droppedBy says what became of the version of a run.
func droppedBy(s *cluster.Status) string {
	if s.DroppedBy == 0 {
		return ""
	}
	return fmt.Sprintf(", and was dropped by version %d", s.DroppedBy)
}

// statusOfWorkers is a line a worker, and what keeps some of them from working.
func statusOfWorkers(p *Printer, s *cluster.Status, stages []string) {
	if len(s.Workers) == 0 {
		p.Printf("\nno worker: start millrace worker\n")
		return
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	rows := &Printer{w: t}
	rows.Printf("\nWORKER\tHOST\tSTAGES\tSLOTS\tHEARD\tSTATE\n")
	for i := range s.Workers {
		w := &s.Workers[i]
		rows.Printf("%s\t%s\t%s\t%d\t%s ago\t%s\n", w.ID, w.Host, stagesOf(w, stages), w.Slots, age(w.Age), s.WorkerState(w))
	}
	if err := t.Flush(); err != nil {
		p.err = err
	}
	if len(s.Unmanned) > 0 {
		p.Printf("\nno worker does %s: the run waits for one\n", strings.Join(s.Unmanned, ", "))
	}
	for i := range s.Workers {
		if w := &s.Workers[i]; w.Refused != "" {
			p.Printf("\n%s refuses: %s\n", w.ID, strings.ReplaceAll(w.Refused, "\n", "\n  "))
		}
	}
}

func stagesOf(w *cluster.WorkerStatus, all []string) string {
	if slices.Equal(w.Stages, all) {
		return "all"
	}
	return strings.Join(w.Stages, ",")
}

// age is a time in seconds for people.
func age(seconds float64) string {
	return (time.Duration(seconds) * time.Second).String()
}
