package parse

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// What is shown of a page at most, and how much decoded text is looked through for pages.
const (
	shownLines  = 2000
	shownBytes  = 400 // of a line
	shownWithin = 8 << 20
)

// Pages reads the first web pages of a file of the plan, at most so many, and says what is taken of each. It looks for them only in files
// that can hold some, and only in what these begin with; with html: page, and in formats of which the setting does not speak, there are
// none.
func (fs Formats) Pages(ctx context.Context, in ingest.Input, file, most int) (list []ingest.ShownPage, err error) {
	f := &in.Plan.Files[file]
	if f.Format != HTML && f.Format != WARC && !isContainer(f.Format) || f.Reject != "" {
		return nil, nil
	}
	plan := *in.Plan
	plan.Splits = []ingest.Split{{Pieces: []ingest.Piece{{File: file, End: f.Bytes}}}}
	opened, err := fs.Open(ctx, ingest.Input{Plan: &plan, Sources: in.Sources}, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	made, err := New(fs.cfg, &plan)
	if err != nil {
		return nil, err
	}
	observe := func(p *pages, reason, detail string) {
		if len(list) < most {
			list = append(list, p.shown(reason, detail))
		}
	}
	r, s := opened.(*reader), made.(*Stage) // which the two functions above make
	r.stream.observe, s.pages.observe = observe, observe
	for within := 0; len(list) < most && within < shownWithin; {
		b := &columnar.Batch{}
		if err := r.Read(ctx, b); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		within += len(b.Text.Data)
		if _, err := pipeline.ProcessAll(ctx, []pipeline.Stage{s}, b); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// shown is the last page, whose article was looked for.
func (p *pages) shown(reason, detail string) ingest.ShownPage {
	page := ingest.ShownPage{
		Name: p.name, Taken: ingest.PageText(&p.page), Reject: reason, Detail: detail, Metadata: json.RawMessage(appendObject(nil, p.members)),
	}
	for b := range p.articles.Blocks() {
		if len(page.Lines) == shownLines {
			page.More++
			continue
		}
		text := b.Text[:min(len(b.Text), shownBytes)]
		page.Lines = append(page.Lines, ingest.ShownLine{Taken: b.Taken || reason == "" && !p.page.Article, Why: b.Why, Text: strings.ToValidUTF8(string(text), "")})
	}
	return page
}
