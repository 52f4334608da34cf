package output

import (
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
)

// NothingToReindex is said of a reindex that made no version.
const NothingToReindex = "nothing to reindex: the index was made by this key text and these settings, and no document goes"

// Reindexed says what a reindex came to.
func Reindexed(w io.Writer, r *reindex.Result) error {
	p := NewPrinter(w)
	if r.Version == 0 {
		p.Printf("%s\n", NothingToReindex)
		return p.Err()
	}
	p.Printf("version %d has the index made anew: %s, %s, %s\n", r.Version, pipeline.Counted(r.Documents, "document"), pipeline.Counted(r.Keys, "key"), size(r.Bytes))
	if w := r.Withdrawn; w != nil {
		p.Printf("without %s, %s of text: %s exact, %s the same but for punctuation and case, %s near; %s written anew\n", pipeline.Counted(w.Documents, "document"),
			size(w.Text), number(w.Exact), number(w.SameKey), number(w.Near), pipeline.Counted(w.Shards, "shard"))
		if w.Losers > 0 {
			p.Printf("%s had lost to these: the next run reads their files again\n", pipeline.Counted(w.Losers, "document"))
		}
	}
	if r.ByTextOnly > 0 {
		p.Printf("%s whose text is gone: what equals them is still rejected, what resembles them not any more\n", pipeline.Counted(r.ByTextOnly, "removed document"))
	}
	onceFreed(p, "the keys and signatures before it", r.LostOnceFreed)
	p.Printf("digest       %s\n", r.Digest)
	return p.Err()
}

// ReindexedLine is the same in a line of status.
func ReindexedLine(p *Printer, r *reindex.Result) {
	without := ""
	if r.Withdrawn != nil {
		without = ", without " + pipeline.Counted(r.Withdrawn.Documents, "document")
	}
	p.Printf("version      %06d, index of %s made anew%s, digest %s\n", r.Version, pipeline.Counted(r.Documents, "document"), without, r.Digest)
}
