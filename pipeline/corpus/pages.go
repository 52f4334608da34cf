package corpus

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// PagesTable says of the web pages of a version what of them is the text. A version that looked for no article has no such table.
const PagesTable = "pages.parquet"

var pagesSchema = []columnar.Column{
	{Name: "source", Type: columnar.String, Dictionary: true},
	{Name: "path", Type: columnar.String, Dictionary: true},
	{Name: "offset", Type: columnar.Int64},
	{Name: "article", Type: columnar.Int32},
	{Name: "element", Type: columnar.String, Dictionary: true},
	{Name: "blocks", Type: columnar.Int64},
	{Name: "taken_blocks", Type: columnar.Int64},
	{Name: "chars", Type: columnar.Int64},
	{Name: "taken_chars", Type: columnar.Int64},
}

// writePages writes the table in the order of the splits, and returns no file if there are no pages. It reads the accounts once more,
// beside what writes the rejects, and only if pages were counted.
func (a *accountant) writePages(ctx context.Context) (file dataset.File, err error) {
	pages := func(e *pipeline.Entry) int64 {
		return e.Counters[ingest.CounterArticles] + e.Counters[ingest.CounterNoArticle]
	}
	all := int64(0)
	for i := range a.outcome.splits {
		all += pages(&a.outcome.splits[i])
	}
	if all == 0 {
		return file, nil
	}
	return writeTable(ctx, a.job, PagesTable, pagesSchema, func(t *table) error {
		for split := range a.outcome.splits {
			if pages(&a.outcome.splits[split]) == 0 {
				continue
			}
			err := ingest.ScanAccount(ctx, a.job, split, func(line ingest.AccountLine) error {
				if line.Page == nil {
					return nil
				}
				return a.page(t, line.Page)
			})
			if err != nil {
				return fmt.Errorf("split %d: %w", split, err)
			}
		}
		return nil
	})
}

func (a *accountant) page(t *table, p *columnar.Page) error {
	if p.File < 0 || int(p.File) >= len(a.plan.Files) {
		return fmt.Errorf("a page of file %d, the plan has %d", p.File, len(a.plan.Files))
	}
	article := int64(0)
	if p.Article {
		article = 1
	}
	t.text(a.plan.SourceName(p.File))
	t.text(a.plan.Files[p.File].Path)
	t.number(p.Offset)
	t.number(article)
	t.text(p.Where)
	for _, n := range []int64{p.Blocks, p.Taken, p.Chars, p.TakenChars} {
		t.number(n)
	}
	return t.end()
}
