package dedupe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/stages/dedupe/order"
)

// writeVerdicts decides about every document that has an edge, in order, and writes the verdicts of duplicates. An edge
// leads to an earlier document, which is decided when the later one is reached: so one pass is exact greedy keep-first,
// whatever order the edges were found in. Where the run has an order of its own, documents are decided in that one, and the verdicts
// are put in the order of the plan: 32 bytes a duplicate. It clears the bits of duplicates, and counts
// them by kind and by winner.
func writeVerdicts(ctx context.Context, job *pipeline.Job, cfg Config, about *documents, work, corpus *sorted.Handles, d decisions,
) (_ pipeline.Output, err error) {
	plan, bases := about.plan, about.bases
	sources, err := edgeSources(work, plan, uint64(bases[len(bases)-1]))
	if err != nil {
		return pipeline.Output{}, err
	}
	places, err := order.Read(cfg.Winner, work, plan, bases)
	if err != nil {
		return pipeline.Output{}, err
	}
	out, err := createWork(ctx, job, ingest.VerdictsName)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := verdictWriter{out: out, version: uint32(plan.Version), records: newRecords(plan, work, corpus, bases, places), decisions: d}
	decided := d.kept // by place
	if places != nil {
		d.entry.Counters.Add(counterMissing, places.Missing())
		decided = newKeptBits(bases[len(bases)-1])
	}
	j := newJudge(cfg, w.records, about.past, decided, d.aside)
	window := newWindow(sorted.NewMerge(sources), about.mask)
	for {
		more, err := window.next(ctx)
		if err != nil {
			return pipeline.Output{}, err
		}
		if !more {
			break
		}
		if err := window.compareEarlier(j); err != nil {
			return pipeline.Output{}, err
		}
		if err := w.window(j, window); err != nil {
			return pipeline.Output{}, err
		}
	}
	if err := w.sorted(ctx); err != nil {
		return pipeline.Output{}, err
	}
	d.entry.Counters.Add(counterOverflow, j.families.overflows)
	return out.commit(w.rows)
}

// edgeSources returns the sorted runs of edges of all partitions.
func edgeSources(work *sorted.Handles, plan *ingest.Plan, documents uint64) (list []sorted.Source[edge], err error) {
	all := sorted.NewRuns(work, edgesKind)
	for p := range plan.Partitions {
		_, runs, err := all.Open(ingest.EdgesName(p), 0)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			list = append(list, &edgeSource{edges: r, documents: documents, version: uint32(plan.Version)})
		}
	}
	return list, nil
}

type verdictWriter struct {
	out     *output
	version uint32
	records *records
	decisions
	losers []loser // that wait for their turn; not used in the order of the plan
	buf    []byte
	rows   int64
}

// loser is a document that lost, and to which one.
type loser struct {
	document uint64
	loss
}

// window decides about the documents of a window.
func (w *verdictWriter) window(j *judge, window *window) error {
	from := 0
	for _, end := range window.ends {
		edges := window.edges[from:end]
		from = end
		later := edges[0].later
		l, lost, err := j.decide(later, edges)
		if err != nil {
			return err
		}
		switch {
		case !lost:
			if err := w.putAside(j, later, edges); err != nil {
				return err
			}
		case w.records.order != nil:
			w.losers = append(w.losers, loser{w.records.order.Document(later), l})
		default:
			if err := w.duplicate(later, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// putAside keeps the text of a document at hand that stays beside earlier ones which it lay so near to that their texts were compared:
// what the nights to come bring of its kind will be compared with it.
func (w *verdictWriter) putAside(j *judge, later uint64, edges []candidate) error {
	if !slices.ContainsFunc(edges, func(e candidate) bool { return e.version < w.version && e.Union > 0 }) {
		return nil
	}
	text, err := j.comparer.texts.tonight(later)
	if err != nil {
		return err
	}
	return w.aside.add(ref{w.records.order.Document(later), w.version}, text)
}

// sorted writes the verdicts that wait, in the order of the plan.
func (w *verdictWriter) sorted(ctx context.Context) error {
	slices.SortFunc(w.losers, func(a, b loser) int { return cmp.Compare(a.document, b.document) })
	for i, l := range w.losers {
		w.kept.clear(int64(l.document))
		if err := w.duplicate(w.records.order.Place(l.document), l.loss); err != nil {
			return err
		}
		if i%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// duplicate records that a document lost, which is called by its place.
func (w *verdictWriter) duplicate(later uint64, l loss) error {
	v := ingest.Verdict{Document: int64(w.records.order.Document(later)), WinnerVersion: int32(l.version), Score: l.score, Kind: l.kind, Withdrawn: l.rejected}
	loser, err := w.records.get(ref{later, w.version})
	if err != nil {
		return err
	}
	v.ID = *loser.id()
	winner, err := w.records.get(l.ref)
	if err != nil {
		return err
	}
	v.WinnerID = *winner.id()
	w.buf = ingest.AppendVerdict(w.buf[:0], v)
	if _, err := w.out.Write(w.buf); err != nil {
		return err
	}
	w.rows++
	switch l.kind {
	case ingest.KindExact, ingest.KindSameKey, ingest.KindNear:
		if l.rejected {
			w.entry.Sum.Leave(pipeline.LeftRejected, ingest.ReasonWithdrawn, 1)
			return nil
		}
		w.entry.Counters.Add(ingest.KindName(l.kind), 1)
	default:
		return fmt.Errorf("edge of document %d: %w: kind %d", later, sorted.ErrDamaged, l.kind)
	}
	if l.version != w.version {
		w.entry.Counters.Add("earlier_version", 1)
		return nil
	}
	if w.won == nil {
		return nil
	}
	return w.won.add(w.records.order.Document(l.number))
}
