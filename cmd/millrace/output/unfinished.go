package output

import (
	"io"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// Unfinished prints the run into the corpus at a place that has no version yet, nil if there is none.
func Unfinished(w io.Writer, at string, r *ingest.UnfinishedRun) error {
	p := &Printer{w: w}
	if r == nil {
		p.Printf("no run into %s is unfinished\n", at)
		return p.err
	}
	p.Printf("unfinished   version %06d of %s, plan %s\n", r.Version, at, r.Plan[:16])
	if r.ID != "" {
		p.Printf("run          %s\n", r.ID)
	}
	if r.Date != "" {
		p.Printf("date         %s\n", r.Date)
	}
	for i, asked := range r.Asked {
		p.Printf("%-13s%s\n", label("of", i), asked)
	}
	p.Printf("input        %s, %s, %s\n", pipeline.Counted(r.Files, "file"), size(r.InputBytes), pipeline.Counted(r.Splits, "task"))
	p.Printf("phase        %s\n", r.Phase)
	p.Printf("documents    %s read so far, %s rejected", number(r.Documents), number(r.Rejected))
	if r.UnreadBytes > 0 {
		p.Printf(", %s not read", size(r.UnreadBytes))
	}
	p.Printf("\n")
	for i, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
		p.Printf("%-13s%s %s\n", label("rejects", i), number(r.Reasons[reason]), reason)
	}
	for i := range r.Worst {
		p.Printf("%-13s%s\n", label("worst files", i), r.Worst[i].String())
	}
	if r.Stopped == "" {
		p.Printf("\nit is under way, or was interrupted; the next run ends it first, run --restart gives it up\n")
		return p.err
	}
	p.Printf("\nstopped: %s\n", r.Stopped)
	p.Printf("mend the input or the settings and run again; --restart gives it up\n")
	return p.err
}
