package output

import (
	"io"
	"path"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// Preview prints what a run would do. columns is as for Page.
func Preview(w io.Writer, v *intake.Preview, columns int) error {
	p := &Printer{w: w}
	p.Printf("a run would make version %06d of %s, %s, in %s\n", v.Version, pipeline.Counted(v.Files, "file"), size(v.InputBytes),
		pipeline.Counted(v.Splits, "task"))
	if v.Skipped > 0 {
		p.Printf("%s in the corpus already and skipped\n", are(v.Skipped, "file"))
	}
	if v.Replacing > 0 || v.Vanished > 0 {
		p.Printf("%s changed, and %s vanished: what goes is looked for in %s\n", has(v.Replacing, "file"), has(v.Vanished, "file"),
			pipeline.Counted(v.Searched, "shard"))
	}
	if v.Lost > 0 {
		p.Printf("%s read again for documents that had lost to withdrawn ones\n", are(int64(v.Lost), "file"))
	}
	p.Printf("work space needed: about %s\n", size(v.SpillEstimate))
	for i := range v.Kinds {
		k := &v.Kinds[i]
		if k.Reject != "" {
			p.Printf("\n%snot readable (%s): %s, such as %s\n", ofSource(k.Source), k.Reject, pipeline.Counted(k.Files, "file"), k.First)
			if k.Why != "" {
				p.Printf("  %s\n", k.Why)
			}
			continue
		}
		p.Printf("\n%s%s: %s, %s\n", ofSource(k.Source), kindText(k.Format, k.Encoding, k.Compression, k.Document), pipeline.Counted(k.Files, "file"), size(k.Bytes))
		p.Printf("  first: %s\n", k.First)
		if k.After == "" {
			p.Printf("  (no text in its first document)\n")
			if k.Why != "" {
				p.Printf("  %s\n", k.Why)
			}
			printPages(p, k.Pages, columns)
			continue
		}
		p.Printf("  before: %s\n  after:  %s\n", indent(show.Visible(k.Before)), indent(show.Visible(k.After)))
		printPages(p, k.Pages, columns)
	}
	return p.err
}

// previewRun is how many lines of one fate that follow each other a preview has of a page.
const previewRun = 2

func printPages(p *Printer, pages []ingest.ShownPage, columns int) {
	for i := range pages {
		Page(p, &pages[i], columns, previewRun)
	}
}

// ofSource names a source before what is said of its files.
func ofSource(name string) string {
	if name == "" {
		return ""
	}
	return "source " + name + ": "
}

// Detected prints what a file would be read as, and why, and its pages. columns is as for Page.
func Detected(p *Printer, d *intake.Detected, columns int) {
	p.Printf("%s  %s\n", path.Join(d.Source, d.Path), size(d.Bytes))
	if d.Format != "" {
		p.Printf("  %s\n", kindText(d.Format, d.Encoding, d.Compression, d.Document))
	}
	if d.Why != "" {
		p.Printf("  because %s\n", d.Why)
	}
	if d.Reject != "" {
		p.Printf("  not readable: %s\n", d.Reject)
		if d.Detail != "" {
			p.Printf("    %s\n", show.Visible(d.Detail))
		}
	}
	if line, _, _ := strings.Cut(d.First, "\n"); line != "" {
		p.Printf("  %s\n", show.Visible(line))
	}
	for i := range d.Pages {
		Page(p, &d.Pages[i], columns, 0)
	}
}

// kindText is a format, encoding, compression and document rule in words.
func kindText(format, encoding, compression, document string) string {
	if encoding != "" {
		format += ", " + encoding
	}
	if compression != "" {
		format += ", " + compression
	}
	return format + ", a document a " + strings.ReplaceAll(document, "_", " ")
}

func has(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " has"
	}
	return pipeline.Counted(n, noun) + " have"
}
