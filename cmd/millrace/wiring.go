package main

import (
	"context"
	"fmt"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/engine"
	"millrace/pipeline/intake"
	"millrace/pipeline/store"
	"millrace/sinks/arrowipc"
	"millrace/sinks/parquet"
	"millrace/stages/dedupe"
	"millrace/stages/filter"
	"millrace/stages/normalize"
	"millrace/stages/parse"
	"millrace/stages/vocab"
)

// wiring is the table of stages and sinks: what does the work of each name in the chain. The engine knows no more of them.
func wiring(c config.Config) (engine.Wiring, error) {
	sinks, err := sinkRunners(c.Sinks)
	if err != nil {
		return engine.Wiring{}, err
	}
	return engine.Wiring{
		Open: parse.NewFormats(c.Parse).Open,
		Map: func(stage string, plan *pipeline.Plan) ([]pipeline.Stage, error) {
			switch stage {
			case pipeline.StageParse:
				s, err := parse.New(c.Parse, plan)
				return []pipeline.Stage{s}, err
			case pipeline.StageNormalize:
				f, err := filter.New(c.Filters)
				if err != nil || len(c.Filters) == 0 {
					return []pipeline.Stage{normalize.New(c.Normalize)}, err
				}
				return []pipeline.Stage{normalize.New(c.Normalize), f}, nil
			case pipeline.StageDedupe:
				return []pipeline.Stage{dedupe.NewSign(c.Dedupe)}, nil
			}
			return nil, fmt.Errorf("stage %s has no part in the map phase", stage)
		},
		Sign: func(ctx context.Context, files *pipeline.Files, split int) (pipeline.BatchWriter, error) {
			return dedupe.NewWriter(ctx, c.Dedupe, files, split)
		},
		Runners: map[string][]pipeline.Runner{
			pipeline.StageSettle:  {dedupe.NewSettle(c.Dedupe)},
			pipeline.StageResolve: {dedupe.NewResolve(c.Dedupe)},
			pipeline.StageIndex:   {dedupe.NewIndex()},
			pipeline.StageVocab:   {vocab.NewCount(c.Vocab)},
			pipeline.StageSink:    sinks,
			pipeline.StageMerge:   {vocab.NewMerge(c.Vocab)},
		},
	}, nil
}

// text makes the stages that turn a raw record into the text of a document.
func text(w engine.Wiring) func(plan *pipeline.Plan) ([]pipeline.Stage, error) {
	return func(plan *pipeline.Plan) (stages []pipeline.Stage, err error) {
		for _, name := range []string{pipeline.StageParse, pipeline.StageNormalize} {
			more, err := w.Map(name, plan)
			if err != nil {
				return nil, err
			}
			stages = append(stages, more...)
		}
		return stages, nil
	}
}

// access says how stores beyond this machine are reached.
func access(c config.Config) store.Access { return store.Access{S3: c.Store.S3.Options()} }

func sinkRunners(c config.Sinks) (runners []pipeline.Runner, err error) {
	for _, name := range c.Use {
		switch name {
		case config.SinkParquet:
			runners = append(runners, parquet.New(c.Parquet))
		case config.SinkArrow:
			runners = append(runners, arrowipc.New(c.Arrow))
		default:
			return nil, fmt.Errorf("unknown sink %q: known are %s, %s", name, config.SinkParquet, config.SinkArrow)
		}
	}
	return runners, nil
}

// engineOptions are the options of a run that follow from the config.
func engineOptions(c config.Config) (engine.Options, error) {
	w, err := wiring(c)
	if err != nil {
		return engine.Options{}, err
	}
	settings, err := c.Settings()
	if err != nil {
		return engine.Options{}, err
	}
	return engine.Options{
		Options: intake.Options{
			Settings: settings, ShardBytes: c.Plan.ShardBytes, SplitBytes: c.Plan.SplitBytes, MaxDocumentBytes: c.Parse.MaxDocumentBytes,
			Sources: c.SourceOrders(), ByContent: c.Plan.KnownBy == config.KnownByDigest, ByTime: c.Dedupe.ByTime(),
			Formats: parse.NewFormats(c.Parse), Text: text(w), Access: access(c),
		},
		Effective: config.Effective, Fixed: config.Fixed(), Wiring: w,
		Limits: &engine.Limits{Rejects: c.Limits.MaxRejectRatio, FileRejects: c.Limits.MaxFileRejectRatio},
		Alarms: c.Alarms.Limits(), Slots: c.Slots(), Tool: thisVersion().tool(),
	}, nil
}
