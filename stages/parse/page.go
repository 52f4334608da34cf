package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/article"
	"github.com/millrace/millrace/stages/parse/markup"
)

// What of a web page is its text.
const (
	HTMLArticle = "article" // its article, as far as it has one: see package article
	HTMLPage    = "page"    // all that is seen of it
)

// What becomes of a page without an article.
const (
	NoArticleKeep   = "keep"   // its text is that of the whole page
	NoArticleReject = "reject" // it is rejected
)

// Whether comments, and the posts of a forum, are text.
const (
	CommentsDrop = "drop"
	CommentsKeep = "keep"
)

// How an article is written.
const (
	HTMLPlain    = "plain"    // in lines, as the whole page is
	HTMLMarkdown = "markdown" // with the marks of headings, lists, tables and code
)

// validateHTML returns what is wrong with the settings of web pages.
func (c *Config) validateHTML() (errs []error) {
	for _, s := range []struct {
		key, value string
		known      []string
	}{
		{"html", c.HTML, []string{HTMLArticle, HTMLPage}},
		{"no_article", c.NoArticle, []string{NoArticleKeep, NoArticleReject}},
		{"comments", c.Comments, []string{CommentsDrop, CommentsKeep}},
		{"html_text", c.HTMLText, []string{HTMLPlain, HTMLMarkdown}},
	} {
		if !slices.Contains(s.known, s.value) {
			errs = append(errs, fmt.Errorf("%s: unknown value %q: known are %s", s.key, s.value, strings.Join(s.known, ", ")))
		}
	}
	return errs
}

// pages takes the text out of web pages, as the settings say. It keeps its memory from one to the next, and is for one goroutine at a
// time.
type pages struct {
	articles *article.Extractor
	page     columnar.Page // what was taken of the last page, as far as looked
	looked   bool          // its article was looked for, and it has some text
	members  []textMember  // what it says of itself

	name    string                                // of the page that comes, for observe
	observe func(p *pages, reason, detail string) // is told of every page whose article is looked for; nil in a run
}

// take appends the text of a page of valid UTF-8 to dst, and leaves what it says of itself in members. A reason rejects it. looked says
// whether there is something to tell of what was taken.
func (p *pages) take(dst, src []byte, cfg *Config) (out []byte, reason, detail string) {
	if p.looked = false; cfg.HTML != HTMLArticle {
		out, title := markup.HTML(dst, src)
		p.members = append(p.members[:0], textMember{"title", title})
		return out, "", ""
	}
	if p.articles == nil {
		p.articles = &article.Extractor{}
	}
	out, found := p.articles.Extract(dst, src, article.Options{Markdown: cfg.HTMLText == HTMLMarkdown, Comments: cfg.Comments == CommentsKeep})
	p.page = columnar.Page{
		Article: !found.None, Where: found.Where, Blocks: int64(found.Blocks), Taken: int64(found.Taken), Chars: int64(found.Chars),
		TakenChars: int64(found.TakenChars),
	}
	f := &found.Facts
	p.members = append(p.members[:0], textMember{"title", f.Title}, textMember{"author", f.Author}, textMember{"published", f.Published},
		textMember{"modified", f.Modified}, textMember{"site", f.Site}, textMember{"source", f.Source}, textMember{"editor", f.Editor},
		textMember{"url", f.URL}, textMember{"language", f.Language})
	empty := len(out) == len(dst) // which is a reason of its own, as everywhere
	if found.None && cfg.NoArticle == NoArticleReject && !empty {
		reason = ingest.ReasonNoArticle
		detail = fmt.Sprintf("links %d %% of %s in %s", 100*found.LinkChars/max(found.Chars, 1), pipeline.Counted(found.Chars, "character"),
			pipeline.Counted(found.Blocks, "block"))
	}
	if p.observe != nil {
		p.observe(p, reason, detail)
	}
	if len(src) > keepScratch {
		p.articles = nil
	}
	p.looked = !empty
	return out, reason, detail
}

// counter is that of the last page, whose article was looked for.
func (p *pages) counter() string {
	if p.page.Article {
		return ingest.CounterArticles
	}
	return ingest.CounterNoArticle
}
