package output

import (
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/signals"
)

// NothingToMeasure is said of a measurement that made no version.
const NothingToMeasure = "nothing to measure: all documents have these signals"

// Measured says what a measurement came to.
func Measured(w io.Writer, r *signals.Result) error {
	p := NewPrinter(w)
	if r.Version == 0 {
		p.Printf("%s\n", NothingToMeasure)
		return p.Err()
	}
	p.Printf("version %d has %s of %s, in %s of %s\n", r.Version, pipeline.Counted(int64(len(r.Signals)), "signal"), pipeline.Counted(r.Documents, "document"),
		pipeline.Counted(int64(r.Shards), "file"), size(r.Bytes))
	p.Printf("digest       %s\n", r.Digest)
	return p.Err()
}

// MeasuredLine is the same in a line of status.
func MeasuredLine(p *Printer, r *signals.Result) {
	p.Printf("version      %06d, %s of %s measured, digest %s\n", r.Version, pipeline.Counted(int64(len(r.Signals)), "signal"),
		pipeline.Counted(r.Documents, "document"), r.Digest)
}
