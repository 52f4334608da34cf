package live

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	// crewShown is how many workers a picture has; the rest are asked for.
	crewShown = 50
	// lostFor is how long a worker is shown that is known no more, and lostShown how many of them.
	lostFor   = time.Minute
	lostShown = 200
)

// watch sees which workers are silent. Its own clock says how long ago a heartbeat was another one than before: the clocks of machines
// differ.
type watch struct {
	silence time.Duration
	known   map[string]seen
}

// seen is a worker as it was seen last.
type seen struct {
	worker Worker
	told   time.Time // its last heartbeat, as it says itself
	heard  time.Time // by our clock
	gone   time.Time // when it was known no more; zero: it is known
}

// see is the workers of a picture with what the pictures before say of them, those that something is wrong with first.
func (v *watch) see(now time.Time, list []Worker) []Worker {
	known := map[string]seen{}
	shown := make([]Worker, 0, len(list))
	for _, w := range list {
		before, met := v.known[w.ID]
		s := seen{worker: w, told: w.Heard, heard: before.heard}
		switch {
		case w.Heard.IsZero():
		case !met:
			s.heard = now.Add(-max(now.Sub(w.Heard), 0))
		case !before.told.Equal(w.Heard):
			s.heard = now
		}
		known[w.ID] = s
		if w.Heard.IsZero() {
			shown = append(shown, w)
			continue
		}
		w.Heard = s.heard
		if v.silence > 0 && now.Sub(s.heard) > v.silence {
			w.State = Silent
		}
		shown = append(shown, w)
	}
	lost := 0
	for id, s := range v.known {
		if _, here := known[id]; here || s.worker.State == Stopping || lost == lostShown {
			continue
		}
		if s.gone.IsZero() {
			s.gone = now
		}
		if now.Sub(s.gone) > lostFor {
			continue
		}
		lost++
		known[id] = s
		w := s.worker
		w.State, w.Heard, w.BytesPerSecond = Lost, s.heard, 0
		shown = append(shown, w)
	}
	v.known = known
	slices.SortFunc(shown, func(a, b Worker) int {
		return cmp.Or(cmp.Compare(trouble(a.State), trouble(b.State)), strings.Compare(a.Host, b.Host), strings.Compare(a.ID, b.ID))
	})
	return shown
}

// trouble ranks what workers do, the worst first.
func trouble(state string) int {
	return slices.Index([]string{Lost, Silent, Refuses, Stopping, Working, Idle}, state)
}

// crewOf counts workers, and has the first of them. Slots are those of workers that are there.
func crewOf(list []Worker) Crew {
	c := Crew{States: map[string]int{}, First: list[:min(len(list), crewShown)]}
	for i := range list {
		w := &list[i]
		c.States[w.State]++
		if w.State == Lost {
			continue
		}
		c.Total++
		if w.State != Silent && w.State != Refuses && w.State != Stopping {
			c.Slots += w.Slots
		}
	}
	return c
}

// deadShown is how many dead letters a picture has; the rest are asked for.
const deadShown = 20

// shortList is the first of a list; it is not that of the caller.
func shortList(list []DeadLetter) []DeadLetter {
	return append([]DeadLetter{}, list[:min(len(list), deadShown)]...)
}
