package dedupe

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// NewSupersede returns the runner of supersede.<shard>: of a live shard it finds the documents whose files have changed or vanished, and
// writes down which of them the run withdraws. A document stays where the new state of its file has it still, under its id and with its
// text. Of a file that was not read to its end only those go whose id came with another text: nobody knows of the others. The entry's rows
// are the withdrawn documents. Memory follows the documents that one shard has of such files. Tables are the formats that shards are in.
func NewSupersede(tables pipeline.TableFormats) pipeline.Runner { return &supersede{tables: tables} }

type supersede struct {
	tables    pipeline.TableFormats
	revisions revisions
}

// Run implements pipeline.Runner.
func (s *supersede) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	r, err := s.revisions.of(ctx, job)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(r.readers) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(r.readers)))
	}
	shard := r.readers[task.Index]
	format := s.tables.Of(shard.Path)
	if format == nil || !format.Readable() {
		return e, pipeline.Permanent(fmt.Errorf("%s: %s is in no format that can be read here", task, shard.Path))
	}
	t := &superseding{revision: r, job: job, shard: shard, format: format}
	gone, err := t.find(ctx)
	if err != nil {
		return e, fmt.Errorf("%s: %w", shard.Path, err)
	}
	e = done(task, int64(len(gone)))
	e.Outputs, err = withdrawn.LeaveWork(ctx, job, ingest.WithdrawnName(task.Index), gone)
	return e, err
}

var errMoved = errors.New("the plan and the shard do not agree")

// superseding is one task.
type superseding struct {
	*revision
	job    *pipeline.Job
	shard  *ingest.LiveShard
	format *pipeline.TableFormat

	found []oldDocument
}

// oldDocument is a live document of a file that replaces an earlier state, or vanished.
type oldDocument struct {
	id                   [16]byte
	exact                [16]byte // of the document of this id in the new state, if there is one
	there                bool     // there is one
	gone                 bool     // it is withdrawn
	file                 int32
	name                 int32 // in names
	twin                 int32 // behind the number of another one of the same id, 0 if there is none
	offset, chars, bytes int64
	row                  int64
	version              int
	rank                 int64
}

// find returns what the shard has that is withdrawn, in order of version and rank.
func (t *superseding) find(ctx context.Context) (gone []withdrawn.Document, err error) {
	names, err := t.candidates(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.lookUp(ctx); err != nil {
		return nil, err
	}
	if err := t.compareTexts(ctx); err != nil {
		return nil, err
	}
	for i := range t.found {
		d := &t.found[i]
		reason := withdrawn.ReasonReplaced
		switch {
		case d.file == goneFile:
			reason = withdrawn.ReasonVanished
		case d.gone, !d.there && t.whole[d.file]:
		default:
			continue
		}
		name := names[d.name]
		gone = append(gone, withdrawn.Document{
			ID: d.id, Source: name.Source, Path: name.Path, Offset: d.offset, Version: d.version, Rank: d.rank, Chars: d.chars, Bytes: d.bytes,
			Reason: reason,
		})
	}
	slices.SortFunc(gone, withdrawn.Compare)
	return gone, nil
}

// candidates finds the documents of the shard whose files changed or vanished, and returns the names of these.
func (t *superseding) candidates(ctx context.Context) (names []ingest.NamedFile, err error) {
	columns := columnar.Selection{Text: []string{"id", "source", "path"}, Int: []string{"offset", "chars", "bytes", "version"}}
	cursor := t.shard.Cursor()
	var last ingest.NamedFile
	var number int32
	var known bool
	var scratch []byte
	err = t.format.ReadTable(ctx, t.job.Corpus, t.shard.Path, columns, t.wanted, func(f *columnar.Frame) error {
		ids, sources, paths := f.Text("id"), f.Text("source"), f.Text("path")
		offsets, chars, bytes, versions := f.Int("offset"), f.Int("chars"), f.Int("bytes"), f.Int("version")
		for i := range f.Rows() {
			row := f.First() + int64(i)
			version, position, ok := cursor.At(row)
			if !ok || int64(version) != versions[i] {
				return fmt.Errorf("row %d is of version %d: %w", row, versions[i], errMoved)
			}
			if source, path := sources.At(i), paths.At(i); string(source) != last.Source || string(path) != last.Path {
				last = ingest.NamedFile{Source: string(source), Path: string(path)}
				var key [16]byte
				key, scratch = ingest.FileKey(scratch, last.Source, last.Path)
				if number, known = t.files[key]; known {
					names = append(names, last)
				}
			}
			if known {
				d := oldDocument{
					file: number, name: int32(len(names) - 1), offset: offsets[i], chars: chars[i], bytes: bytes[i], row: row, version: version,
					rank: t.mask.Rank(version, position),
				}
				if d.id, err = ingest.ParseDocumentID(ids.At(i)); err != nil {
					return err
				}
				t.found = append(t.found, d)
			}
		}
		return nil
	})
	return names, err
}

// mostNames is how many files are looked for in what a shard says of its row groups: with more of them each would have some.
const mostNames = 4096

// wanted says whether a row group may hold documents of the files.
func (t *superseding) wanted(g *columnar.RowGroup) bool {
	return len(t.named) > mostNames || slices.ContainsFunc(t.named, func(f ingest.NamedFile) bool {
		return g.MayHold("source", f.Source) && g.MayHold("path", f.Path)
	})
}

// lookUp finds the documents in the new states of their files.
func (t *superseding) lookUp(ctx context.Context) (err error) {
	byID := map[[16]byte]int{}
	splits := map[int32]bool{}
	for i := range t.found {
		d := &t.found[i]
		if d.file == goneFile {
			continue
		}
		if k, twice := byID[d.id]; twice { // by plan.changed_files: add, or before there was anything else
			d.twin = int32(k) + 1
		}
		byID[d.id] = i
		for _, split := range t.splits[d.file] {
			if !splits[split] && t.mayHold(split, d.file, d.offset) {
				splits[split] = true
			}
		}
	}
	files := sorted.NewHandles(ctx, t.job.Work)
	defer func() { err = errors.Join(err, files.Close()) }()
	for split := range splits { // their order leaves no trace
		err := t.newState(files, split, func(id, exact *[16]byte) {
			i, ok := byID[*id]
			for ; ok; i, ok = int(t.found[i].twin)-1, t.found[i].twin > 0 {
				t.found[i].there, t.found[i].exact = true, *exact
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compareTexts withdraws the documents whose id came with another text.
func (t *superseding) compareTexts(ctx context.Context) error {
	next := 0 // of those in question
	forward := func() {
		for next < len(t.found) && !t.found[next].there {
			next++
		}
	}
	if forward(); next == len(t.found) {
		return nil
	}
	want := func(g *columnar.RowGroup) bool {
		at, _ := slices.BinarySearchFunc(t.found, g.First, func(d oldDocument, row int64) int { return cmp.Compare(d.row, row) })
		for ; at < len(t.found) && t.found[at].row < g.First+g.Rows; at++ {
			if t.found[at].there {
				return true
			}
		}
		return false
	}
	err := t.format.ReadTable(ctx, t.job.Corpus, t.shard.Path, columnar.Selection{Text: []string{"text"}}, want, func(f *columnar.Frame) error {
		texts := f.Text("text")
		for ; next < len(t.found) && t.found[next].row < f.First()+int64(f.Rows()); forward() {
			d := &t.found[next]
			sum := xxh3.Hash128(texts.At(int(d.row - f.First()))).Bytes()
			d.gone = d.gone || !bytes.Equal(sum[:], d.exact[:])
			next++
		}
		return nil
	})
	if err == nil && next < len(t.found) {
		err = fmt.Errorf("it has no row %d: %w", t.found[next].row, errMoved)
	}
	return err
}
