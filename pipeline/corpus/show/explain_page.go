package show

import (
	"context"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
)

// PageDetail says what of a web page is the text of its document: see columnar.Page.
type PageDetail struct {
	Article     bool   `json:"article"`
	Element     string `json:"element"`
	Blocks      int64  `json:"blocks"`
	TakenBlocks int64  `json:"taken_blocks"`
	Chars       int64  `json:"chars"`
	TakenChars  int64  `json:"taken_chars"`
}

// String says it for people.
func (d *PageDetail) String() string {
	return ingest.PageText(&columnar.Page{
		Article: d.Article, Where: d.Element, Blocks: d.Blocks, Taken: d.TakenBlocks, Chars: d.Chars, TakenChars: d.TakenChars,
	})
}

var pageColumns = columnar.Selection{
	Text: []string{"source", "path", "element"},
	Int:  []string{"offset", "article", "blocks", "taken_blocks", "chars", "taken_chars"},
}

// pages adds to the documents that were web pages what was taken of them.
func (e *explainer) pages(ctx context.Context) error {
	tables := e.ledgers(corpus.PagesTable)
	if len(tables) == 0 {
		return nil
	}
	type place struct {
		fileVersion
		offset int64
	}
	documents, paths := map[place][]*DocumentFate{}, map[string]bool{}
	for i := range e.result.Documents {
		d := &e.result.Documents[i]
		at := place{fileVersion{d.Version, d.Source, d.Path}, d.Offset}
		documents[at] = append(documents[at], d)
		paths[d.Path] = true
	}
	by := columnar.Selection{Text: []string{"source", "path"}, Int: []string{"offset"}}
	rows, err := e.lookUp(ctx, tables, by, pageColumns, func(n int, f *columnar.Frame) func(int) bool {
		sources, names, offsets := f.Text("source"), f.Text("path"), f.Int("offset")
		return func(i int) bool {
			return paths[string(names.At(i))] &&
				documents[place{fileVersion{tables[n].version, string(sources.At(i)), string(names.At(i))}, offsets[i]}] != nil
		}
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, d := range documents[place{fileVersion{r.version, r.text["source"], r.text["path"]}, r.number["offset"]}] {
			d.Page = &PageDetail{
				Article: r.number["article"] != 0, Element: r.text["element"], Blocks: r.number["blocks"], TakenBlocks: r.number["taken_blocks"],
				Chars: r.number["chars"], TakenChars: r.number["taken_chars"],
			}
		}
	}
	return nil
}
