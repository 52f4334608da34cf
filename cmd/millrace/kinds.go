package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"millrace/cmd/millrace/config"
	"millrace/cmd/millrace/output"
	"millrace/pipeline/cluster"
	"millrace/pipeline/engine"
	"millrace/pipeline/jobs/compact"
	"millrace/pipeline/jobs/ingest"
	"millrace/pipeline/jobs/remove"
)

// otherKinds are the kinds of job beside ingest. A new one is a line here, and one in kindViews.
func otherKinds(c config.Config) []engine.Kind {
	return []engine.Kind{
		compact.New(compact.Options{ShardBytes: c.Plan.ShardBytes, Table: c.Sinks.Parquet.TableOptions(), Tables: tables(), Folders: ingestFolders()}),
		removeKind(c),
	}
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
var kindViews = map[string]kindView{"": ingestView, ingest.Name: ingestView, compact.Name: compactView, remove.Name: removeView}

var compactView = kindView{
	line: func(p *output.Printer, result json.RawMessage) error {
		var r compact.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a compaction: %w", err)
		}
		output.CompactedLine(p, &r)
		return nil
	},
	print: func(a *app, _ config.Config, result json.RawMessage) error {
		var r compact.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a compaction: %w", err)
		}
		return a.printCompaction(&r)
	},
	nothing: func(int64, string) string { return output.NothingToCompact },
}

var removeView = kindView{
	line: func(p *output.Printer, result json.RawMessage) error {
		var r remove.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a removal: %w", err)
		}
		output.RemovedLine(p, &r)
		return nil
	},
	print: func(a *app, _ config.Config, result json.RawMessage) error {
		var r remove.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a removal: %w", err)
		}
		return a.printRemoval(&r)
	},
	nothing: func(int64, string) string { return output.NothingToRemove },
}

var ingestView = kindView{
	line: func(p *output.Printer, result json.RawMessage) error {
		var r ingest.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a run: %w", err)
		}
		output.RunLine(p, &r)
		return nil
	},
	print: func(a *app, c config.Config, result json.RawMessage) error {
		var r ingest.Result
		if err := json.Unmarshal(result, &r); err != nil {
			return fmt.Errorf("decode the result of a run: %w", err)
		}
		if a.json {
			if err := output.JSON(a.out, r); err != nil {
				return err
			}
		} else if err := output.Run(a.out, c.Out, &r); err != nil {
			return err
		}
		return rejected(c.Out, &r)
	},
	nothing: output.NothingNew,
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
