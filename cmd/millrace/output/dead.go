package output

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster/dead"
)

// Dead prints dead letters, a line each.
func Dead(w io.Writer, list []dead.Letter) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	p := &Printer{w: t}
	p.Printf("ID\tOF\tFILE\tBYTES\tATTEMPTS\tSTATE\tERROR\n")
	for i := range list {
		l := &list[i]
		attempts := ""
		if l.Attempts > 0 {
			attempts = number(l.Attempts)
		}
		p.Printf("%s\t%s\t%s/%s\t%s\t%s\t%s\t%s\n", l.ID, letterOf(l), l.Source, l.Path, letterSpan(l), attempts, letterState(l), shortened(l.Error, 60))
	}
	if p.err != nil {
		return p.err
	}
	return t.Flush()
}

// DeadLetter prints all that is known of one.
func DeadLetter(w io.Writer, l *dead.Letter) error {
	p := &Printer{w: w}
	p.Printf("id        %s\nof        %s\nfile      %s/%s, %s, modified %s\nrange     %s\nstate     %s\n", l.ID, letterOf(l), l.Source, l.Path,
		size(l.FileBytes), time.Unix(0, l.ModTime).UTC().Format(time.RFC3339), letterSpan(l), letterState(l))
	if l.Attempts > 0 {
		p.Printf("attempts  %d\n", l.Attempts)
	}
	p.Printf("error     %s\n", l.Error)
	return p.err
}

func letterOf(l *dead.Letter) string {
	if l.Run != "" {
		return "run " + l.Run
	}
	return "version " + pipeline.VersionName(l.Version)
}

func letterSpan(l *dead.Letter) string { return fmt.Sprintf("%d-%d", l.Offset, l.Offset+l.Bytes) }

func letterState(l *dead.Letter) string {
	switch {
	case l.Run != "":
		return "run under way"
	case l.Dropped:
		return "dropped"
	}
	return "open"
}

func shortened(text string, most int) string {
	if first := pipeline.FirstChars(text, most); first != text {
		return first + "…"
	}
	return text
}
