package output

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/release"
)

// NothingToRelease is said where the release is there.
const NothingToRelease = "nothing to do: this very release is there"

// Released says what a release came to, or would come to.
func Released(w io.Writer, r *release.Result) error {
	p := NewPrinter(w)
	n := pipeline.Thousands[int64]
	switch {
	case r.Documents == 0:
		p.Printf("%s\n", NothingToRelease)
		return p.Err()
	case r.Dry:
		p.Printf("a release of version %d of the corpus, with %s, would have:\n", r.Corpus.Version, pipeline.Counted(r.Documents, "document"))
	default:
		p.Printf("%s is a release of version %d of the corpus, with %s\n", r.Out, r.Corpus.Version, pipeline.Counted(r.Documents, "document"))
	}
	for _, s := range r.Splits {
		p.Printf("%-12s %s", s.Name, pipeline.Counted(s.Documents, "document"))
		if s.Tokens > 0 {
			p.Printf(", %s in %s", pipeline.Counted(s.Tokens, "token"), pipeline.Counted(s.Sequences, "sequence"))
			if s.Padded > 0 {
				p.Printf(" (and %s filled up)", n(s.Padded))
			}
		}
		p.Printf(", %s\n", pipeline.Counted(int64(s.Shards), "shard"))
	}
	if len(r.Strata) > 1 || len(r.Strata) == 1 && r.Strata[0].Name != "" {
		rows := [][]string{{"stratum", "documents", "available", "target", "taken", "repeats"}}
		for _, s := range r.Strata {
			rows = append(rows, []string{s.Name, n(s.Documents), n(s.Available), n(s.Target), n(s.Taken), s.Repeats})
		}
		p.Printf("strata, in %s:\n", r.Unit)
		widths := make([]int, len(rows[0]))
		for _, row := range rows {
			for i, cell := range row {
				widths[i] = max(widths[i], len([]rune(cell)))
			}
		}
		for _, row := range rows {
			p.Printf("  %s", row[0]+fmt.Sprintf("%*s", widths[0]-len([]rune(row[0])), ""))
			for i, cell := range row[1:] {
				p.Printf("  %*s", widths[i+1], cell)
			}
			p.Printf("\n")
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(r.LeftOut)) {
		p.Printf("left out     %s: %s\n", n(r.LeftOut[reason]), reason)
	}
	if c := r.Cut; c != nil {
		p.Printf("cut          %s of %s, %s\n", pipeline.Counted(c.Lines, "line"), pipeline.Counted(c.Documents, "document"), pipeline.Counted(c.Chars, "character"))
	}
	if r.SelectRead > 0 {
		p.Printf("selected by  %s of the %s that the documents take\n", pipeline.ByteSize(r.SelectRead), pipeline.ByteSize(r.DataBytes))
	}
	if !r.Dry {
		p.Printf("files        %d, %s\ndigest       %s\n", r.Files, pipeline.ByteSize(r.Bytes), r.Digest)
	}
	return p.Err()
}

// ReleasedLine is the same in a line of status.
func ReleasedLine(p *Printer, r *release.Result) {
	p.Printf("release      %s, %s, digest %s\n", r.Out, pipeline.Counted(r.Copies, "document"), r.Digest)
}

// ReleaseVerified says what was found in a release.
func ReleaseVerified(w io.Writer, r *release.Verified) error {
	p := NewPrinter(w)
	for _, problem := range r.Problems {
		p.Printf("%s\n", problem)
	}
	if len(r.Problems) == 0 {
		p.Printf("the release is sound: %s, %s, %s released and %s left out, digest %s\n", pipeline.Counted(int64(r.Files), "file"), pipeline.ByteSize(r.Bytes),
			pipeline.Counted(r.Released, "document"), pipeline.Thousands(r.LeftOut), r.Digest)
	}
	return p.Err()
}

// ReleaseExplained says what became of a document in a release.
func ReleaseExplained(w io.Writer, e *release.Explained) error {
	p := NewPrinter(w)
	n := pipeline.Thousands[int64]
	if e.Reason != "" {
		p.Printf("%s of version %d of the corpus was left out: %s\n", e.ID, e.Version, e.Reason)
		if e.Figure != "" {
			p.Printf("figure       %s\n", e.Figure)
		}
		return p.Err()
	}
	p.Printf("%s of version %d of the corpus is in %s", e.ID, e.Version, e.Split)
	if e.Copies > 1 {
		p.Printf(", %s times", n(e.Copies))
	}
	p.Printf("\n")
	if e.Stratum != "" {
		p.Printf("stratum      %s\n", e.Stratum)
	}
	if len(e.Places) == 0 {
		p.Printf("shard        %s, document %s\n", e.Shard, n(e.Position))
		return p.Err()
	}
	p.Printf("tokens       %s\n", n(e.Tokens))
	for _, at := range e.Places {
		p.Printf("shard        %s, tokens %s to %s", at.Shard, n(at.Start), n(at.End-1))
		if e.Copies > 1 {
			p.Printf(", repeat %d", at.Copy)
		}
		if at.Part > 0 || len(e.Places) > int(e.Copies) {
			p.Printf(", part %d", at.Part)
		}
		p.Printf("\n")
	}
	return p.Err()
}

// ReleasesDiffer says what tells two releases apart.
func ReleasesDiffer(w io.Writer, d *release.Difference) error {
	p := NewPrinter(w)
	n := pipeline.Thousands[int64]
	for _, of := range []struct {
		side string
		r    *release.Result
	}{{"a", &d.A}, {"b", &d.B}} {
		p.Printf("%s  %s, of version %d, %s, %s with repeats, digest %s\n", of.side, of.r.Out, of.r.Corpus.Version, pipeline.Counted(of.r.Released, "document"), n(of.r.Copies), of.r.Digest)
	}
	if d.Same {
		p.Printf("the files are the same\n")
	}
	said := func(text string) string {
		if text == "" {
			return "nothing"
		}
		return text
	}
	for _, s := range d.Recipe {
		p.Printf("recipe       %s: %s → %s\n", s.Path, said(s.A), said(s.B))
	}
	some := func(what string, of *release.Some) {
		if of.Documents == 0 {
			return
		}
		p.Printf("documents    %s %s\n", n(of.Documents), what)
		for _, id := range of.Examples {
			p.Printf("             %s\n", id)
		}
	}
	some("of the corpus of a only", &d.OnlyA)
	some("of the corpus of b only", &d.OnlyB)
	for i := range d.Changes {
		some(d.Changes[i].What, &d.Changes[i].Some)
	}
	return p.Err()
}
