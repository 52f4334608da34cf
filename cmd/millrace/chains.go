package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	words "github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/sinks/arrowipc"
	"github.com/millrace/millrace/sinks/jsonl"
	"github.com/millrace/millrace/sinks/parquet"
	"github.com/millrace/millrace/stages/dedupe"
	"github.com/millrace/millrace/stages/filter"
	"github.com/millrace/millrace/stages/normalize"
	"github.com/millrace/millrace/stages/parse"
	signals "github.com/millrace/millrace/stages/signal"
	"github.com/millrace/millrace/stages/vocab"
)

// ingestStages is the table of the stages of an ingest. A new one is a line here.
func ingestStages(o *opening) (s ingest.Stages, err error) {
	c := &o.config
	sink, err := sinkStage(c.Sinks)
	shortened := words.NewShortenedCache()
	var removed pipeline.NewWriter
	if c.Removed != words.RemovedNone {
		removed = words.NewRemovedWriter(c.Sinks.Parquet.TableOptions())
	}
	return ingest.Stages{
		Map:       []pipeline.StageSpec{parse.Spec(c.Parse), normalize.Spec(c.Normalize, filters(o.rules, c.Removed)), dedupe.SignStage(c.Dedupe)},
		Settle:    []pipeline.StageSpec{dedupe.SettleStage(c.Dedupe)},
		Supersede: dedupe.SupersedeStage(tables()),
		Cut:       []pipeline.StageSpec{ingest.CutStage(tables(), tableOptions(c.Sinks), shortened)},
		Uncount:   []pipeline.StageSpec{vocab.UncountStage("uncount", uncounted(shortened, tables()), vocab.CountingOf)},
		Resolve:   dedupe.ResolveStage(c.Dedupe),
		Shards:    []pipeline.StageSpec{sink, signals.Stage(o.families), vocab.CountStage(c.Vocab)},
		Index:     []pipeline.StageSpec{dedupe.IndexStage(c.Dedupe)},
		Late:      []pipeline.StageSpec{vocab.LateStage(tables())},
		Merge:     []pipeline.StageSpec{vocab.MergeStage(c.Vocab)},
		Rank:      []pipeline.StageSpec{vocab.TableStage(c.Vocab)},
		Tables:    tables(),
		Shortened: shortened,
		Removed:   removed,
	}, err
}

// ingestChain is that of the defaults: its stages and folders are the same with all settings.
func ingestChain() pipeline.Chain {
	s, err := ingestStages(defaults())
	if err != nil {
		panic(err) // programmer error: the defaults are valid
	}
	return ingest.Chain(s)
}

// defaults are the settings that nobody set.
func defaults() *opening {
	o, err := openingOf(config.Default())
	if err != nil {
		panic(err) // programmer error: they name no file
	}
	return o
}

// ingestFolders are those of a corpus that stages of an ingest write to.
func ingestFolders() []string { return ingestChain().Folders() }

// chains are those of all kinds of job.
func chains() []pipeline.Chain {
	list := []pipeline.Chain{ingestChain()}
	for _, k := range otherKinds(defaults()) {
		list = append(list, k.Chain())
	}
	return list
}

// stageNames are the stages of all chains, in their order: what --stages and the queue know.
func stageNames() (names []string) {
	for _, c := range chains() {
		names = append(names, c.Names()...)
	}
	return names
}

// folders are those of a corpus that stages write to.
func folders() (list []string) {
	for _, c := range chains() {
		list = append(list, c.Folders()...)
	}
	return list
}

// uncounted says which rows leave a shard that is read.
func uncounted(of *words.ShortenedCache, tables pipeline.TableFormats) func(ctx context.Context, job *pipeline.Job, task int) (vocab.Withdrawn, error) {
	return func(ctx context.Context, job *pipeline.Job, task int) (w vocab.Withdrawn, err error) {
		shortened, err := of.Get(ctx, job)
		if err != nil {
			return w, err
		}
		read := shortened.Read
		if task < 0 || task >= len(read) {
			return w, pipeline.Permanent(fmt.Errorf("task %d of %d shards that lose documents", task, len(read)))
		}
		return vocab.Withdrawn{Path: read[task].Path, Format: tables.Of(read[task].Path), Rows: read[task].Gone}, nil
	}
}

// filters makes the stages that drop documents, by rules that are opened by the first task that needs them.
func filters(open func() (*filter.Rules, error), removed words.Removed) func(*pipeline.Job) ([]pipeline.Stage, error) {
	return func(job *pipeline.Job) ([]pipeline.Stage, error) {
		rules, err := open()
		if err != nil || len(rules.All) == 0 {
			return nil, err
		}
		plan, err := words.PlanOf(job)
		return []pipeline.Stage{filter.New(rules, func(file int32) (source, path string) {
			return plan.SourceName(file), plan.Files[file].Path
		}, removed.Of(plan))}, err
	}
}

// sinks is the table of the formats that documents are written in: see pipeline.TableFormats.
func sinks(c config.Sinks) []sink {
	return []sink{
		{parquet.Format, parquet.New(c.Parquet)},
		{arrowipc.Format, arrowipc.New(c.Arrow)},
		{jsonl.Format, jsonl.New(c.JSONL)},
	}
}

type sink struct {
	format pipeline.TableFormat
	write  pipeline.NewWriter
}

// tableOptions say by the name of a format how its shards are written.
func tableOptions(c config.Sinks) map[string]columnar.TableOptions {
	return map[string]columnar.TableOptions{
		parquet.Format.Name: c.Parquet.TableOptions(), arrowipc.Format.Name: c.Arrow.TableOptions(), jsonl.Format.Name: c.JSONL.TableOptions(),
	}
}

// documentTables are the formats of the sinks: all that the documents of a corpus may be in, whatever this config writes.
func documentTables() (list pipeline.TableFormats) {
	for _, s := range sinks(config.Default().Sinks) {
		list = append(list, s.format)
	}
	return list
}

// tables are the formats of all tables of a corpus with a row a document: these, and that of signals.
func tables() pipeline.TableFormats { return append(documentTables(), pipeline.SignalTable) }

// sinkStage is the stage that writes the documents of each shard, in every format that is asked for.
func sinkStage(c config.Sinks) (spec pipeline.StageSpec, err error) {
	spec.Name, spec.Settings = "sink", []string{"sinks"}
	var writers []pipeline.NewWriter
	all := sinks(c)
	for _, name := range c.Use {
		i := slices.IndexFunc(all, func(s sink) bool { return s.format.Name == name })
		if i < 0 {
			return spec, fmt.Errorf("unknown sink %q: known are %s", name, strings.Join(documentTables().Names(), ", "))
		}
		writers = append(writers, all[i].write)
		spec.Out = append(spec.Out, all[i].format.Folder)
	}
	spec.Step = &pipeline.Step{Write: pipeline.Writers(writers...)}
	return spec, nil
}

// text makes the stages that turn a raw record into the text of a document: those before the one that signs it.
func text(s ingest.Stages) func(context.Context, *pipeline.Job) ([]pipeline.Stage, error) {
	return func(ctx context.Context, job *pipeline.Job) (stages []pipeline.Stage, err error) {
		for _, spec := range s.Map[:len(s.Map)-1] {
			more, err := spec.Step.Stages(ctx, job)
			if err != nil {
				return nil, err
			}
			stages = append(stages, more...)
		}
		return stages, nil
	}
}
