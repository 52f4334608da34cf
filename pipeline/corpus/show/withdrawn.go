package show

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Withdrawal says how a document left the corpus that a version had kept.
type Withdrawal struct {
	By     int    `json:"by"` // the version that withdrew it
	Reason string `json:"reason"`
	Detail string `json:"detail"`
	Blocks bool   `json:"blocks"` // what resembles it is rejected when it comes again
}

var withdrawnColumns = columnar.Selection{
	Text: []string{"id", "source", "path", "reason", "detail"}, Int: []string{"offset", "version", "blocks"},
}

// withdrawn returns the documents that live versions have withdrawn and match: what others had withdrawn is there again.
func (e *explainer) withdrawn(ctx context.Context, by columnar.Selection, match matcher) (list []DocumentFate, err error) {
	tables := slices.DeleteFunc(e.ledgers(withdrawn.Table), func(l ledger) bool { return !l.live })
	rows, err := e.lookUp(ctx, tables, by, withdrawnColumns, match)
	for _, r := range rows {
		list = append(list, DocumentFate{
			ID: r.text["id"], Version: int(r.number["version"]), Live: e.live(int(r.number["version"])), Fate: FateWithdrawn,
			Source: r.text["source"], Path: r.text["path"], Offset: r.number["offset"],
			Withdrawn: &Withdrawal{By: r.version, Reason: r.text["reason"], Detail: r.text["detail"], Blocks: r.number["blocks"] != 0},
		})
	}
	return list, err
}

// fileWithdrawn counts and lists what was withdrawn of the documents of the files.
func (e *explainer) fileWithdrawn(ctx context.Context, at fileSet) error {
	by := columnar.Selection{Text: []string{"source", "path"}, Int: []string{"version"}}
	list, err := e.withdrawn(ctx, by, func(_ int, f *columnar.Frame) func(int) bool {
		sources, paths, versions := f.Text("source"), f.Text("path"), f.Int("version")
		return func(i int) bool {
			_, ok := at.key(int(versions[i]), sources.At(i), paths.At(i))
			return ok
		}
	})
	for i := range list {
		f := &list[i]
		d := at.documents[fileVersion{f.Version, f.Source, f.Path}]
		if d.fate.Withdrawn++; d.fate.Withdrawn <= int64(e.options.Documents) {
			d.listed = append(d.listed, *f)
		}
	}
	return err
}

// withdrawal tells how a document left.
func (p explainPrinter) withdrawal(w *Withdrawal) {
	p.printf("kept, and withdrawn by version %d: %s", w.By, w.Reason)
	if w.Detail != "" {
		p.printf(", %s", visible(w.Detail))
	}
	p.printf("\n")
	if w.Blocks {
		p.printf("  what resembles it is rejected when it comes again\n")
	}
}

// are is a number with its verb.
func are(n int64) string {
	if n == 1 {
		return "1 is"
	}
	return pipeline.Thousands(n) + " are"
}
