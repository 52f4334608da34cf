package web

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/millrace/millrace/stages/parse/article"
	"github.com/millrace/millrace/stages/parse/markup"
)

// Lab measures what the program takes for the article of a page, beside other tools.
type Lab struct {
	Store   Store
	Scratch string   // a folder for what lies about while it is measured
	Left    string   // a folder to leave pages, right texts and what each tool made of them in, or ""
	Runs    int      // how often all pages are extracted; the least CPU time counts
	Only    []string // environments of other tools to measure, instead of all
	Machine string   // what it is measured on
	// Environment returns the interpreter of a virtual environment in which packages are pinned.
	Environment func(ctx context.Context, name string, pins []string) (python string, err error)
}

// extraction is what one tool made of pages.
type extraction struct {
	tool  string
	texts map[string]string // by the names of the pages
	none  map[string]bool   // pages that the tool itself says have no article
	dates map[string]string // days of publication, if the tool says any
	cpu   map[bool]float64  // seconds of all pages, by whether they are Chinese
}

// Run measures all, and prints tables.
func (l *Lab) Run(ctx context.Context, out io.Writer) error {
	t, err := Load()
	if err != nil {
		return err
	}
	pages, err := t.Collect(ctx, l.Store)
	if err != nil {
		return err
	}
	all := []*extraction{l.articles(pages), l.wholePages(pages)} // the first one is ours: report knows
	for _, tool := range tools {
		if len(l.Only) > 0 && !slices.Contains(l.Only, tool.environment) {
			continue
		}
		e, err := l.extract(ctx, tool, pages)
		if err != nil {
			return fmt.Errorf("%s: %w", tool.name, err)
		}
		all = append(all, e)
	}
	if l.Left != "" {
		if err := leave(l.Left, pages, all); err != nil {
			return err
		}
	}
	return report(out, l.Machine, t, pages, all)
}

// articles extracts by the program, as parse.html: article does, in this process.
func (l *Lab) articles(pages []Page) *extraction {
	e := newExtraction("millrace: article")
	var x article.Extractor
	var text []byte
	l.timed(e, pages, func(p *Page) {
		var found article.Page
		text, found = x.Extract(text[:0], p.HTML, article.Options{})
		e.texts[p.Name], e.none[p.Name], e.dates[p.Name] = string(text), found.None, found.Facts.Published
	})
	return e
}

// wholePages is the text of the whole page, as parse.html: page has it.
func (l *Lab) wholePages(pages []Page) *extraction {
	e := newExtraction("millrace: page")
	var text []byte
	l.timed(e, pages, func(p *Page) {
		text, _ = markup.HTML(text[:0], p.HTML)
		e.texts[p.Name] = string(text)
	})
	return e
}

func newExtraction(tool string) *extraction {
	return &extraction{tool: tool, texts: map[string]string{}, none: map[string]bool{}, dates: map[string]string{}, cpu: map[bool]float64{}}
}

// timed extracts all pages with an article, several times over, and notes the least CPU time that this process spent, all its
// threads counted. Then it extracts the others.
func (l *Lab) timed(e *extraction, pages []Page, extract func(p *Page)) {
	for _, chinese := range []bool{false, true} {
		for range l.Runs {
			start := cpuTime()
			each(pages, func(p *Page) bool { return p.Chinese == chinese && !p.None }, extract)
			spent := (cpuTime() - start).Seconds()
			if before, ok := e.cpu[chinese]; !ok || spent < before {
				e.cpu[chinese] = spent
			}
		}
	}
	each(pages, func(p *Page) bool { return p.None }, extract)
}

func each(pages []Page, is func(p *Page) bool, do func(p *Page)) {
	for i := range pages {
		if is(&pages[i]) {
			do(&pages[i])
		}
	}
}
