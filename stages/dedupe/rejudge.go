package dedupe

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
	"github.com/millrace/millrace/stages/dedupe/order"
)

// Where a reindex compares the live documents with each other, they are a run whose documents come in the order of their versions and
// ranks: the first of those that resemble each other stays. Pairs are found and decided as those of a run are; what settle does by texts
// that an ingest has in its spills is done by texts that reread takes from the shards.

// inOrder are the same settings but that the first one stays.
func (c Config) inOrder() Config {
	c.Winner = order.First
	return c
}

// NewRematch returns the runner of rematch.<partition>, which is that of settle over all live documents.
func NewRematch(cfg Config, of ReindexingOf) pipeline.Runner {
	return &settle{cfg: cfg.inOrder(), ground: &grounds{says: of}}
}

// NewReread returns the runner of reread.<split>: it leaves the texts that decisions may need, of documents whose signatures leave it open
// whether they resemble another one, and of those in large groups and what these may lose to. In place of all others there are empty texts,
// for documents keep their numbers. Memory is one bit a document, once a process, and a batch.
func NewReread(cfg Config, of ReindexingOf, tables pipeline.TableFormats) pipeline.Runner {
	r := &reread{tables: tables, grounds: grounds{says: of}}
	_, r.sure = cfg.doubt()
	return r
}

type reread struct {
	sure    int
	tables  pipeline.TableFormats
	grounds grounds

	lock sync.Mutex
	plan *pipeline.Plan // guarded by lock, as is the next
	open *keptBits      // clear for documents whose texts are wanted
}

const (
	rereadRows  = 4096
	rereadBytes = 8 << 20
)

// Run implements pipeline.Runner.
func (r *reread) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	g, err := r.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(g.splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, len(g.splits)))
	}
	open, err := r.wanted(ctx, job, g)
	if err != nil {
		return e, err
	}
	out, err := pipeline.CreateWork(ctx, job, ingest.DocumentsName(task.Index))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	spill, err := columnar.NewSpillWriter(out)
	if err != nil {
		return e, err
	}
	first, end := uint64(g.bases[task.Index]), uint64(g.bases[task.Index+1])
	var numbers []uint64
	for n := first; n < end; n++ {
		if !open.get(int64(n)) {
			numbers = append(numbers, n)
		}
	}
	var b columnar.Batch
	bytes, next := int64(0), first
	add := func(text []byte) error {
		b.File, b.Offset = append(b.File, 0), append(b.Offset, 0)
		b.Text.Append(text)
		b.Meta.Append(nil)
		bytes, next = bytes+int64(len(text)), next+1
		if b.Len() < rereadRows && len(b.Text.Data) < rereadBytes {
			return nil
		}
		err := spill.Write(&b)
		b.Reset()
		return err
	}
	err = g.rows(ctx, job, r.tables, task.Index, numbers, columnar.Selection{Text: []string{"text"}}, func(i int, f *columnar.Frame, row int) error {
		for next < numbers[i] {
			if err := add(nil); err != nil {
				return err
			}
		}
		return add(f.Text("text").At(row))
	})
	for err == nil && next < end {
		err = add(nil)
	}
	if err == nil && b.Len() > 0 {
		err = spill.Write(&b)
	}
	if err != nil {
		return e, err
	}
	rows, digest, err := spill.Finish()
	if err != nil {
		return e, err
	}
	o, err := out.Commit(rows)
	o.Digest, o.Bytes = digest, bytes // as of every spill
	e = done(task, int64(len(numbers)), o)
	e.Bytes = bytes
	return e, err
}

// wanted has a bit of every document, clear if its text is wanted: see NewReread.
func (r *reread) wanted(ctx context.Context, job *pipeline.Job, g *ground) (_ *keptBits, err error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.plan == job.Plan {
		return r.open, nil
	}
	work := sorted.NewHandles(ctx, job.Work)
	defer func() { err = errors.Join(err, work.Close()) }()
	all := g.bases[len(g.bases)-1]
	bits, member := newKeptBits(all), newKeptBits(all)
	some := false
	err = eachEdge(ctx, work, g.plan.Partitions, func(e edge) {
		switch {
		case e.kind == kindMember:
			member.clear(int64(e.later))
			bits.clear(int64(e.later))
			some = true
		case e.kind == ingest.KindNear && int(e.score) < r.sure:
			bits.clear(int64(e.later))
			bits.clear(int64(e.number))
		}
	})
	if err == nil && some {
		err = eachEdge(ctx, work, g.plan.Partitions, func(e edge) {
			if e.kind != kindMember && !member.get(int64(e.later)) {
				bits.clear(int64(e.number))
			}
		})
	}
	if err != nil {
		return nil, err
	}
	r.plan, r.open = job.Plan, bits
	return bits, nil
}

// eachEdge calls yield with all edges, in no order.
func eachEdge(ctx context.Context, work *sorted.Handles, partitions int, yield func(edge)) error {
	all := sorted.NewRuns(work, edgesKind)
	for p := range partitions {
		_, runs, err := all.Open(ingest.EdgesName(p), 0)
		if err != nil {
			return err
		}
		for _, run := range runs {
			for {
				data, err := run.Next()
				if err != nil {
					return err
				}
				if len(data) == 0 {
					break
				}
				for ; len(data) > 0; data = data[edgesKind.Width:] {
					yield(decodeEdge(data))
				}
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// NewRejudge returns the runner of rejudge.all, which decides as resolve does, and leaves a verdict of each document that goes. The entry's
// rows are the live documents that stay; its counters are those of resolve. Memory is as there.
func NewRejudge(cfg Config, of ReindexingOf) pipeline.Runner {
	return &rejudge{cfg: cfg.inOrder(), grounds: grounds{says: of}}
}

type rejudge struct {
	cfg     Config
	grounds grounds
}

// Run implements pipeline.Runner.
func (r *rejudge) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	if task.Index != 0 {
		return e, pipeline.Permanent(fmt.Errorf("task %s: there is only one", task))
	}
	g, err := r.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	d, err := r.grounds.of(ctx, job)
	if err != nil {
		return e, err
	}
	work, corpus := sorted.NewHandles(ctx, job.Work), sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, work.Close(), corpus.Close()) }()
	aside, err := newComparedWriter(io.Discard) // no document is of an earlier version here
	if err != nil {
		return e, err
	}
	e = done(task, 0)
	verdicts, err := writeVerdicts(ctx, job, r.cfg, d, work, corpus, decisions{kept: newKeptBits(g.bases[len(g.bases)-1]), aside: aside, entry: &e})
	if err != nil {
		return e, err
	}
	for split := range g.splits {
		e.Sum.In += g.live(split)
	}
	e.Rows = e.Sum.In - verdicts.Rows
	e.Sum.Out, e.Outputs = e.Rows, []pipeline.Output{verdicts}
	e.Sum.Leave(pipeline.LeftWithdrawn, withdrawn.ReasonResembles, verdicts.Rows)
	return e, e.Sum.Check() // invariant 7
}

// NewResemble returns the runner of resemble.<split>: it leaves the table of the documents of the split that go, each with the id of the one
// that it resembles. Memory follows the documents that go of one split.
func NewResemble(of ReindexingOf, tables pipeline.TableFormats) pipeline.Runner {
	return &resemble{tables: tables, grounds: grounds{says: of}}
}

type resemble struct {
	tables  pipeline.TableFormats
	grounds grounds
}

// Run implements pipeline.Runner.
func (r *resemble) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	g, err := r.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(g.splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, len(g.splits)))
	}
	verdicts, err := verdictsOf(ctx, job, g.bases[task.Index], g.bases[task.Index+1])
	if err != nil {
		return e, err
	}
	numbers := make([]uint64, len(verdicts))
	for i := range verdicts {
		numbers[i] = uint64(verdicts[i].Document)
	}
	var found []withdrawn.Document
	columns := columnar.Selection{Text: []string{"id", "source", "path"}, Int: []string{"offset", "chars", "bytes", "version"}}
	err = g.rows(ctx, job, r.tables, task.Index, numbers, columns, func(i int, f *columnar.Frame, row int) error {
		v, at := &verdicts[i], g.ref(numbers[i])
		d := withdrawn.Document{
			Source: string(f.Text("source").At(row)), Path: string(f.Text("path").At(row)), Offset: f.Int("offset")[row], Version: int(at.version),
			Rank: int64(at.number), Chars: f.Int("chars")[row], Bytes: f.Int("bytes")[row], Reason: withdrawn.ReasonResembles,
			Detail: hex.EncodeToString(v.WinnerID[:]),
		}
		if g.reason != "" {
			d.Detail += ": " + g.reason
		}
		var err error
		if d.ID, err = ingest.ParseDocumentID(f.Text("id").At(row)); err != nil {
			return err
		}
		if d.ID != v.ID || f.Int("version")[row] != int64(d.Version) {
			return fmt.Errorf("document %d of version %d is %x, not %x", d.Rank, d.Version, d.ID, v.ID)
		}
		found = append(found, d)
		return nil
	})
	if err != nil {
		return e, err
	}
	slices.SortFunc(found, withdrawn.Compare)
	e = done(task, int64(len(found)))
	e.Outputs, err = withdrawn.LeaveWork(ctx, job, ingest.WithdrawnName(task.Index), found)
	return e, err
}

// verdictsOf reads the verdicts of documents first..end-1.
func verdictsOf(ctx context.Context, job *pipeline.Job, first, end int64) (list []ingest.Verdict, err error) {
	o, err := job.Work.Open(ctx, ingest.VerdictsName)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	read := func(i int) (v ingest.Verdict) {
		var b [ingest.VerdictBytes]byte
		err = errors.Join(err, sorted.ReadAt(o, ingest.VerdictsName, b[:], int64(i)*ingest.VerdictBytes))
		return ingest.DecodeVerdict(b[:])
	}
	n := int(o.Size() / ingest.VerdictBytes)
	at := func(document int64) int {
		return sort.Search(n, func(i int) bool { return read(i).Document >= document })
	}
	from, behind := at(first), at(end)
	if err != nil || from == behind {
		return nil, err
	}
	data := make([]byte, (behind-from)*ingest.VerdictBytes)
	if err := sorted.ReadAt(o, ingest.VerdictsName, data, int64(from)*ingest.VerdictBytes); err != nil {
		return nil, err
	}
	for ; len(data) > 0; data = data[ingest.VerdictBytes:] {
		list = append(list, ingest.DecodeVerdict(data))
	}
	return list, nil
}
