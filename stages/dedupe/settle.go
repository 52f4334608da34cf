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
	"github.com/millrace/millrace/pipeline/withdrawn"
	"github.com/millrace/millrace/stages/dedupe/order"
)

// NewSettle returns the runner of settle.<partition>: it finds every pair of documents that share a key of the partition,
// verifies it on the signatures and writes the edges of those that are or may be duplicates. The entry's rows are edges; the
// counter candidate_overflow says how often a document could not be compared with all members of its group that earlier
// versions have. cfg must be valid.
func NewSettle(cfg Config) pipeline.Runner { return &settle{cfg: cfg, ground: new(ingested)} }

type settle struct {
	cfg    Config
	ground grounded
	orders order.Cache
}

// grounded says what a job decides about: an ingest, or one that makes an index anew.
type grounded interface {
	of(ctx context.Context, job *pipeline.Job) (*documents, error)
}

// documents are those of a run that are decided about, and what they are compared with.
type documents struct {
	plan  *ingest.Plan
	bases []int64         // numbers of the splits' first documents, and behind the last
	mask  *withdrawn.Mask // of all earlier versions: see masks
	past  *withdrawn.Mask // of the documents whose texts lie nowhere. What the job withdraws is still there
	// out says of documents that they have keys, and no part in the decisions; nil: none is such.
	out func(number uint64) bool
}

// ingested is that of ingests.
type ingested struct {
	masks masks
	texts bool // past is wanted
}

func (i *ingested) of(ctx context.Context, job *pipeline.Job) (*documents, error) {
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, err
	}
	d := &documents{plan: plan}
	if d.bases, err = ingest.Bases(ctx, job); err != nil {
		return nil, err
	}
	if d.mask, err = i.masks.get(ctx, job, plan); err != nil {
		return nil, err
	}
	if i.texts {
		d.past, err = withdrawn.ReadMask(ctx, job.Corpus, plan.Withdrawn...)
	}
	return d, err
}

// Run implements pipeline.Runner.
func (s *settle) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (_ pipeline.Entry, err error) {
	d, err := s.ground.of(ctx, job)
	if err != nil {
		return pipeline.Entry{}, err
	}
	plan, bases := d.plan, d.bases
	if task.Index < 0 || task.Index >= plan.Partitions {
		return pipeline.Entry{}, pipeline.Permanent(fmt.Errorf("task %s: the plan has %d partitions", task, plan.Partitions))
	}
	work, corpus := sorted.NewHandles(ctx, job.Work), sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, work.Close(), corpus.Close()) }()

	var earlier []*history // oldest first: they come before tonight, so members of a group are in order of position
	for _, index := range plan.Runs {
		h, err := newHistory(corpus, plan, index, d.mask)
		if err != nil {
			return pipeline.Entry{}, err
		}
		earlier = append(earlier, h)
	}
	keys, err := openKeys(work, plan, bases, task.Index)
	if err != nil {
		return pipeline.Entry{}, err
	}
	places, err := s.orders.Get(s.cfg.Winner, work, plan, bases)
	if err != nil {
		return pipeline.Entry{}, err
	}
	out, err := createWork(ctx, job, ingest.EdgesName(task.Index))
	if err != nil {
		return pipeline.Entry{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	edges := newEdgesWriter(out)
	g := newGroup(s.cfg, newRecords(plan, work, corpus, bases, places), edges)
	if err := s.walk(ctx, sorted.NewMerge(keys), d.out, earlier, g); err != nil {
		return pipeline.Entry{}, err
	}
	if err := edges.finish(); err != nil {
		return pipeline.Entry{}, err
	}
	o, err := out.commit(edges.total)
	if err != nil {
		return pipeline.Entry{}, err
	}
	e := done(task, edges.total, o)
	e.Counters.Add(counterOverflow, g.overflows)
	return e, nil
}

// walkItems is how many entries of tonight are looked up in the history at once.
const walkItems = 4096

// walk gives the members of every group to g.
func (s *settle) walk(ctx context.Context, m *sorted.Merge[uint64], out func(uint64) bool, earlier []*history, g *group) error {
	var (
		items = make([]sorted.Item[uint64], 0, walkItems)
		keys  = make([]uint64, 0, walkItems) // those that begin in items
		hits  []hit
		last  uint64
		some  bool // there is a last key
		err   error
	)
	for more := true; more; {
		items, keys, hits = items[:0], keys[:0], hits[:0]
		for len(items) < walkItems {
			if more = m.Next(); !more {
				break
			}
			if out != nil && out(m.Value) {
				continue
			}
			if !some || m.Key != last {
				keys = append(keys, m.Key)
				last, some = m.Key, true
			}
			items = append(items, m.Item)
		}
		for _, h := range earlier {
			if hits, err = h.find(keys, s.cfg.GroupCap+1, hits); err != nil { // one more than is compared: they are counted
				return err
			}
		}
		slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.key, b.key) })
		begins, found := keys, hits
		for _, i := range items {
			if len(begins) > 0 && begins[0] == i.Key {
				begins = begins[1:]
				if err := g.begin(i.Key); err != nil {
					return err
				}
				for len(found) > 0 && found[0].key == i.Key {
					g.earlier(found[0].ref)
					found = found[1:]
				}
			}
			if err := g.tonight(i.Value); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if err := m.Err(); err != nil {
		return err
	}
	return g.finish()
}

// done is the ledger entry of a finished task.
func done(task pipeline.Task, rows int64, outputs ...pipeline.Output) pipeline.Entry {
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: rows, Outputs: outputs,
	}
}
