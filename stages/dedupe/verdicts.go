package dedupe

import (
	"context"
	"errors"
	"fmt"

	"millrace/pipeline"
)

// writeVerdicts decides about every document that has an edge, in order, and writes the verdicts of duplicates. An edge
// leads to an earlier document, which is decided when the later one is reached: so one pass is exact greedy keep-first,
// whatever order the edges were found in. It clears the bits of duplicates and counts them in the entry.
func writeVerdicts(ctx context.Context, files *pipeline.Files, work, corpus *handles, bases []int64, kept *keptBits,
	entry *pipeline.Entry,
) (_ pipeline.Output, err error) {
	plan := files.Plan
	sources, err := edgeSources(work, plan, uint64(bases[len(bases)-1]))
	if err != nil {
		return pipeline.Output{}, err
	}
	out, err := createWork(ctx, files, pipeline.VerdictsName)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := verdictWriter{out: out, version: uint32(plan.Version), records: newRecords(plan, work, corpus, bases), kept: kept, entry: entry}
	m := newMerge(sources)
	var best edge // of the later document that is being looked at, if found
	found := false
	for n := 0; m.next(); n++ {
		if found && m.key != best.later {
			if err := w.duplicate(best); err != nil {
				return pipeline.Output{}, err
			}
			found = false
		}
		// Earlier versions are kept whatever happens; of the run only a kept document wins.
		if e := m.value; e.version != w.version || kept.get(int64(e.number)) {
			if !found || e.compare(best) < 0 {
				best, found = e, true
			}
		}
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return pipeline.Output{}, ctx.Err()
		}
	}
	if m.err != nil {
		return pipeline.Output{}, m.err
	}
	if found {
		if err := w.duplicate(best); err != nil {
			return pipeline.Output{}, err
		}
	}
	return out.commit(w.rows)
}

// edgeSources returns the runs of edges of all partitions.
func edgeSources(work *handles, plan *pipeline.Plan, documents uint64) ([]source[edge], error) {
	var list []*edgeSource
	for p := range plan.Partitions {
		name := pipeline.EdgesName(p)
		o, err := work.get(name)
		if err != nil {
			return nil, err
		}
		f, err := openRuns(o, name, edgesKind)
		if err != nil {
			return nil, err
		}
		segments, err := f.segments(o, 0)
		if err != nil {
			return nil, err
		}
		for _, s := range segments {
			list = append(list, &edgeSource{
				blocks:    blockReader{files: work, name: name, kind: edgesKind, rest: s},
				documents: documents, version: uint32(plan.Version),
			})
		}
	}
	sources := make([]source[edge], len(list))
	for i, s := range list {
		s.blocks.ahead = ahead(len(list))
		sources[i] = s
	}
	return sources, nil
}

type verdictWriter struct {
	out     *output
	version uint32
	records *records
	kept    *keptBits
	entry   *pipeline.Entry
	buf     []byte
	rows    int64
}

// duplicate records that the later document of the edge loses to the earlier one.
func (w *verdictWriter) duplicate(e edge) error {
	w.kept.clear(int64(e.later))
	v := pipeline.Verdict{Document: int64(e.later), WinnerVersion: int32(e.version), Score: e.score, Kind: e.kind}
	loser, err := w.records.get(ref{e.later, w.version})
	if err != nil {
		return err
	}
	v.ID = *loser.id()
	winner, err := w.records.get(ref{e.number, e.version})
	if err != nil {
		return err
	}
	v.WinnerID = *winner.id()
	w.buf = pipeline.AppendVerdict(w.buf[:0], v)
	if _, err := w.out.Write(w.buf); err != nil {
		return err
	}
	w.rows++
	switch e.kind {
	case pipeline.KindExact, pipeline.KindSameKey, pipeline.KindNear:
		w.entry.Counters.Add(pipeline.KindName(e.kind), 1)
	default:
		return fmt.Errorf("edge of document %d: %w: kind %d", e.later, errDamaged, e.kind)
	}
	if e.version != w.version {
		w.entry.Counters.Add("earlier_version", 1)
	}
	return nil
}
