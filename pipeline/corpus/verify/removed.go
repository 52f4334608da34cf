package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// dropped are documents that filters dropped: how many for each reason, and the sum of the hashes of their ids and reasons, which is equal
// for equal documents in any order.
type dropped struct {
	reasons map[string]int64
	sum     uint64
}

func (d *dropped) add(id, reason []byte) {
	d.reasons[string(reason)]++
	d.sum += xxh3.HashSeed(id, xxh3.Hash(reason))
}

func (d *dropped) count() (n int64) {
	for _, of := range d.reasons {
		n += of
	}
	return n
}

// removed holds the documents that filters dropped and a version keeps for people to read against its ledger: they are those that its
// setting keeps. Of a version that was purged there are none.
func (v *verifier) removed(ctx context.Context, now *manifest.View, m *manifest.Manifest) error {
	files := now.Below(m, pipeline.RemovedFolder)
	if m.Kind != manifest.KindRun || len(files) < len(m.Below(pipeline.RemovedFolder)) {
		return nil
	}
	how, err := corpus.RemovedBy(m)
	if err != nil {
		v.find("%s: %v", manifest.Name(m.Version), err)
		return nil
	}
	ledger, ok := now.Table(m, corpus.RejectsTable)
	if len(files) == 0 && how == ingest.RemovedNone || !ok || v.isBad(ledger) {
		return nil
	}
	found, want := dropped{reasons: map[string]int64{}}, dropped{reasons: map[string]int64{}}
	for _, f := range files {
		err := v.content(ctx, f, func() error {
			return v.rows(ctx, f, columnar.Selection{Text: []string{"id", "reason"}}, new(int64), func(t *columnar.Frame) error {
				ids, reasons := t.Text("id"), t.Text("reason")
				for i := range t.Rows() {
					found.add(ids.At(i), reasons.At(i))
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	if slices.ContainsFunc(files, v.isBad) {
		return nil
	}
	if err := v.content(ctx, ledger, func() error { return v.droppedBy(ctx, ledger, how, &want) }); err != nil || v.isBad(ledger) {
		return err
	}
	folder := pipeline.RemovedFolder + "/" + pipeline.VersionName(m.Version)
	switch is, should := found.count(), want.count(); {
	case is != should:
		v.find("%s has %s, with removed: %s %s gives %d", folder, pipeline.Counted(is, "document"), how, ledger.Path, should)
	case found.sum != want.sum || !maps.Equal(found.reasons, want.reasons):
		v.find("%s has other documents, or other reasons, than %s gives", folder, ledger.Path)
	}
	return nil
}

// droppedBy reads from a table of rejects the documents that filters dropped, as far as a setting keeps them.
func (v *verifier) droppedBy(ctx context.Context, ledger dataset.File, how ingest.Removed, want *dropped) error {
	columns := columnar.Selection{Text: []string{"id", "verdict", "reason"}}
	return pipeline.ReadTable(ctx, v.store, ledger.Path, columns, func(t *columnar.Frame) error {
		ids, verdicts, reasons := t.Text("id"), t.Text("verdict"), t.Text("reason")
		for i := range t.Rows() {
			if string(verdicts.At(i)) != corpus.VerdictFiltered || string(reasons.At(i)) == ingest.ReasonEmpty {
				continue
			}
			id, err := ingest.ParseDocumentID(ids.At(i))
			if err != nil {
				return fmt.Errorf("%s: %w", ledger.Path, err)
			}
			if how.Keeps(id) {
				want.add(ids.At(i), reasons.At(i))
			}
		}
		return nil
	})
}
