package output

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/monitor"
)

// Watched is how status --watch looks.
type Watched struct {
	Workers, Dead bool // these are shown
}

// leastListed are the lines of a list that are shown at least, whatever the height of the terminal is.
const leastListed = 3

// Lines is the picture: what the run is, how far it is as a run in one process shows it, and the lists that are asked for, as far as there is
// room. No line is wider than the terminal.
func (v Watched) Lines(s *cluster.Status, stages []string, width, height int) (lines []string) {
	add := func(format string, args ...any) {
		lines = append(lines, show.Line(fmt.Sprintf(format, args...), width-1))
	}
	r := &s.Run
	switch {
	case r.ID == "":
		add("run none yet: millrace start asks for one")
	case r.Error != "":
		add("run %s %s: %s", r.ID, r.State.Says(), r.Error)
	default:
		add("run %s %s%s", r.ID, r.State.Says(), droppedBy(s))
	}
	switch {
	case s.Coordinator == "":
		add("coordinator none leads: start millrace serve for this corpus")
	case !s.Leading:
		add("coordinator none leads: %s was last heard of %s ago", s.Coordinator, age(s.CoordinatorAge))
	default:
		add("coordinator %s", s.Coordinator)
	}
	if len(s.Waiting) > 0 {
		add("waiting %s", strings.Join(s.Waiting, ", "))
	}
	if r.State.UnderWay() {
		shown := s.Snapshot()
		lines = append(append(lines, ""), monitor.Frame(&shown, width)...)
	}
	switch {
	case len(s.Workers) == 0:
		add("no worker: start millrace worker")
	case len(s.Unmanned) > 0:
		add("no worker does %s: the run waits for one", strings.Join(s.Unmanned, ", "))
	}
	const below = 4 // an empty line before each list, its head, and the keys
	room := height - 1 - len(lines) - below
	if v.Workers && v.Dead {
		room /= 2
	}
	room = max(room, leastListed)
	if v.Workers && len(s.Workers) > 0 {
		lines = append(lines, "")
		lines = append(lines, workerLines(s, stages, width-1, room)...)
	}
	if v.Dead {
		lines = append(lines, "")
		lines = append(lines, deadLines(s, width-1, room)...)
	}
	lines = append(lines, "")
	add("q quit, w workers, d given up (%s)", number(s.Dead))
	return lines
}

// workerLines are a line a worker, those in trouble first.
func workerLines(s *cluster.Status, stages []string, width, most int) []string {
	workers := slices.Clone(s.Workers)
	trouble := func(w *cluster.WorkerStatus) int {
		if w.Refused != "" || w.Draining {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(workers, func(a, b cluster.WorkerStatus) int { return cmp.Compare(trouble(&a), trouble(&b)) })
	rows := [][]string{{"WORKER", "SLOTS", "HEARD", "STATE", "STAGES"}}
	for i := range workers[:min(most, len(workers))] {
		w := &workers[i]
		rows = append(rows, []string{w.ID, number(w.Slots), age(w.Age) + " ago", s.WorkerState(w), stagesOf(w, stages)})
	}
	lines := table(rows, width)
	if more := len(workers) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more", number(more)))
	}
	return lines
}

// deadLines are a line a file of a split that was given up.
func deadLines(s *cluster.Status, width, most int) []string {
	if s.Dead == 0 {
		return []string{"nothing was given up"}
	}
	rows := [][]string{{"SPLIT", "FILE", "WHY"}}
	for i := range s.DeadLetters[:min(most, len(s.DeadLetters))] {
		d := &s.DeadLetters[i]
		why, _, _ := strings.Cut(d.Error, "\n")
		rows = append(rows, []string{number(d.Split), d.Source + "/" + d.Path, why})
	}
	lines := table(rows, width)
	if more := len(s.DeadLetters) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more; millrace dead list says which", pipeline.Counted(more, "file")))
	}
	return lines
}

// table puts columns below each other; the last one takes what is left, and what does not fit ends in an ellipsis.
func table(rows [][]string, width int) (lines []string) {
	const space = 2
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i := range row {
			row[i] = show.Visible(row[i])
			wide[i] = max(wide[i], show.Width(row[i]))
		}
	}
	for i, w := range wide { // no column takes more than half of it
		wide[i] = min(w, width/2)
	}
	for _, row := range rows {
		var b strings.Builder
		left := width
		for i, cell := range row {
			room := min(wide[i], left)
			if i == len(row)-1 {
				room = left
			}
			if room < leastCell {
				break
			}
			cell = show.Line(cell, room)
			b.WriteString(cell)
			left -= room + space
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", room-show.Width(cell)+space))
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// leastCell is the narrowest column of a table: a narrower one says nothing.
const leastCell = 4
