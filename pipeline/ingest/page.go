package ingest

import (
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
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

// ShownPage is a web page for people to look at: what was taken of it, and what was left and why.
type ShownPage struct {
	Name     string          `json:"name,omitempty"`     // the address of a record, or the member of a container; "" where the page is the file
	Taken    string          `json:"taken"`              // PageText
	Reject   string          `json:"reject,omitempty"`   // the reason why it is no document
	Detail   string          `json:"detail,omitempty"`   // of Reject
	Metadata json.RawMessage `json:"metadata,omitempty"` // what it says of itself, an object
	Lines    []ShownLine     `json:"lines"`              // of its text, in order, the first of them
	More     int             `json:"more,omitempty"`     // lines behind these
}

// ShownLine is a line of a page's text.
type ShownLine struct {
	Taken bool   `json:"taken"`
	Why   string `json:"why,omitempty"` // it was left, or would have been, had there been an article
	Text  string `json:"text"`          // as it is, but for its length
}
