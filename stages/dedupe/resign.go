package dedupe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// NewResign returns the runner of resign.<split>: it reads the live documents of a split from the shards and writes their keys, and their
// records to files that take the place of the signature files of their versions. Of a withdrawn document that blocks the text may be gone:
// it keeps its record, and the keys of its hashes; with another key text only the hash of its text means anything. What is withdrawn and
// blocks nothing keeps its number, and nothing else. The entry's rows are the live documents, its bytes their text; the counter
// ingest.CounterBlocking has those that block. Memory is one piece of a shard, and 512 Ki keys, twice. cfg must be valid; tables are the
// formats that shards are in.
func NewResign(cfg Config, of ReindexingOf, tables pipeline.TableFormats) pipeline.Runner {
	return &resign{cfg: cfg, tables: tables, grounds: grounds{says: of}}
}

type resign struct {
	cfg     Config
	tables  pipeline.TableFormats
	grounds grounds
}

// Run implements pipeline.Runner.
func (s *resign) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	g, err := s.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(g.splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, len(g.splits)))
	}
	corpus := sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, corpus.Close()) }()
	r := &resigning{
		ground: g, job: job, pieces: g.splits[task.Index], signer: shingle.NewSigner(s.cfg.Threshold, s.cfg.MinShingles),
		before: newRecords(g.plan, nil, corpus, []int64{0}, nil),
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if r.keysOut, err = createWork(ctx, job, ingest.KeysName(task.Index)); err != nil {
		return e, err
	}
	r.keys = newKeysWriter(r.keysOut, s.cfg, g.plan.Partitions)
	if g.dedupe {
		if r.sketchesOut, err = createWork(ctx, job, ingest.SketchesName(task.Index)); err != nil {
			return e, err
		}
		r.sketches = newSketchesWriter(r.sketchesOut)
	}
	if err := r.begin(ctx); err != nil {
		return e, err
	}
	if err := r.read(ctx, s.tables); err != nil {
		return e, err
	}
	if err := r.finish(ctx); err != nil {
		return e, err
	}
	e = done(task, r.documents, r.outputs...)
	e.Bytes = r.bytes
	e.Sum.In, e.Sum.Out = r.documents, r.documents
	e.Counters.Add(ingest.CounterBlocking, r.blocking)
	return e, nil
}

// resigning is one task.
type resigning struct {
	*ground
	job    *pipeline.Job
	pieces []ranks // the first is that which is being written
	signer *shingle.Signer
	sketch columnar.Sketch // of one document
	before *records        // of the index so far

	keysOut, sketchesOut *output
	keys                 *keysWriter
	sketches             *sketchesWriter // all records once more, if documents are compared with each other
	signs                *output         // records of a version
	first                int64           // rank of the first of them
	rank                 int64           // of the next document
	left                 int64           // live ones of the piece
	gone                 []int64         // ranks of withdrawn ones, from rank on

	outputs                    []pipeline.Output
	documents, bytes, blocking int64
}

// read reads the live documents: at once what lies one behind the other in a shard.
func (r *resigning) read(ctx context.Context, tables pipeline.TableFormats) error {
	pieces := slices.DeleteFunc(slices.Clone(r.pieces), func(p ranks) bool { return p.Rows == 0 })
	for len(pieces) > 0 {
		n := 1
		for n < len(pieces) && pieces[n].Path == pieces[0].Path && pieces[n].Row == pieces[n-1].Row+pieces[n-1].Rows {
			n++
		}
		if err := r.rows(ctx, tables, pieces[0].Path, pieces[0].Row, pieces[n-1].Row+pieces[n-1].Rows); err != nil {
			return err
		}
		pieces = pieces[n:]
	}
	return nil
}

// rows reads some rows of a shard.
func (r *resigning) rows(ctx context.Context, tables pipeline.TableFormats, name string, next, end int64) error {
	format := tables.Of(name)
	if format == nil {
		return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", name))
	}
	want := func(g *columnar.RowGroup) bool { return g.First < end && g.First+g.Rows > next }
	err := format.ReadTable(ctx, r.job.Corpus, name, columnar.Selection{Text: []string{"id", "text"}}, want, func(f *columnar.Frame) error {
		ids, texts := f.Text("id"), f.Text("text")
		for behind := min(f.First()+int64(f.Rows()), end); next >= f.First() && next < behind; next++ {
			id, err := ingest.ParseDocumentID(ids.At(int(next - f.First())))
			if err != nil {
				return err
			}
			if err := r.document(ctx, id, texts.At(int(next-f.First()))); err != nil {
				return err
			}
		}
		if next == end {
			return pipeline.ErrEnough
		}
		return nil
	})
	if err == nil && next != end {
		err = fmt.Errorf("%s has no row %d", name, next)
	}
	return err
}

// document signs the next live document.
func (r *resigning) document(ctx context.Context, id [16]byte, text []byte) error {
	for r.left == 0 {
		if err := r.next(ctx); err != nil {
			return err
		}
	}
	for len(r.gone) > 0 && r.gone[0] == r.rank {
		if err := r.withdrawn(); err != nil {
			return err
		}
	}
	r.sketch.Reset()
	r.signer.Append(&r.sketch, text)
	var rec record
	copy(rec.signature()[:], r.sketch.Signature)
	*rec.exact(), *rec.key(), *rec.id() = r.sketch.Exact[0], r.sketch.Key[0], id
	rec.setCounts(int(r.sketch.Shingles[0]), uint32(len(text)))
	r.left--
	r.documents++
	r.bytes += int64(len(text))
	if err := r.keys.batch(&r.sketch); err != nil {
		return err
	}
	return r.write(&rec)
}

// withdrawn goes past the next document, which is withdrawn.
func (r *resigning) withdrawn() error {
	r.gone = r.gone[1:]
	version := r.pieces[0].Version
	if !r.mask.Blocks(version, r.rank) {
		r.keys.skip()
		rec := goneRecord
		return r.write(&rec)
	}
	r.blocking++
	old, err := r.before.get(ref{uint64(r.rank), uint32(version)})
	if err != nil {
		return err
	}
	rec := *old
	if r.keyText != ingest.KeyText {
		*rec.signature(), *rec.key() = noSignature, noKey
		rec.setCounts(0, rec.bytes())
	}
	if len(r.runs) > 0 {
		r.keys.skip() // its keys are in the index so far
	} else {
		r.keys.hashes(rec.exact(), rec.key())
	}
	return r.write(&rec)
}

func (r *resigning) write(rec *record) error {
	rec.seal()
	_, err := r.signs.Write(rec[:])
	if r.sketches != nil {
		r.sketches.add(rec)
		err = errors.Join(err, r.sketches.err)
	}
	r.rank++
	return errors.Join(err, r.keys.runs.Err())
}

// begin begins with the first piece that is left.
func (r *resigning) begin(ctx context.Context) (err error) {
	p := &r.pieces[0]
	r.left = p.Rows
	if r.signs != nil {
		return nil
	}
	end := p.end
	for i := range r.pieces {
		if r.pieces[i].Version == p.Version {
			end = r.pieces[i].end
		}
	}
	r.first, r.rank, r.gone = p.from, p.from, r.mask.Ranks(p.Version)
	at, _ := slices.BinarySearch(r.gone, p.from)
	r.gone = r.gone[at:]
	if r.signs, err = createOut(ctx, r.job, p.signatures(r.plan.Version)); err != nil {
		return err
	}
	return writeSignaturesHead(r.signs, p.from, end-p.from)
}

// end ends the first piece that is left.
func (r *resigning) end() error {
	p := r.pieces[0]
	for len(r.gone) > 0 && r.gone[0] == r.rank && r.rank < p.end {
		if err := r.withdrawn(); err != nil {
			return err
		}
	}
	if r.rank != p.end || r.left > 0 { // the plan was checked against the mask
		return fmt.Errorf("document %d of version %d comes behind %d", p.end, p.Version, r.rank)
	}
	r.pieces = r.pieces[1:]
	if len(r.pieces) > 0 && r.pieces[0].Version == p.Version {
		return nil
	}
	out, err := r.signs.commit(r.rank - r.first)
	r.outputs = append(r.outputs, out)
	err = errors.Join(err, r.signs.Close())
	r.signs = nil
	return err
}

// next goes to the next piece.
func (r *resigning) next(ctx context.Context) error {
	if len(r.pieces) == 1 {
		return fmt.Errorf("version %d has more documents than its manifest says", r.pieces[0].Version)
	}
	if err := r.end(); err != nil {
		return err
	}
	return r.begin(ctx)
}

// finish is called behind the last live document.
func (r *resigning) finish(ctx context.Context) error {
	for len(r.pieces) > 1 {
		if err := r.next(ctx); err != nil {
			return err
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	if err := r.keys.finish(); err != nil {
		return err
	}
	keys, err := r.keysOut.commit(r.keys.total)
	r.outputs = append(r.outputs, keys)
	if err != nil || r.sketches == nil {
		return err
	}
	if err := r.sketches.finish(); err != nil {
		return err
	}
	sketches, err := r.sketchesOut.commit(r.sketches.rows)
	r.outputs = append(r.outputs, sketches)
	return err
}

func (r *resigning) close() error {
	if r.keys != nil {
		r.keys.close()
	}
	return errors.Join(r.keysOut.Close(), r.sketchesOut.Close(), r.signs.Close())
}
