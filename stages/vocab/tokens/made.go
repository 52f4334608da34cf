package tokens

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// MakeTable makes the table of a kind from its runs, which lie in a corpus, as the version would have that has these runs: in a store of its own, with
// work files beside it. What was new in the version is in no run: new_count and new_documents are 0.
func MakeTable(ctx context.Context, corpus, to pipeline.Store, k ingest.Counted, version int, least int64) (pipeline.Output, error) {
	job := &pipeline.Job{Plan: &pipeline.Plan{Version: version}, Work: to.Sub("work"), Out: to, Corpus: corpus}
	k.MergeRuns, k.Untabled = 0, false
	p := &ingest.Counting{Kinds: []ingest.Counted{k}, Partitions: 1}
	for _, r := range k.Runs {
		p.Partitions = max(p.Partitions, len(r.Files))
	}
	var sum Merged
	var files []string
	for part := range p.Partitions {
		of, outputs, err := Merge(ctx, job, p, &k, Left{}, part, least)
		if err != nil {
			return pipeline.Output{}, err
		}
		sum.Add(of)
		for _, o := range outputs {
			if !o.Out {
				files = append(files, o.Name)
			}
		}
	}
	return WriteTable(ctx, job, k.Kind, Of(files, RankedFolder, k.Kind), sum, least)
}
