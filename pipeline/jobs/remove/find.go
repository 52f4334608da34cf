package remove

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Like says of documents whether they resemble a text: see dedupe.Like. Safe for concurrent use.
type Like interface {
	// Candidates calls yield with the ranks first..end-1 of a version whose documents resemble the text, surely or perhaps, in order.
	Candidates(ctx context.Context, s pipeline.Store, files []string, first, end int64, yield func(rank int64, sure bool) error) error
	// Comparer returns what says of texts whether they resemble that of the Like, for one goroutine.
	Comparer() func(text []byte) bool
}

// finder is the Runner of find.<shard>: it looks through a shard for documents that are meant, and leaves them in a table of withdrawn
// documents, or nothing. The entry's sum says how many there are; its counter untold of how many the expression could not be told.
type finder struct {
	tables pipeline.TableFormats
	like   func(text string) (Like, error)
}

const counterUntold = "untold"

// Run implements pipeline.Runner.
func (f finder) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	shards := b.read()
	if task.Index < 0 || task.Index >= len(shards) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(shards)))
	}
	mask, err := withdrawn.ReadMask(ctx, job.Corpus, b.Withdrawn...)
	if err != nil {
		return e, err
	}
	l := &look{finder: f, body: b, store: job.Corpus, shard: &shards[task.Index], mask: mask}
	found, err := l.find(ctx)
	if err != nil {
		return e, err
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: int64(len(found))}
	e.Counters.Add(counterUntold, l.untold)
	e.Outputs, err = withdrawn.LeaveWork(ctx, job, ingest.WithdrawnName(task.Index), found)
	return e, err
}

// look is one look through a shard.
type look struct {
	finder
	body   *body
	store  pipeline.Store
	shard  *ingest.LiveShard
	mask   *withdrawn.Mask
	rows   map[int64]bool // that resemble the text, if the selection is by that
	untold int64
}

// find returns the documents of the shard that are meant, by version and rank. They are held at once: a shard has no more than fit.
func (l *look) find(ctx context.Context) (found []withdrawn.Document, err error) {
	format := l.tables.Of(l.shard.Path)
	if format == nil {
		return nil, pipeline.Permanent(fmt.Errorf("%s is of no format that can be read here", l.shard.Path))
	}
	m, err := l.body.matcher()
	if err != nil {
		return nil, pipeline.Permanent(err)
	}
	if m == nil {
		if err := l.resembling(ctx, format); err != nil || len(l.rows) == 0 {
			return nil, err
		}
	}
	columns := columnar.Selection{Text: []string{"id", "source", "path"}, Int: []string{"offset", "chars", "bytes", "version"}}
	metadata := m != nil && m.metadata
	if metadata {
		columns.Text = append(columns.Text, "metadata")
	}
	cursor := l.shard.Cursor()
	err = format.ReadTable(ctx, l.store, l.shard.Path, columns, nil, func(f *columnar.Frame) error {
		ids, sources, paths := f.Text("id"), f.Text("source"), f.Text("path")
		offsets, chars, bytes, versions := f.Int("offset"), f.Int("chars"), f.Int("bytes"), f.Int("version")
		for i := range f.Rows() {
			at := f.First() + int64(i)
			r := row{source: sources.At(i), path: paths.At(i), offset: offsets[i], chars: chars[i], bytes: bytes[i], version: int(versions[i])}
			var err error
			if r.id, err = ingest.ParseDocumentID(ids.At(i)); err != nil {
				return err
			}
			if metadata {
				r.metadata = f.Text("metadata").At(i)
			}
			met := l.rows[at]
			if m != nil {
				if met, err = m.matches(&r); errors.Is(err, errUntold) {
					l.untold++
				} else if err != nil {
					return fmt.Errorf("document %x: %w", r.id, err)
				}
			}
			if !met {
				continue
			}
			version, position, ok := cursor.At(at)
			if !ok || version != r.version {
				return fmt.Errorf("row %d is of version %d, the manifests say %d", at, r.version, version)
			}
			found = append(found, withdrawn.Document{
				ID: r.id, Source: string(r.source), Path: string(r.path), Offset: r.offset, Version: version, Rank: l.mask.Rank(version, position),
				Chars: r.chars, Bytes: r.bytes, Reason: withdrawn.ReasonRemoved, Detail: l.body.Reason, Blocks: !l.body.AllowAgain,
			})
		}
		return nil
	})
	slices.SortFunc(found, withdrawn.Compare)
	return found, err
}

// resembling finds the rows that resemble the text.
func (l *look) resembling(ctx context.Context, format *pipeline.TableFormat) error {
	like, err := l.like(l.body.Like)
	if err != nil {
		return pipeline.Permanent(err)
	}
	l.rows = map[int64]bool{}
	var open []int64 // rows whose texts have to be compared
	first := int64(0)
	for _, h := range l.shard.Holds {
		at := slices.IndexFunc(l.body.Signatures, func(s signatures) bool { return s.Version == h.Version })
		if at < 0 {
			return pipeline.Permanent(fmt.Errorf("the plan names no signatures of version %d", h.Version))
		}
		ranks := [2]int64{l.mask.Rank(h.Version, h.First), l.mask.Rank(h.Version, h.First+h.Rows-1) + 1}
		err := like.Candidates(ctx, l.store, l.body.Signatures[at].Files, ranks[0], ranks[1], func(rank int64, sure bool) error {
			if l.mask.Has(h.Version, rank) {
				return nil
			}
			row := first + rank - l.mask.Before(h.Version, rank) - h.First
			if sure {
				l.rows[row] = true
			} else {
				open = append(open, row)
			}
			return nil
		})
		if err != nil {
			return err
		}
		first += h.Rows
	}
	if len(open) == 0 {
		return nil
	}
	compare := like.Comparer()
	return format.ReadRows(ctx, l.store, l.shard.Path, columnar.Selection{Text: []string{"text"}}, open, func(i int, f *columnar.Frame, row int) error {
		if compare(f.Text("text").At(row)) {
			l.rows[open[i]] = true
		}
		return nil
	})
}
