package show

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// WriteText writes the difference for people.
func (d *Diff) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	p.diffTotals(d)
	p.diffDocuments(&d.Documents)
	p.diffFiles(&d.Files)
	p.diffVocab(&d.Vocabulary)
	for i := range d.Tokens {
		p.heading(strings.ToUpper(d.Tokens[i].Kind.title) + "S")
		p.diffTokens(&d.Tokens[i], "token")
	}
	p.diffRejects(d.Rejects)
	return b.Flush()
}

// diffRow is a row of a table of two numbers and their difference.
func diffRow(name string, a, b int64) []string {
	change := pipeline.Thousands(b - a)
	if b > a {
		change = "+" + change
	}
	return []string{name, pipeline.Thousands(a), pipeline.Thousands(b), change}
}

func (p textPrinter) diffTotals(d *Diff) {
	a, b := &d.A.Totals, &d.B.Totals
	p.printf("A is version %d, %s; B is version %d, %s\n\n", d.A.Version, d.A.Digest[:16], d.B.Version, d.B.Digest[:16])
	p.table("sum", [][]string{
		{"sum", "A", "B", "change"},
		diffRow("documents read", a.Documents.Read, b.Documents.Read),
		diffRow("kept", a.Documents.Kept, b.Documents.Kept),
		diffRow("exact duplicates", a.Documents.ExactDuplicates, b.Documents.ExactDuplicates),
		diffRow("same key duplicates", a.Documents.SameKeyDuplicates, b.Documents.SameKeyDuplicates),
		diffRow("near duplicates", a.Documents.NearDuplicates, b.Documents.NearDuplicates),
		diffRow("duplicates of earlier versions", a.Documents.OfEarlier, b.Documents.OfEarlier),
		diffRow("withdrawn", a.Withdrawn.Documents, b.Withdrawn.Documents),
		diffRow("filtered", a.Documents.Filtered, b.Documents.Filtered),
		diffRow("rejected", a.Documents.Rejected, b.Documents.Rejected),
		diffRow("characters", a.Chars, b.Chars),
		diffRow("different characters", a.VocabularyChars, b.VocabularyChars),
		diffRow("input bytes", a.InputBytes, b.InputBytes),
		diffRow("unread bytes", a.UnreadBytes, b.UnreadBytes),
	})
}

func (p textPrinter) diffDocuments(d *DocumentDiff) {
	p.heading("DOCUMENTS")
	if !d.Known {
		p.printf("  not compared: %s\n", d.Why)
		return
	}
	p.printf("  %s added, %s removed, %s changed\n", pipeline.Thousands(d.Added), pipeline.Thousands(d.Removed), pipeline.Thousands(d.Changed))
	for _, part := range []struct {
		sign string
		list []DiffDocument
		all  int64
	}{{"+", d.AddedFirst, d.Added}, {"-", d.RemovedFirst, d.Removed}, {"~", d.ChangedFirst, d.Changed}} {
		for i := range part.list {
			f := &part.list[i]
			p.printf("    %s %s  version %d  %s/%s at %s\n", part.sign, f.ID, f.Version, visible(f.Source), visible(f.Path), pipeline.Thousands(f.Offset))
		}
		p.more(part.sign, part.all, len(part.list))
	}
}

// more says how many of a list are not shown.
func (p textPrinter) more(sign string, all int64, shown int) {
	if left := all - int64(shown); left > 0 && shown > 0 {
		p.printf("    %s and %s more\n", sign, pipeline.Thousands(left))
	}
}

func (p textPrinter) diffFiles(d *FileDiff) {
	p.heading("FILES")
	p.printf("  %s added, %s removed, %s changed\n", pipeline.Thousands(d.Added), pipeline.Thousands(d.Removed), pipeline.Thousands(d.Changed))
	for _, part := range []struct {
		sign string
		list []FileName
		all  int64
	}{{"+", d.AddedFirst, d.Added}, {"-", d.RemovedFirst, d.Removed}, {"~", d.ChangedFirst, d.Changed}} {
		for _, f := range part.list {
			p.printf("    %s %s/%s\n", part.sign, visible(f.Source), visible(f.Path))
		}
		p.more(part.sign, part.all, len(part.list))
	}
}

func (p textPrinter) diffVocab(d *VocabDiff) {
	p.heading("VOCABULARY")
	p.diffTokens(&TokenDiff{
		Kind: Chars, Known: d.Known, New: int64(d.New), Gone: int64(d.Gone), NewTokens: d.NewChars, GoneTokens: d.GoneChars, ByShare: d.ByShare, ByRank: d.ByRank,
	}, "char")
}

// diffTokens prints what moved; the column of tokens is called name.
func (p textPrinter) diffTokens(d *TokenDiff, name string) {
	if !d.Known {
		p.printf("  not compared: one side has none\n")
		return
	}
	p.printf("  %s%s\n", pipeline.Counted(d.New, "new "+d.Kind.title), tokenList(d.NewTokens, d.New))
	p.printf("  %s gone%s\n", pipeline.Thousands(d.Gone), tokenList(d.GoneTokens, d.Gone))
	for _, part := range []struct {
		title string
		list  []CharMove
	}{{"whose share moved most", d.ByShare}, {"whose rank moved most", d.ByRank}} {
		if len(part.list) == 0 {
			continue
		}
		p.printf("\n  %s\n", part.title)
		rows := [][]string{{name, "rank A", "rank B", "share A", "share B", "change"}}
		for i := range part.list {
			m := &part.list[i]
			rows = append(rows, []string{
				visible(m.Token), strconv.Itoa(m.RankA), strconv.Itoa(m.RankB), percent(m.ShareA), percent(m.ShareB),
				fmt.Sprintf("%+.4f", 100*(m.ShareB-m.ShareA)),
			})
		}
		p.table(name, rows)
	}
}

// tokenList is the first tokens of a list, "" for none.
func tokenList(list []CharMove, all int64) string {
	if len(list) == 0 {
		return ""
	}
	var chars []string
	for i := range list {
		chars = append(chars, visible(list[i].Token))
	}
	if all > int64(len(list)) {
		chars = append(chars, "…")
	}
	return ": " + strings.Join(chars, " ")
}

func (p textPrinter) diffRejects(list []ReasonCount) {
	if len(list) == 0 {
		return
	}
	p.heading("LEFT OUT, and why")
	rows := [][]string{{"reason", "of", "A", "B", "change"}}
	for i := range list {
		r := &list[i]
		row := diffRow(r.Reason, r.A, r.B)
		rows = append(rows, []string{row[0], leftOut(r.Scope, 2) + " " + r.Verdict, row[1], row[2], row[3]})
	}
	p.table("reason of", rows)
}
