package main

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/millrace/millrace/cmd/measure/exact"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/stages/dedupe"
	"github.com/millrace/millrace/stages/normalize"
)

// compareVerdicts compares what a run kept of a set with what greedy keep-first by exact resemblance keeps, and prints every
// document about which they differ.
func compareVerdicts(ctx context.Context, w io.Writer, set, file string, kept map[string]bool) error {
	ids, texts, err := documentsOf(ctx, file)
	if err != nil {
		return err
	}
	fates := exact.Fates(dedupe.Default(), texts)
	wrong, stay, removed := 0, 0, 0
	for i, f := range fates {
		if f.Winner < 0 {
			stay++
		} else {
			removed++
		}
		if kept[ids[i]] == (f.Winner < 0) {
			continue
		}
		wrong++
		if kept[ids[i]] {
			fmt.Fprintf(w, "  %s: %s stays, and exactly it loses to %s: J %.4f\n", set, ids[i], ids[f.Winner], f.Jaccard)
		} else {
			fmt.Fprintf(w, "  %s: %s goes, and exactly it stays\n", set, ids[i])
		}
	}
	fmt.Fprintf(w, "%s: exactly, %d of %d stay and %d go; %d verdicts differ\n", set, stay, stay+removed, removed, wrong)
	return nil
}

// documentsOf reads the records of a file as dedupe sees them: what has no text is not among them.
func documentsOf(ctx context.Context, file string) (ids []string, texts [][]byte, err error) {
	stage := normalize.New(normalize.Default())
	err = eachLine(file, func(r record) error {
		b := &columnar.Batch{File: []int32{0}, Offset: []int64{0}}
		b.Text.Append([]byte(r.Text))
		b.Meta.Append(nil)
		b, err := stage.Process(ctx, b)
		if err != nil {
			return err
		}
		if b.Len() == 1 && len(b.Text.At(0)) > 0 {
			ids, texts = append(ids, r.ID), append(texts, bytes.Clone(b.Text.At(0)))
		}
		return nil
	})
	return ids, texts, err
}
