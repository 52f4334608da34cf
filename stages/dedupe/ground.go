package dedupe

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// ReindexingOf says what index a job makes anew.
type ReindexingOf = func(p *pipeline.Plan) (*ingest.Reindexing, error)

// ground is what the tasks of a job that makes an index anew have in common: its documents are numbered as in the index.
type ground struct {
	plan    *ingest.Plan    // version, partitions and history
	mask    *withdrawn.Mask // what was withdrawn when the job was planned
	splits  [][]ranks
	bases   []int64 // numbers of the splits' first documents, and behind the last
	covers  tiers.Numbering
	runs    []ingest.IndexRun // see ingest.Reindexing
	keyText int
	dedupe  bool
	reason  string
}

// ranks are documents of a version: those of a piece, and the withdrawn ones up to the next piece.
type ranks struct {
	ingest.LivePiece
	from, end   int64 // ranks
	file, files int   // where their records go, of so many files of the version
}

// grounds keeps that of the job whose tasks are done. It is safe for concurrent use.
type grounds struct {
	says ReindexingOf
	kept pipeline.OfJob[*ground]
}

func (g *grounds) get(ctx context.Context, job *pipeline.Job) (*ground, error) {
	return g.kept.Get(job, func() (*ground, error) { return newGround(ctx, job, g.says) })
}

func newGround(ctx context.Context, job *pipeline.Job, of ReindexingOf) (*ground, error) {
	r, err := of(job.Plan)
	if err != nil {
		return nil, err
	}
	g := &ground{
		plan: &ingest.Plan{Version: job.Plan.Version, Partitions: r.Partitions}, splits: make([][]ranks, len(r.Splits)),
		runs: r.Runs, keyText: r.KeyText, dedupe: r.Dedupe, reason: r.Reason,
	}
	for _, v := range r.History {
		g.plan.History = append(g.plan.History, ingest.IndexVersion{Version: v.Version, Documents: v.Documents, Signatures: v.Signatures})
	}
	if g.mask, err = withdrawn.ReadMask(ctx, job.Corpus, r.Withdrawn...); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(r.Splits, func(pieces []ingest.LivePiece) bool { return len(pieces) == 0 }); i >= 0 {
		return nil, pipeline.Permanent(fmt.Errorf("split %d of the plan has no piece", i))
	}
	split, piece, first := 0, 0, int64(0)
	next := func(version int) (p ingest.LivePiece, ok bool) {
		for split < len(r.Splits) && piece == len(r.Splits[split]) {
			split, piece = split+1, 0
		}
		if split == len(r.Splits) || r.Splits[split][piece].Version != version {
			return p, false
		}
		if piece == 0 {
			g.bases = append(g.bases, first)
		}
		piece++
		return r.Splits[split][piece-1], true
	}
	for _, v := range r.History {
		g.covers.Add(v.Version, v.Documents)
		position, base, files := int64(0), first, 0
		for p, ok := next(v.Version); ok; p, ok = next(v.Version) {
			if p.First != position {
				return nil, pipeline.Permanent(fmt.Errorf("document %d of version %d is in no piece of the plan", position, v.Version))
			}
			position += p.Rows
			at := ranks{LivePiece: p, from: first - base, end: v.Documents}
			if position < v.Documents-g.mask.Count(v.Version) {
				at.end = g.mask.Rank(v.Version, position)
			}
			if list := g.splits[split]; len(list) == 0 || list[len(list)-1].Version != v.Version {
				files++
			}
			at.file = files - 1
			g.splits[split] = append(g.splits[split], at)
			first = base + at.end
		}
		if first != base+v.Documents || files == 0 {
			return nil, pipeline.Permanent(fmt.Errorf("the plan has pieces of %d of the %d documents of version %d", first-base, v.Documents, v.Version))
		}
	}
	if split != len(r.Splits) && (split != len(r.Splits)-1 || piece != len(r.Splits[split])) {
		return nil, pipeline.Permanent(fmt.Errorf("the plan has pieces of version %d, but not the version", r.Splits[split][piece].Version))
	}
	g.bases = append(g.bases, first)
	g.count()
	return g, nil
}

// count says of all documents how many files their version has.
func (g *ground) count() {
	files := map[int]int{}
	for _, split := range g.splits {
		for _, p := range split {
			files[p.Version] = p.file + 1
		}
	}
	for _, split := range g.splits {
		for i := range split {
			split[i].files = files[split[i].Version]
		}
	}
}

// signatures is the file of their records: it takes the place of a part of the version's own.
func (p *ranks) signatures(version int) string {
	return pipeline.InPlaceOf(pipeline.IndexFolder, version, p.Version, fmt.Sprintf("signatures-%05d-of-%05d.sig", p.file, p.files))
}

// ref names the document of a number.
func (g *ground) ref(number uint64) ref { return refOf(g.covers.Document(number)) }

// of implements grounded. What is withdrawn and blocks has keys, but nothing can be told of it.
func (g *grounds) of(ctx context.Context, job *pipeline.Job) (*documents, error) {
	at, err := g.get(ctx, job)
	if err != nil {
		return nil, err
	}
	d := &documents{plan: at.plan, bases: at.bases}
	if len(at.mask.Versions()) > 0 {
		d.out = func(number uint64) bool {
			d := at.ref(number)
			return at.mask.Blocks(int(d.version), int64(d.number))
		}
	}
	return d, nil
}

// live is how many documents of a split are live.
func (g *ground) live(split int) (n int64) {
	for i := range g.splits[split] {
		n += g.splits[split][i].Rows
	}
	return n
}

// rows calls yield with the rows of documents of a split, which are live and whose numbers ascend: with the index of each, and its row in
// the frame. At once are read those that lie one behind the other in a shard.
func (g *ground) rows(ctx context.Context, job *pipeline.Job, tables pipeline.TableFormats, split int, numbers []uint64, columns columnar.Selection,
	yield func(i int, f *columnar.Frame, row int) error,
) error {
	pieces := g.splits[split]
	for first := 0; first < len(numbers); {
		name, rows := "", []int64(nil)
		for _, number := range numbers[first:] {
			d := g.ref(number)
			version, rank := int(d.version), int64(d.number)
			for len(pieces) > 0 && (pieces[0].Version != version || rank >= pieces[0].end) {
				pieces = pieces[1:]
			}
			if len(pieces) == 0 || rank < pieces[0].from || g.mask.Has(version, rank) {
				return pipeline.Permanent(fmt.Errorf("document %d of version %d is in no row of the split", rank, version))
			}
			row := pieces[0].Row + rank - g.mask.Before(version, rank) - pieces[0].First
			if n := len(rows); n > 0 && (pieces[0].Path != name || row <= rows[n-1]) {
				break
			}
			name, rows = pieces[0].Path, append(rows, row)
		}
		format := tables.Of(name)
		if format == nil {
			return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", name))
		}
		read := 0
		err := format.ReadRows(ctx, job.Corpus, name, columns, rows, func(i int, f *columnar.Frame, row int) error {
			read++
			return yield(first+i, f, row)
		})
		if err != nil {
			return err
		}
		if read < len(rows) {
			return fmt.Errorf("%s has no row %d", name, rows[read])
		}
		first += len(rows)
	}
	return nil
}
