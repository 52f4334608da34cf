package lines

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/rule"
)

// cut cuts the live documents as a job does that counts nothing.
func (c *toy) cut(partitions int, b Bounds) (list []Cut) {
	c.t.Helper()
	c.version++
	p := &Plan{Partitions: partitions, History: c.history, Runs: c.runs, Withdrawn: c.tables}
	job := c.job(c.version)
	s := FrequentStage("boilerplate", func(*pipeline.Plan) (*Plan, error) { return p, nil })
	for i := range partitions {
		e, err := s.Runner.Run(c.t.Context(), pipeline.Task{Stage: s.Name, Index: i}, job)
		must(c.t, err)
		for _, out := range e.Outputs {
			if out.Out {
				c.t.Errorf("%s is written beside the work", out.Name)
			}
		}
	}
	k := NewCutter(c.t.Context(), job, p, b)
	live := c.live()
	for len(live) > 0 {
		n := min(len(live), 1+len(live)/2)
		must(c.t, k.Look(n, func(i int) (text, meta []byte, source string) {
			return []byte(live[i].text), []byte(live[i].meta()), "crawl"
		}))
		for i := range n {
			one := k.Cut(i, []byte(live[i].text))
			one.Text = []byte(string(one.Text))
			list = append(list, one)
		}
		live = live[n:]
	}
	must(c.t, k.Close())
	return list
}

// wantCut are the same, counted and cut the plain way.
func (c *toy) wantCut(b Bounds) (list []Cut) {
	live := c.live()
	in, groups := map[string]int64{}, map[string]int64{}
	for _, d := range live {
		groups[d.site]++
		seen := map[string]bool{}
		for line := range strings.SplitSeq(d.text, "\n") {
			if form := plainly(line); form != "" && !seen[form] {
				seen[form] = true
				in[d.site+"\n"+form]++
			}
		}
	}
	for _, d := range live {
		is := func(line string) bool {
			n := in[d.site+"\n"+plainly(line)]
			return plainly(line) != "" && n >= b.Least && float64(n) >= float64(b.Share)/1e6*float64(groups[d.site])-1e-9
		}
		blank := func(line string) bool { return plainly(line) == "" }
		cut, kept := int64(0), strings.Split(d.text, "\n")
		if b.Anywhere {
			var rest []string
			for _, line := range kept {
				if is(line) {
					cut++
				} else {
					rest = append(rest, line)
				}
			}
			kept = rest
		}
		for len(kept) > 0 && (blank(kept[0]) || is(kept[0])) {
			if is(kept[0]) {
				cut++
			}
			kept = kept[1:]
		}
		for n := len(kept) - 1; n >= 0 && (blank(kept[n]) || is(kept[n])); n-- {
			if is(kept[n]) {
				cut++
			}
			kept = kept[:n]
		}
		rest := strings.Join(kept, "\n")
		if cut == 0 {
			rest = d.text
		}
		list = append(list, Cut{[]byte(rest), cut, int64(utf8.RuneCountInString(d.text) - utf8.RuneCountInString(rest))})
	}
	return list
}

// TestCutAsByHand: over random corpora of several nights, with withdrawals, what is cut is what cutting by all lines of all live documents gives.
func TestCutAsByHand(t *testing.T) {
	some := 0
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		c := &toy{t: t, store: pipelinetest.NewMemory()}
		for range rapid.IntRange(1, 4).Draw(rt, "steps") {
			c.add(randomDocuments(r, r.IntN(60)))
		}
		c.count(1, 2)
		if r.IntN(2) == 0 && len(c.documents) > 0 {
			c.withdraw(func(i int) bool { return i%5 == 1 })
		}
		for _, anywhere := range []bool{false, true} {
			b := Bounds{Share: rule.One / 100 * rule.Number(1+r.IntN(60)), Least: LeastDocuments + int64(r.IntN(9)), Anywhere: anywhere}
			got := c.cut(1+r.IntN(4), b)
			for _, one := range got {
				some += int(one.Lines)
			}
			if d := gocmp.Diff(c.wantCut(b), got, gocmp.Transformer("text", func(c Cut) []any { return []any{string(c.Text), c.Lines, c.Chars} })); d != "" {
				rt.Fatalf("%+v (-by hand +cut): %s", b, d)
			}
		}
	})
	if some == 0 {
		t.Error("nothing was ever cut")
	}
}

// TestCutKeepsTheRest: what is left of a text, line by line.
func TestCutKeepsTheRest(t *testing.T) {
	c := &toy{t: t, store: pipelinetest.NewMemory()}
	const head, foot = "Home | News | About us", "Copyright 2001 Example"
	texts := []string{
		head + "\n\nfirst\n\nlast\n \n" + foot + "\n",
		"\nfirst\n" + head + "\nlast\n\n",
		head + "\nfirst\n" + head + "\n" + head + "\n\nlast\n",
		head + "\n\n" + foot,
		" ",
		"",
	}
	list := make([]document, 0, len(texts)+20)
	for _, text := range texts {
		list = append(list, document{text: text, site: "example.org"})
	}
	for range 20 {
		list = append(list, document{text: head + "\n" + foot, site: "example.org"})
	}
	c.add(list)
	c.count(1, 1)
	for _, k := range []struct {
		anywhere bool
		texts    []string
		lines    []int64
	}{
		{false, []string{"first\n\nlast", texts[1], "first\n" + head + "\n" + head + "\n\nlast", "", " ", ""}, []int64{2, 0, 1, 2, 0, 0}},
		{true, []string{"first\n\nlast", "first\nlast", "first\n\nlast", "", " ", ""}, []int64{2, 1, 3, 2, 0, 0}},
	} {
		got := c.cut(1, Bounds{Share: rule.One / 2, Least: 5, Anywhere: k.anywhere})
		for i, want := range k.texts {
			if string(got[i].Text) != want || got[i].Lines != k.lines[i] || got[i].Chars != int64(len(texts[i])-len(want)) {
				t.Errorf("anywhere %t: of %q %q is left, %d lines of %d characters are cut; it should be %q, and %d lines", k.anywhere, texts[i], got[i].Text,
					got[i].Lines, got[i].Chars, want, k.lines[i])
			}
		}
	}
	for _, b := range []Bounds{{Share: rule.One, Least: 5}, {Share: rule.One / 2, Least: 27}} { // some texts have neither, and there are 26
		for i, one := range c.cut(1, b) {
			if one.Lines > 0 {
				t.Errorf("%+v cuts %d lines of document %d", b, one.Lines, i)
			}
		}
	}
}
