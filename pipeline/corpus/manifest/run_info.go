package manifest

import (
	"math"
	"time"

	"github.com/millrace/millrace/pipeline/ingest"
)

// RunInfo says when and where a run took place. It lies outside of every digest except the manifest's own checksum.
type RunInfo struct {
	ID      string  `json:"id,omitempty"`   // what the run was asked for by; one id makes one version
	Date    string  `json:"date,omitempty"` // logical date of a scheduled run, RFC 3339 with its zone
	Started string  `json:"started"`        // RFC 3339
	Seconds float64 `json:"seconds"`
	Host    string  `json:"host"`
	Tool    string  `json:"tool"` // name and version of the program
	// Roots are where the sources of the version lay for whoever planned it. Older programs did not say it.
	Roots []ingest.Place `json:"roots,omitempty"`
}

// Ran is for what, since when and where a run is under way. Its fields are those of engine.Info, which is above this package and
// converts to it.
type Ran struct {
	ID, Date string
	Started  time.Time
	Host     string
	Tool     string
}

// Info is what the manifest of the run says of that, as of now.
func (r Ran) Info() RunInfo {
	return RunInfo{
		ID: r.ID, Date: r.Date, Started: r.Started.UTC().Format(time.RFC3339), Seconds: time.Since(r.Started).Seconds(), Host: r.Host, Tool: r.Tool,
	}
}

// Ended is when the run ended, by the clock of its machine, to the second and not too early; false if that is not said.
func (r *RunInfo) Ended() (time.Time, bool) {
	const longest = 100 * 365 * 24 * time.Hour
	started, err := time.Parse(time.RFC3339, r.Started)
	if err != nil || r.Seconds < 0 || r.Seconds > longest.Seconds() {
		return time.Time{}, false
	}
	return started.Add(time.Duration(math.Ceil(r.Seconds))*time.Second + time.Second), true // started was cut to the second
}

// Committed is when the run ended, RFC 3339: the manifest has when it began and how long it took.
func (r *RunInfo) Committed() string {
	began, err := time.Parse(time.RFC3339, r.Started)
	if err != nil {
		return r.Started
	}
	return began.Add(time.Duration(r.Seconds * float64(time.Second))).Format(time.RFC3339)
}
