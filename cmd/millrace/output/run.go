package output

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// Run prints the summary of a run for people.
func Run(w io.Writer, out string, r *ingest.Result) error {
	p := &Printer{w: w}
	if r.Barren {
		printBarren(p, r)
		return p.err
	}
	if r.Version == 0 {
		p.Printf("%s\n", NothingNew(r.Files.Skipped, out))
		return p.err
	}
	d := r.Documents
	p.Printf("version %06d of %s%s\n\n", r.Version, out, ofRun(r))
	p.Printf("  documents   %12s read\n", number(d.Read))
	p.Printf("              %12s kept\n", number(d.Kept))
	p.Printf("              %12s exact duplicates\n", number(d.ExactDuplicates))
	p.Printf("              %12s near duplicates%s\n", number(d.NearDuplicates), sameKey(d.SameKey))
	if d.Unchanged > 0 {
		p.Printf("              %12s of these in changed files, as they were\n", number(d.Unchanged))
	}
	if d.Revised > 0 {
		p.Printf("              %12s of these in changed files, which an earlier version of the corpus has\n", number(d.Revised))
	}
	p.Printf("              %12s filtered\n", number(d.Filtered))
	p.Printf("              %12s rejected%s\n", number(d.Rejected), asAsked(&d))
	if w := r.Withdrawn; w != nil {
		text, _ := skippedText(w.Reasons)
		p.Printf("  withdrawn   %12s of earlier versions%s\n", number(w.Documents), behind(": ", text))
		if w.Losers > 0 {
			p.Printf("              %12s of other files had lost to them: the next run reads these again\n", number(w.Losers))
		}
	}
	if text, n := skippedText(r.SkippedRecords); n > 0 {
		p.Printf("  records     %12s of web archives skipped: %s\n", number(n), text)
	}
	if r.OtherEncoding > 0 {
		p.Printf("  encodings   %12s records or lines in another one than their file, read in that\n", number(r.OtherEncoding))
	}
	if n := r.Pages; n.Articles+n.NoArticle > 0 {
		p.Printf("  pages       %12s articles taken\n", number(n.Articles))
		if n.NoArticle > 0 {
			p.Printf("              %12s without an article, kept whole\n", number(n.NoArticle))
		}
	}
	f := r.Files
	p.Printf("  files       %12s listed\n", number(f.Listed))
	p.Printf("              %12s read, %s in part, %s skipped, %s rejected\n", number(f.Read), number(f.InPart),
		number(f.Skipped), number(f.Rejected))
	if r.Withdrawn != nil && r.Withdrawn.Vanished > 0 {
		p.Printf("              %12s vanished\n", number(r.Withdrawn.Vanished))
	}
	if f.OnlyRejects > 0 {
		p.Printf("              %12s of those read gave nothing but rejects\n", number(f.OnlyRejects))
	}
	p.Printf("  vocabulary  %12s characters\n", number(r.Vocabulary.Chars))
	p.Printf("  shards      %12s\n", number(r.Shards))
	p.Printf("  on the disk %12s\n", size(r.AddedBytes))
	printSources(p, r.Sources)
	p.Printf("\n")
	p.Printf("  %s in %s%s", size(r.InputBytes), seconds(r.Seconds), rate(r))
	if r.PeakRSSBytes > 0 { // of a run that many processes did nobody knows it
		p.Printf(", peak memory %s", size(r.PeakRSSBytes))
	}
	p.Printf("\n")
	p.Printf("  digest %s\n", r.Digest)
	onceFreed(p, "  files of earlier versions that it took the place of", r.LostOnceFreed)
	if r.Waiting > 0 {
		p.Printf("\nthis run was resumed from its stored plan; %s not in it and will be in the next run\n", are(r.Waiting, "new file"))
	}
	return p.err
}

// RunLine is a run in a line of status.
func RunLine(p *Printer, r *ingest.Result) {
	p.Printf("version      %06d, %s kept of %s read, digest %s\n", r.Version, number(r.Documents.Kept), number(r.Documents.Read), r.Digest)
}

// printBarren tells what became of files that no document came out of.
func printBarren(p *Printer, r *ingest.Result) {
	p.Printf("no document came through: no version was made\n\n")
	p.Printf("  documents   %12s read, %s filtered, %s rejected\n", number(r.Documents.Read), number(r.Documents.Filtered), number(r.Documents.Rejected))
	p.Printf("  files       %12s listed, %s read, %s in part, %s skipped, %s rejected\n", number(r.Files.Listed), number(r.Files.Read),
		number(r.Files.InPart), number(r.Files.Skipped), number(r.Files.Rejected))
	for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
		p.Printf("  reason      %12s %s\n", number(r.Reasons[reason]), reason)
	}
	for i := range r.Worst {
		p.Printf("  %s\n", r.Worst[i].String())
	}
}

// ofRun says which run made a version, where that is not clear from the command.
func ofRun(r *ingest.Result) string {
	var words []string
	if r.Resumed {
		words = append(words, "the end of an unfinished run")
	}
	switch {
	case r.Date != "":
		words = append(words, "of "+r.Date)
	case r.ID != "":
		words = append(words, "run "+r.ID)
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// skippedText says why how many records are no documents, and how many these are.
func skippedText(skipped map[string]int64) (text string, total int64) {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		total += skipped[why]
		parts = append(parts, number(skipped[why])+" "+why)
	}
	return strings.Join(parts, ", "), total
}

// NothingNew is said of a run that made no version. No file may have been looked at, where the run of the date stands already.
func NothingNew(skipped int64, out string) string {
	if skipped == 0 {
		return "nothing new: no version was made"
	}
	return "nothing new: " + are(skipped, "file") + " in " + out + " already, no version was made"
}

// asAsked says how many of the rejected documents are so because somebody asked for it.
func asAsked(d *ingest.DocumentCounts) string {
	var parts []string
	if n := d.RejectedWithdrawn; n > 0 {
		parts = append(parts, number(n)+" like documents that were removed")
	}
	if n := d.RejectedNoArticle; n > 0 {
		parts = append(parts, number(n)+" pages without an article")
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func sameKey(n int64) string {
	if n == 0 {
		return ""
	}
	return " (" + number(n) + " the same but for punctuation and case)"
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// rate is left out where start-up is most of the time.
func rate(r *ingest.Result) string {
	if r.Seconds < 1 {
		return ""
	}
	return fmt.Sprintf(" (%s/s, %s documents/s)", size(int64(float64(r.InputBytes)/r.Seconds)), number(int64(float64(r.Documents.Read)/r.Seconds)))
}

// shownSources is how many sources have a line of their own.
const shownSources = 8

// printSources says what was kept of each source, if there are several: those first of which most was.
func printSources(p *Printer, list []manifest.SourceTotals) {
	if len(list) < 2 {
		return
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b manifest.SourceTotals) int { return cmp.Compare(b.Kept.Documents, a.Kept.Documents) })
	for i, s := range list[:min(len(list), shownSources)] {
		p.Printf("  %-11s %12s kept of %s, %s\n", label("sources", i), number(s.Kept.Documents), s.Name, size(s.Kept.Bytes))
	}
	if more := len(list) - shownSources; more > 0 {
		rest := int64(0)
		for _, s := range list[shownSources:] {
			rest += s.Kept.Documents
		}
		p.Printf("              %12s kept of %s\n", number(rest), pipeline.Counted(int64(more), "other source"))
	}
}

// Rejects says what a run, and those that it finished first, could not take in, though it should have come in.
func Rejects(r *ingest.Result) string {
	documents, rejected, inPart := r.Documents.Unexpected(), r.Files.Rejected, r.Files.InPart
	for _, one := range r.Finished {
		documents, rejected, inPart = documents+one.Documents.Unexpected(), rejected+one.Files.Rejected, inPart+one.Files.InPart
	}
	var parts []string
	if n := documents; n > 0 {
		parts = append(parts, pipeline.Counted(n, "document"))
	}
	if n := rejected; n > 0 {
		parts = append(parts, pipeline.Counted(n, "file"))
	}
	if n := inPart; n > 0 {
		parts = append(parts, "parts of "+pipeline.Counted(n, "file"))
	}
	return strings.Join(parts, ", ")
}

// behind is a text with something before it, if there is any.
func behind(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
