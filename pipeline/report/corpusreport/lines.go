package corpusreport

import (
	"context"
	"math"

	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/report"
)

const (
	topLines = 30
	topSites = 30
)

// lines are those that stand in the most documents, and the sites that have the most of them, if anybody has counted lines.
func (m *maker) lines(ctx context.Context) error {
	if m.Version != 0 {
		return nil // they are counted for what is live now
	}
	_, runs, err := m.corpus.LineRuns(ctx)
	if err != nil || len(runs) == 0 {
		return err
	}
	if !m.NoText {
		found, err := m.show.Lines(ctx, show.LinesOptions{Top: topLines})
		if err != nil {
			return err
		}
		for i := range found.Lines {
			l := &found.Lines[i]
			m.out.Lines = append(m.out.Lines, report.Line{Site: l.Group, Text: l.Line, Documents: l.Documents})
		}
	}
	sites, err := m.show.Lines(ctx, show.LinesOptions{Top: topSites, Groups: true})
	if err != nil {
		return err
	}
	for _, g := range sites.Groups {
		m.out.Sites = append(m.out.Sites, report.Site{Name: g.Group, Documents: g.Documents, Boilerplate: int64(math.Round(g.Boilerplate * 1e6))})
	}
	return nil
}
