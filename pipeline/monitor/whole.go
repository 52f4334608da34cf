package monitor

import "time"

// phaseShare is what a phase is of the whole.
type phaseShare struct {
	weight, done, before float64 // of its stages; before is what an earlier try has done
	rest                 float64 // of the weight of those that are not over
	begun, over          bool
	elapsed              time.Duration
	eta                  time.Duration // of its stages that are not over, each by what is left of its weight
	known                bool          // that is known of all of them
}

// Weigh fills in how much of the whole is done, and what time it still needs. A phase counts by its weight: what it took, against the others,
// on one machine and one input. Stages that turn out to have no task count nothing. The time that is left is that of the phase under way,
// as its stages go; and of those behind it the weights, by the time that a unit of weight took so far in this very run.
func (s *Snapshot) Weigh() {
	phases := s.phases()
	var all, done, worked float64 // worked and elapsed are of phases that tell something
	var elapsed time.Duration
	for i := range phases {
		p := &phases[i]
		all, done = all+p.weight, done+p.done
		if mine := p.done - p.before; p.over || p.known && mine >= leastWorked*p.weight {
			worked, elapsed = worked+mine, elapsed+p.elapsed
		}
	}
	if all == 0 {
		return
	}
	s.Whole = min(done/all, mostUnfinished)
	if elapsed < leastElapsed || worked < leastWorked*all {
		return
	}
	scale := float64(elapsed) / worked // nanoseconds to a unit of weight
	var left time.Duration
	for i := range phases {
		p := &phases[i]
		rest := time.Duration((p.weight - p.done) * scale)
		switch {
		case p.over:
		case p.known:
			left += p.eta
		case p.begun: // it goes, and nothing of it is done yet
			left += max(rest-p.elapsed, rest/10)
		default:
			left += rest
		}
	}
	s.ETA, s.Known = left, true
}

// mostUnfinished is shown of a job that is not committed.
const mostUnfinished = 0.99

// phases are the shares of all phases, in order.
func (s *Snapshot) phases() (list []phaseShare) {
	for i := range s.Stages {
		st := &s.Stages[i]
		for len(list) <= st.Phase {
			list = append(list, phaseShare{over: true, known: true})
		}
		p := &list[st.Phase]
		p.begun = p.begun || st.Begun
		if st.Begun && st.Total == 0 {
			continue
		}
		p.weight += st.Weight
		p.done += st.Weight * st.Fraction()
		p.before += st.Weight * st.before()
		p.over = p.over && st.Over()
		p.elapsed = max(p.elapsed, st.Elapsed)
		if rest := st.Weight * (1 - st.Fraction()); rest > 0 {
			eta, known := st.ETA()
			before := p.rest
			p.rest += rest
			p.eta = time.Duration((float64(p.eta)*before + float64(eta)*rest) / p.rest)
			p.known = p.known && known
		}
	}
	return list
}
