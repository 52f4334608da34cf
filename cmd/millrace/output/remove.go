package output

import (
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/remove"
)

// shownDocuments is how many documents are named to people; all are in the ledger.
const shownDocuments = 10

// NothingToRemove is said of a removal that made no version.
const NothingToRemove = "nothing to remove: no live document is meant"

// Removed says what a removal came to.
func Removed(w io.Writer, r *remove.Result) error {
	p := NewPrinter(w)
	if r.Version == 0 {
		p.Printf("%s\n", NothingToRemove)
		missing(p, r.Missing)
		return p.Err()
	}
	p.Printf("version %d is the corpus without %s, %s of text; %s written anew, %s\n", r.Version, pipeline.Counted(r.Removed, "document"), size(r.Text),
		pipeline.Counted(r.Shards, "shard"), size(r.Bytes))
	found(p, &r.Found, "was removed")
	onceFreed(p, "the shards that were written anew", r.LostOnceFreed)
	p.Printf("digest       %s\n", r.Digest)
	return p.Err()
}

// RemovedLine is the same in a line of status.
func RemovedLine(p *Printer, r *remove.Result) {
	p.Printf("version      %06d, without %s, %s written anew, digest %s\n", r.Version, pipeline.Counted(r.Removed, "document"), pipeline.Counted(r.Shards, "shard"), r.Digest)
}

// Removal says what a removal would do.
func Removal(w io.Writer, v *remove.Preview) error {
	p := NewPrinter(w)
	p.Printf("%s of %s would go, %s of text; %s would be written anew, %s\n", number(v.Removed), pipeline.Counted(v.Documents, "document"), size(v.Text),
		pipeline.Counted(v.Shards, "shard"), size(v.Bytes))
	if v.Untold > 0 {
		p.Printf("of %s the expression cannot be told: a field is missing or is something else; they would stay\n", pipeline.Counted(v.Untold, "document"))
	}
	found(p, &v.Found, "would go")
	p.Printf("nothing was changed\n")
	return p.Err()
}

func found(p *Printer, f *remove.Found, goes string) {
	for i, d := range f.Removes {
		if i == shownDocuments {
			p.Printf("  … and %s more\n", number(f.Removed-shownDocuments))
			break
		}
		p.Printf("  %s  %s/%s at %d, version %d\n", d.ID, d.Source, d.Path, d.Offset, d.Version)
	}
	if f.Lost > 0 {
		p.Printf("%s had lost to what %s, and %s not in the corpus:\n", pipeline.Counted(f.Lost, "document"), goes, map[bool]string{true: "is", false: "are"}[f.Lost == 1])
	}
	for i, l := range f.Losers {
		if i == shownDocuments {
			p.Printf("  … and %s more\n", number(f.Lost-shownDocuments))
			break
		}
		p.Printf("  %s  %s/%s at %d, version %d, %s of %s\n", l.ID, l.Source, l.Path, l.Offset, l.Version, strings.ReplaceAll(l.Kind, "_", " "), l.Winner)
	}
	missing(p, f.Missing)
}

func missing(p *Printer, ids []string) {
	if len(ids) == 0 {
		return
	}
	shown := ids[:min(len(ids), shownDocuments)]
	p.Printf("%s not in the corpus, or no more: %s", pipeline.Counted(len(ids), "id"), strings.Join(shown, " "))
	if len(shown) < len(ids) {
		p.Printf(" …")
	}
	p.Printf("\n")
}
