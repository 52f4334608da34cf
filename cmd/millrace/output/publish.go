package output

import (
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster/publish"
)

// maxRefusedShown bounds what is printed for people.
const maxRefusedShown = 20

// Published prints what was published, and copied into the source, if there is one.
func Published(w io.Writer, r *publish.Result, source string) error {
	p := &Printer{w: w}
	p.Printf("published %s, %s", pipeline.Counted(r.Published, "file"), size(r.Bytes))
	if source != "" {
		switch r.Uploaded {
		case 0:
			p.Printf("; the same bytes were in source %s already", source)
		case r.Published:
			p.Printf("; copied into source %s", source)
		default:
			p.Printf("; %s copied into source %s, which had the others already", number(r.Uploaded), source)
		}
	}
	p.Printf("\n")
	for i, f := range r.Refused {
		if i == maxRefusedShown {
			p.Printf("refused %s more; --json names all\n", number(len(r.Refused)-i))
			break
		}
		p.Printf("refused %s: %s\n", f.Path, publish.Says(f.Reason))
	}
	return p.err
}
