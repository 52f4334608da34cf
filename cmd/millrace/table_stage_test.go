package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	jobs "github.com/millrace/millrace/pipeline/jobs/ingest"
)

// lengths is what somebody writes who wants one more table of every shard: here the characters of each document. It is a stage, and a
// line in a list of ingest.Stages; nothing else of the house knows of it.
func lengths() pipeline.StageSpec {
	schema := []columnar.Column{{Name: "id", Type: columnar.String}, {Name: "chars", Type: columnar.Int64}}
	return pipeline.StageSpec{
		Name: "lengths", Out: []string{"lengths"},
		Step: &pipeline.Step{
			Open: ingest.OpenShard,
			Write: func(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
				plan, err := ingest.PlanOf(job)
				if err != nil {
					return nil, err
				}
				version := pipeline.VersionName(job.Plan.Version)
				name := fmt.Sprintf("lengths/%s/part-%05d.parquet", version, shard)
				file, err := pipeline.CreateTable(ctx, job, name, pipeline.ParquetTable, schema, columnar.TableOptions{Metadata: pipeline.Lineage(job.Plan)})
				return &lengthsWriter{ctx: ctx, plan: plan, file: file}, err
			},
		},
	}
}

type lengthsWriter struct {
	ctx  context.Context //nolint:containedctx // as in ingest.ShardWriter
	plan *ingest.Plan
	file *pipeline.TableFile
	rows int64
}

func (w *lengthsWriter) Write(b *columnar.Batch) error {
	var ids columnar.Strings
	var chars []int64
	for i, f := range b.File {
		id, _ := ingest.DocumentID(nil, w.plan.SourceName(f), w.plan.Files[f].Path, b.Offset[i])
		ids.Append([]byte(hex.EncodeToString(id[:])))
		chars = append(chars, int64(b.Chars[i]))
	}
	w.rows += int64(b.Len())
	return w.file.Write(&ids, chars)
}

func (w *lengthsWriter) Commit() ([]pipeline.Output, error) {
	out, err := w.file.Commit(w.ctx, w.rows)
	return []pipeline.Output{out}, err
}

func (w *lengthsWriter) Close() error { return w.file.Close() }

// withLengths are options of a chain with one line more.
func withLengths(t *testing.T, out, in string) jobs.Options {
	t.Helper()
	o := jobOptions(t, out, in)
	stages, err := ingestStages(defaults())
	if err != nil {
		t.Fatal(err)
	}
	stages.Shards = append(stages.Shards, lengths())
	o.Chain = jobs.Chain(stages)
	return o
}

// TestOneMoreTable: a stage that is one line of the chain is run, carried or by a worker of its own, counted, committed and verified,
// without a word elsewhere.
func TestOneMoreTable(t *testing.T) {
	t.Parallel()
	in := news(t, 51, 60)
	var digests []string
	others := slices.DeleteFunc(stageNames(), func(s string) bool { return s == "sink" })
	for i, workers := range [][][]string{nil, {others, {"sink"}, {"lengths"}}} {
		out := filepath.Join(t.TempDir(), strconv.Itoa(i))
		o := withLengths(t, out, in)
		o.Workers, o.ShardBytes = workers, 40<<10
		job(t, o)
		m := newest(t, out)
		list := m.Below("lengths")
		rows := int64(0)
		for _, f := range list {
			rows += f.Rows
		}
		if len(list) != len(m.Shards()) || len(list) < 2 || rows != m.Totals.Documents.Kept {
			t.Errorf("%d tables of %d rows, there are %d shards of %d documents", len(list), rows, len(m.Shards()), m.Totals.Documents.Kept)
		}
		digests = append(digests, m.Digest)
		verified(t, out)
	}
	if digests[0] != digests[1] {
		t.Errorf("carried %s, by a worker of its own %s", digests[0], digests[1])
	}
}

// A stage that writes where it has not said that it would ends the run, and nothing is committed.
func TestUnnamedFolder(t *testing.T) {
	in, out := news(t, 52, 20), filepath.Join(t.TempDir(), "out")
	o := withLengths(t, out, in)
	o.Chain = changed(o.Chain, "lengths", func(s *pipeline.StageSpec) { s.Out = nil })
	err := mustFail(t, o)
	if err == nil || newest(t, out) != nil {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(out, "lengths")); err == nil {
		t.Error("its folder is there")
	}
}
