package manifest

import "time"

// RunInfo says when and where a run took place. It lies outside of every digest except the manifest's own checksum.
type RunInfo struct {
	ID      string  `json:"id,omitempty"`   // what the run was asked for by; one id makes one version
	Date    string  `json:"date,omitempty"` // logical date of a scheduled run, RFC 3339 with its zone
	Started string  `json:"started"`        // RFC 3339
	Seconds float64 `json:"seconds"`
	Host    string  `json:"host"`
	Tool    string  `json:"tool"` // name and version of the program
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
