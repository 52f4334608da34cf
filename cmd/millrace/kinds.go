package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/cluster"
	"millrace/pipeline/engine"
	"millrace/pipeline/jobs/compact"
	"millrace/pipeline/jobs/ingest"
)

// otherKinds are the kinds of job beside ingest. A new one is a line here, and one in kindViews.
func otherKinds(c config.Config) []engine.Kind {
	return []engine.Kind{
		compact.New(compact.Options{ShardBytes: c.Plan.ShardBytes, Table: c.Sinks.Parquet.TableOptions(), Tables: tables(), Folders: ingestFolders()}),
	}
}

// kindView is how people see what jobs of a kind come to.
type kindView struct {
	// line is the result in a line of status.
	line func(p *printer, result json.RawMessage) error
	// print is all of it, and the error that becomes the command's.
	print func(a *app, c config.Config, result json.RawMessage) error
	// nothing is what is said where there was nothing to do; the corpus in out may have had files already.
	nothing func(skipped int64, out string) string
}

// kindViews is the table of them, by the name of the kind; "" is that of runs that older programs asked for.
var kindViews = map[string]kindView{"": ingestView, ingest.Name: ingestView, compact.Name: compactView}

var compactView = kindView{
	line: func(p *printer, result json.RawMessage) error {
		var r compact.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a compaction: %w", err)
		}
		p.printf("version      %06d, the documents of %s in %s, digest %s\n", r.Version, pipeline.Counted(len(r.Compacts), "version"),
			pipeline.Counted(r.Shards, "shard"), r.Digest)
		return nil
	},
	print: func(a *app, _ config.Config, result json.RawMessage) error {
		var r compact.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a compaction: %w", err)
		}
		return a.printCompaction(&r)
	},
	nothing: func(int64, string) string { return nothingToCompact },
}

var ingestView = kindView{
	line: func(p *printer, result json.RawMessage) error {
		var r ingest.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a run: %w", err)
		}
		p.printf("version      %06d, %s kept of %s read, digest %s\n", r.Version, number(r.Documents.Kept), number(r.Documents.Read), r.Digest)
		return nil
	},
	print: func(a *app, c config.Config, result json.RawMessage) error {
		var r ingest.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a run: %w", err)
		}
		if a.json {
			if err := writeJSON(a.out, r); err != nil {
				return err
			}
		} else if err := printResult(a.out, c.Out, &r); err != nil {
			return err
		}
		return rejected(c.Out, &r)
	},
	nothing: nothingNew,
}

// kindNames are the kinds that can be asked for.
func kindNames() []string { return slices.Sorted(maps.Keys(kindViews))[1:] }

// viewOf finds the view of what a run came to.
func viewOf(r *cluster.Record) (kindView, error) {
	v, ok := kindViews[r.Kind]
	if !ok {
		return v, fmt.Errorf("run %s is a job of kind %q, which this program does not know", r.ID, r.Kind)
	}
	return v, nil
}
