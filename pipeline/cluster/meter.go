package cluster

import (
	"maps"
	"time"
)

// rateWindow is the time over which a worker's rates are taken: long enough for a task or two to end in it.
const rateWindow = 10 * time.Second

// meter turns counters that only grow into counts and rates of the run that a worker works on.
type meter struct {
	plan    string
	base    map[string]int64 // the counters when the run was taken up
	samples []sample         // oldest first: the last rateWindow, and one from before it
}

type sample struct {
	at    time.Time
	bytes map[string]int64
}

// measure takes the counters at a moment. Bytes are of the plan alone; rates, in bytes a second, of the last rateWindow of it.
func (m *meter) measure(now time.Time, plan string, counters map[string]int64) (bytes map[string]int64, rates map[string]float64) {
	if plan == "" {
		*m = meter{base: counters}
		return nil, nil
	}
	if plan != m.plan {
		// Up to the last look the worker had no run: what came since is of this one. Before the first look it counts from zero.
		base := m.base
		if m.plan != "" {
			base = counters
		}
		*m = meter{plan: plan, base: base}
	}
	bytes, rates = map[string]int64{}, map[string]float64{}
	for stage, n := range counters {
		if n -= m.base[stage]; n > 0 {
			bytes[stage] = n
		}
	}
	m.samples = append(m.samples, sample{now, maps.Clone(bytes)})
	for len(m.samples) > 2 && now.Sub(m.samples[1].at) >= rateWindow {
		m.samples = m.samples[1:]
	}
	first := m.samples[0]
	elapsed := now.Sub(first.at).Seconds()
	if elapsed <= 0 {
		return bytes, rates
	}
	for stage, n := range bytes {
		if n -= first.bytes[stage]; n > 0 {
			rates[stage] = float64(n) / elapsed
		}
	}
	return bytes, rates
}
