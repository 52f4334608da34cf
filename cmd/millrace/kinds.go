package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/compact"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/purge"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/jobs/signals"
	"github.com/millrace/millrace/pipeline/jobs/train"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
)

// otherKinds are the kinds of job beside ingest. A new one is a line here, and one in kindViews.
func otherKinds(o *opening) []engine.Kind {
	c := o.config
	return []engine.Kind{
		compact.New(compact.Options{Corpus: inCorpus(), ShardBytes: c.Plan.ShardBytes, Table: c.Sinks.Parquet.TableOptions()}),
		removeKind(c),
		purgeKind(),
		reindex.New(reindexOptions(c)),
		signals.New(signalsOptions(o)),
		train.New(trainingOptions(c)),
		release.New(releaseOptions(c)),
	}
}

// inCorpus is what there is in a corpus, for kinds that make a version out of it.
func inCorpus() versioned.Corpus {
	return versioned.Corpus{Tables: tables(), Folders: ingestFolders()}
}

// kindView is how people see what jobs of a kind come to.
type kindView struct {
	// line is the result in a line of status.
	line func(p *output.Printer, result json.RawMessage) error
	// print is all of it, and the error that becomes the command's.
	print func(a *app, c config.Config, result json.RawMessage) error
	// nothing is what is said where there was nothing to do; the corpus in out may have had files already.
	nothing func(skipped int64, out string) string
}

// kindViews is the table of them, by the name of the kind; "" is that of runs that older programs asked for.
var kindViews = map[string]kindView{
	"": ingestView, ingest.Name: ingestView, compact.Name: compactView, remove.Name: removeView, purge.Name: purgeView, reindex.Name: reindexView,
	signals.Name: signalsView, train.Name: trainView, release.Name: releaseView,
}

var (
	compactView = viewAs("compaction", output.CompactedLine, func(a *app, _ config.Config, r *compact.Result) error { return a.printCompaction(r) },
		func(int64, string) string { return output.NothingToCompact })
	removeView = viewAs("removal", output.RemovedLine, func(a *app, _ config.Config, r *remove.Result) error { return a.printRemoval(r) },
		func(int64, string) string { return output.NothingToRemove })
	purgeView = viewAs("purge", output.PurgedLine, func(a *app, _ config.Config, r *purge.Result) error { return a.printPurge(r) },
		func(int64, string) string { return output.NothingToPurge })
	reindexView = viewAs("reindex", output.ReindexedLine, func(a *app, _ config.Config, r *reindex.Result) error { return a.printReindex(r) },
		func(int64, string) string { return output.NothingToReindex })
	signalsView = viewAs("measurement", output.MeasuredLine, func(a *app, _ config.Config, r *signals.Result) error { return a.printMeasured(r) },
		func(int64, string) string { return output.NothingToMeasure })
	trainView = viewAs("training", output.TrainedLine, func(a *app, _ config.Config, r *train.Result) error { return a.printTrained(r) },
		func(int64, string) string { return output.NothingToTrain })
	releaseView = viewAs("release", output.ReleasedLine, func(a *app, _ config.Config, r *release.Result) error { return a.printReleased(r) },
		func(int64, string) string { return output.NothingToRelease })
	ingestView = viewAs("run", output.RunLine, func(a *app, c config.Config, r *ingest.Result) error {
		if a.json {
			if err := output.JSON(a.out, *r); err != nil {
				return err
			}
		} else if err := output.Run(a.out, c.Out, r); err != nil {
			return err
		}
		return rejected(c.Out, r)
	}, output.NothingNew)
)

// viewAs is the view of a kind whose results are of one type.
func viewAs[R any](what string, line func(*output.Printer, *R), whole func(*app, config.Config, *R) error, nothing func(int64, string) string) kindView {
	decode := func(data json.RawMessage) (*R, error) {
		var r R
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("decode the result of a %s: %w", what, err)
		}
		return &r, nil
	}
	return kindView{
		line: func(p *output.Printer, data json.RawMessage) error {
			r, err := decode(data)
			if err == nil {
				line(p, r)
			}
			return err
		},
		print: func(a *app, c config.Config, data json.RawMessage) error {
			r, err := decode(data)
			if err != nil {
				return err
			}
			return whole(a, c, r)
		},
		nothing: nothing,
	}
}

// kindNames are the kinds that can be asked for.
func kindNames() []string { return slices.Sorted(maps.Keys(kindViews))[1:] }

// lineOf is the result of a run in a line of status.
func lineOf(p *output.Printer, r *cluster.Record) error {
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	return v.line(p, r.Result)
}

// viewOf finds the view of what a run came to.
func viewOf(r *cluster.Record) (kindView, error) {
	v, ok := kindViews[r.Kind]
	if !ok {
		return v, fmt.Errorf("run %s is a job of kind %q, which this program does not know", r.ID, r.Kind)
	}
	return v, nil
}
