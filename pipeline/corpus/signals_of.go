package corpus

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	signals "github.com/millrace/millrace/pipeline/signal/table"
)

// languageSignal is the signal whose labels are codes of languages, but for those that mean none.
const languageSignal = "language"

var noLanguages = []string{"und", "other"}

// languageShare is of how many documents of a version one has to be in a language that the card names.
const languageShare = 100

// nameSignals says in the manifest of a version what the columns of its files of signals are, which all of them have, and in which languages
// its documents are by them.
func (c *Corpus) nameSignals(ctx context.Context, plan *pipeline.Plan, m *manifest.Manifest) error {
	files := m.In(&pipeline.SignalTable)
	if len(files) == 0 {
		return nil
	}
	from := c.Committing(c.Out(plan))
	columns, err := signals.Columns(ctx, from, files[0].Path)
	if err != nil {
		return err
	}
	m.SignalColumns = nil
	for _, d := range signals.Describe(columns) {
		m.SignalColumns = append(m.SignalColumns, manifest.SignalColumn{Name: d.Name, Unit: d.Unit, Note: d.Note})
	}
	at := slices.IndexFunc(columns, func(c signals.Column) bool { return c.Name == languageSignal })
	if at < 0 || len(columns[at].Labels) == 0 {
		return nil
	}
	counts, all := make([]int64, len(columns[at].Labels)), int64(0)
	for _, f := range files {
		all += f.Rows
		err := pipeline.SignalTable.ReadTable(ctx, from, f.Path, columnar.Selection{Int: []string{languageSignal}}, nil, func(d *columnar.Frame) error {
			for _, n := range d.Int(languageSignal) {
				if n >= 0 && n < int64(len(counts)) {
					counts[n]++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	m.Languages = []string{}
	for i, label := range columns[at].Labels {
		if counts[i] > 0 && counts[i]*languageShare >= all && !slices.Contains(noLanguages, label) {
			m.Languages = append(m.Languages, label)
		}
	}
	return nil
}
