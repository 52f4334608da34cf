package ingest

import (
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// Counters of web pages by what became of them. Where neither is there, no page was looked at for its article.
const (
	CounterArticles  = "articles"   // pages of which the article was taken
	CounterNoArticle = "no_article" // pages without one of which all text was kept
)

// PageText says what was taken of a page, for people: div#content > div.article: 34 of 210 blocks, 5,120 of 9,800 characters.
func PageText(p *columnar.Page) string {
	all := fmt.Sprintf("%s, %s", pipeline.Counted(p.Blocks, "block"), pipeline.Counted(p.Chars, "character"))
	switch {
	case !p.Article:
		return "no article found: the whole page, " + all
	case p.Taken == p.Blocks:
		return "the whole page: " + all
	}
	text := fmt.Sprintf("%s of %s, %s of %s", pipeline.Thousands(p.Taken), pipeline.Counted(p.Blocks, "block"), pipeline.Thousands(p.TakenChars),
		pipeline.Counted(p.Chars, "character"))
	if p.Where == "" {
		return text
	}
	return p.Where + ": " + text
}
