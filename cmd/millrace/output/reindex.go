package output

import (
	"io"

	"millrace/pipeline"
	"millrace/pipeline/jobs/reindex"
)

// NothingToReindex is said of a reindex that made no version.
const NothingToReindex = "nothing to reindex: the index was made by this key text and these settings"

// Reindexed says what a reindex came to.
func Reindexed(w io.Writer, r *reindex.Result) error {
	p := NewPrinter(w)
	if r.Version == 0 {
		p.Printf("%s\n", NothingToReindex)
		return p.Err()
	}
	p.Printf("version %d has the index made anew: %s, %s, %s\n", r.Version, pipeline.Counted(r.Documents, "document"), pipeline.Counted(r.Keys, "key"), size(r.Bytes))
	if r.ByTextOnly > 0 {
		p.Printf("%s whose text is gone: what equals them is still rejected, what resembles them not any more\n", pipeline.Counted(r.ByTextOnly, "removed document"))
	}
	onceFreed(p, "the keys and signatures before it", r.LostOnceFreed)
	p.Printf("digest       %s\n", r.Digest)
	return p.Err()
}

// ReindexedLine is the same in a line of status.
func ReindexedLine(p *Printer, r *reindex.Result) {
	p.Printf("version      %06d, index of %s made anew, digest %s\n", r.Version, pipeline.Counted(r.Documents, "document"), r.Digest)
}
