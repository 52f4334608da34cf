package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/jobs/compact"
)

// Verified prints what verify found.
func Verified(w io.Writer, r *verify.Report) error {
	p := &Printer{w: w}
	for _, v := range r.Versions {
		withdrawn := ""
		if v.Withdrawn > 0 {
			withdrawn = fmt.Sprintf(", of which %s are withdrawn,", number(v.Withdrawn))
		}
		p.Printf("version %06d  %s%s in %s  digest %s\n", v.Version, pipeline.Counted(v.Documents, "document"), withdrawn, pipeline.Counted(v.Files, "file"), v.Digest)
	}
	p.Printf("read %s, %s\n", pipeline.Counted(r.Files, "file"), size(r.Bytes))
	if len(r.Recounted) > 0 {
		p.Printf("counted again: %s\n", strings.Join(r.Recounted, ", "))
	}
	if r.Uncounted != "" {
		p.Printf("characters were not counted again: %s\n", r.Uncounted)
	}
	if r.LostWinners > 0 {
		p.Printf("%s had a winner in a version that is not live any more\n", pipeline.Counted(r.LostWinners, "duplicate"))
	}
	if n := len(r.Unsettled); n > 0 {
		p.Printf("to be moved by the next command that writes: %s\n", pipeline.Counted(n, "file"))
	}
	if r.LogBehind {
		p.Printf("the Delta log is to be written by the next command that writes\n")
	}
	if r.RepeatedIDs > 0 {
		p.Printf("ids that documents of several versions have: %s, of files that changed and were added to\n", number(r.RepeatedIDs))
	}
	for _, f := range r.Unexpected {
		p.Printf("unexpected: %s\n", f)
	}
	for _, problem := range r.Problems {
		p.Printf("damaged: %s\n", problem)
	}
	for _, trace := range r.NotPurged {
		p.Printf("not purged: %s\n", trace)
	}
	if len(r.Problems) == 0 {
		p.Printf("sound\n")
	}
	return p.err
}

// NothingToCompact is said of a compaction that made no version.
const NothingToCompact = "nothing to compact: no two versions have small shards that would be fewer, and none has shards of an earlier format"

// Compacted prints what a compaction came to.
func Compacted(w io.Writer, r *compact.Result) error {
	p := &Printer{w: w}
	if r.Version == 0 {
		p.Printf("%s\n", NothingToCompact)
		return p.err
	}
	p.Printf("version %d has the documents of %s in %s\n", r.Version, pipeline.Counted(len(r.Compacts), "version"), pipeline.Counted(r.Shards, "shard"))
	onceFreed(p, "the small shards", r.LostOnceFreed)
	return p.err
}

// CompactedLine is a compaction in a line of status.
func CompactedLine(p *Printer, r *compact.Result) {
	p.Printf("version      %06d, the documents of %s in %s, digest %s\n", r.Version, pipeline.Counted(len(r.Compacts), "version"),
		pipeline.Counted(r.Shards, "shard"), r.Digest)
}

// Collected prints what gc removed, or with dry would remove.
func Collected(w io.Writer, r *corpus.GCReport, dry bool) error {
	p := &Printer{w: w}
	for _, f := range r.Freed {
		p.Printf("%10s  %-12s  %s\n", size(f.Bytes), f.Why, f.Path)
	}
	verb := "freed"
	if dry {
		verb = "would free"
	}
	p.Printf("%s %s\n", verb, size(r.Bytes))
	if len(r.Droppable) > 0 {
		p.Printf("can be dropped, each with all behind it: %s\n", Versions(r.Droppable))
	}
	if dry && len(r.Lost) > 0 {
		p.Printf("after that, %s\n", NotDroppable(r.Lost))
	}
	return p.err
}

// NotDroppable says which versions cannot be dropped any more.
func NotDroppable(lost []int) string {
	return Versions(lost) + " cannot be dropped any more: what the corpus was made of before is gone"
}

// onceFreed says what a gc will cost that frees what a new version has removed, none if nothing.
func onceFreed(p *Printer, what string, lost []int) {
	if len(lost) > 0 {
		p.Printf("%s stay until gc frees them, by --keep or --keep-for; then %s\n", what, NotDroppable(lost))
	}
}

// Versions names some.
func Versions(list []int) string {
	if len(list) == 1 {
		return "version " + manifest.VersionRange(list)
	}
	return "versions " + manifest.VersionRange(list)
}
