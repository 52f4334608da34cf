package web

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// sets are the pages that are told apart.
var sets = []struct {
	name  string
	has   func(p *Page) bool
	whole bool // all pages of a language: the CPU time is of them
}{
	{"English", func(p *Page) bool { return !p.Chinese }, true},
	{"Chinese", func(p *Page) bool { return p.Chinese }, true},
	{"Chinese, held out", func(p *Page) bool { return p.Held }, false},
	{"English, short", func(p *Page) bool { return !p.Chinese && p.Short() }, false},
	{"Chinese, short", func(p *Page) bool { return p.Chinese && p.Short() }, false},
}

// report prints what was found by all, of which the first is the program itself.
func report(out io.Writer, machine string, t *Table, pages []Page, all []*extraction) error {
	sites := map[bool]int{}
	for _, s := range t.Sites {
		if len(s.Take) > 0 {
			sites[s.Held]++
		}
	}
	fmt.Fprintf(out, "%s, %s; English: %s at %.8s; Chinese: %d sites, %d of them held out; short: < %d characters\n",
		machine, time.Now().Format(time.DateOnly), t.English.Name, t.English.Commit, sites[false]+sites[true], sites[true], shortText)
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "pages\tof\ttool\tP\tR\tF1\texact\tempty\tCPU s/MB\t")
	for _, s := range sets {
		for _, e := range all {
			m, size, chinese := score(pages, s.has, e)
			cpu := "-"
			if s.whole {
				cpu = fmt.Sprintf("%.4f", e.cpu[chinese]*1e6/float64(size))
			}
			fmt.Fprintf(tw, "%s\t%d\t%s\t%.3f\t%.3f\t%.3f\t%.2f\t%d\t%s\t\n", s.name, m.Pages, e.tool, m.Precision, m.Recall, m.F1(), m.Exact, m.Empty, cpu)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	none, found, gaps := 0, 0, 0
	for i := range pages {
		said := all[0].none[pages[i].Name]
		switch {
		case pages[i].None:
			none++
			if said {
				found++
			}
		case said:
			gaps++
		}
	}
	fmt.Fprintf(out, "no article: said of %d of %d pages that have none, and of %d that have one\n", found, none, gaps)
	tw = tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "days of publication\tof\tstated\tright\tmissing\twrong\tnone stated\tinvented\t")
	for _, l := range []struct {
		name    string
		chinese bool
	}{{"English", false}, {"Chinese", true}} {
		for _, e := range all {
			if len(e.dates) > 0 {
				d := dated(pages, e.dates, l.chinese)
				fmt.Fprintf(tw, "%s\t%s\t%d\t%d (%.1f %%)\t%d\t%d\t%d\t%d\t\n", l.name, e.tool, d.Stated, d.Right, 100*float64(d.Right)/float64(max(1, d.Stated)),
					d.Missing, d.Wrong, d.Undated, d.Invented)
			}
		}
	}
	return tw.Flush()
}

// score is how a tool did on the pages of a set that have an article, and how many bytes of HTML these are.
func score(pages []Page, has func(p *Page) bool, e *extraction) (m Mean, size int, chinese bool) {
	var scores []Score
	each(pages, func(p *Page) bool { return !p.None && has(p) }, func(p *Page) {
		size += len(p.HTML)
		chinese = p.Chinese
		scores = append(scores, Compare(p.Text, e.texts[p.Name], p.Chinese))
	})
	return Average(scores), size, chinese
}
