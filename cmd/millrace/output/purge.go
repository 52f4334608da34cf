package output

import (
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/purge"
)

// NothingToPurge is said of a purge that made no version.
const NothingToPurge = "no version was needed: nothing of withdrawn documents was left in live files"

// Purged says what a purge came to.
func Purged(w io.Writer, r *purge.Result) error {
	p := NewPrinter(w)
	if r.Version == 0 {
		p.Printf("%s\n", NothingToPurge)
	} else {
		p.Printf("version %d: %s written without excerpts, %s of the index written anew, %s left out\n", r.Version, pipeline.Counted(r.Excerpts, "ledger"),
			pipeline.Counted(r.Index, "file"), pipeline.Counted(r.LeftOut, "file"))
	}
	p.Printf("freed        %s, %s\n", pipeline.Counted(r.Freed, "file"), size(r.Bytes))
	if r.Archived > 0 {
		p.Printf("archived     %s of objects removed that the bucket had kept\n", pipeline.Counted(r.Archived, "old version"))
	}
	p.Printf("withdrawn    %s, of which no text is left", pipeline.Counted(r.Withdrawn, "document"))
	if r.Blocking > 0 {
		p.Printf("; %s of them left keys, by which what equals or resembles them stays out", number(r.Blocking))
	}
	p.Printf("\n")
	if r.Version > 0 {
		p.Printf("digest       %s\n", r.Digest)
	}
	return p.Err()
}

// PurgedLine is the same in a line of status.
func PurgedLine(p *Printer, r *purge.Result) {
	if r.Version == 0 {
		p.Printf("%s; freed %s, %s\n", NothingToPurge, pipeline.Counted(r.Freed, "file"), size(r.Bytes))
		return
	}
	p.Printf("version      %06d, without what was left of %s, digest %s\n", r.Version, pipeline.Counted(r.Withdrawn, "withdrawn document"), r.Digest)
}
