package dedupe

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// revision is what all tasks of supersede of a plan go by. It is not changed any more, and takes some bytes a file that replaces an earlier
// state or vanished.
type revision struct {
	plan    *ingest.Plan
	bases   []int64
	mask    *withdrawn.Mask    // of what was withdrawn before
	files   map[[16]byte]int32 // by key: its number in the plan, or goneFile
	named   []ingest.NamedFile // the same files
	whole   []bool             // by file of the plan that replaces: it was read to its end
	splits  map[int32][]int32  // of such a file: which have a piece of it, ascending
	readers []*ingest.LiveShard
}

// goneFile stands for any file that vanished.
const goneFile = int32(-1)

// revisions keeps that of the last plan: the tasks of a process share it. Safe for concurrent use.
type revisions struct{ kept pipeline.OfJob[*revision] }

func (c *revisions) of(ctx context.Context, job *pipeline.Job) (*revision, error) {
	return c.kept.Get(job, func() (*revision, error) { return newRevision(ctx, job) })
}

func newRevision(ctx context.Context, job *pipeline.Job) (r *revision, err error) {
	r = &revision{files: map[[16]byte]int32{}, splits: map[int32][]int32{}}
	if r.plan, err = ingest.PlanOf(job); err != nil {
		return nil, err
	}
	if r.bases, err = ingest.Bases(ctx, job); err != nil {
		return nil, err
	}
	if r.mask, err = withdrawn.ReadMask(ctx, job.Corpus, r.plan.Withdrawn...); err != nil {
		return nil, err
	}
	add := func(f ingest.NamedFile, number int32) {
		key, _ := ingest.FileKey(nil, f.Source, f.Path)
		r.files[key] = number
		r.named = append(r.named, f)
	}
	r.whole = make([]bool, len(r.plan.Files))
	for i := range r.plan.Files {
		if f := &r.plan.Files[i]; f.Replaces {
			r.whole[i] = f.Reject == ""
			add(ingest.NamedFile{Source: r.plan.SourceName(int32(i)), Path: f.Path}, int32(i))
		}
	}
	for _, f := range r.plan.Vanished {
		add(f, goneFile)
	}
	for i := range r.plan.Shards {
		if s := &r.plan.Shards[i]; s.Read {
			r.readers = append(r.readers, s)
		}
	}
	return r, r.readSplits(ctx, job)
}

// readSplits finds out which splits hold files that replace earlier states, and whether these were read to their ends.
func (r *revision) readSplits(ctx context.Context, job *pipeline.Job) error {
	first, _ := job.Chain.Summed()
	entries, err := job.Entries(ctx, first)
	if err != nil {
		return err
	}
	for split := range r.plan.Splits {
		some := false
		for _, p := range r.plan.Splits[split].Pieces {
			file := int32(p.File)
			if !r.plan.Files[file].Replaces {
				continue
			}
			some = true
			if n := len(r.splits[file]); n == 0 || r.splits[file][n-1] != int32(split) {
				r.splits[file] = append(r.splits[file], int32(split))
			}
			if entries[split].Verdict == pipeline.VerdictDead {
				r.whole[file] = false
			}
		}
		if !some || entries[split].Verdict == pipeline.VerdictDead {
			continue
		}
		if err := r.readAccount(ctx, job, split, &entries[split]); err != nil {
			return err
		}
	}
	return nil
}

// readAccount looks which files of a split were not read to their ends. An account has no checksum of its own: it is compared with what
// the ledger says of it.
func (r *revision) readAccount(ctx context.Context, job *pipeline.Job, split int, entry *pipeline.Entry) error {
	name := ingest.AccountName(split)
	o, err := job.Work.Open(ctx, name)
	if err != nil {
		return err
	}
	h := xxh3.New128()
	_, err = io.Copy(h, io.NewSectionReader(o, 0, o.Size()))
	if err = errors.Join(err, o.Close()); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, out := range entry.Outputs {
		if out.Name == name && out.Digest != hex.EncodeToString(h.Sum(nil)) {
			return sorted.Damaged(name, "its digest is not that of the ledger")
		}
	}
	return ingest.ScanAccount(ctx, job, split, func(line ingest.AccountLine) error {
		if a := line.Account; a != nil && int(a.File) < len(r.whole) && (a.Reason != "" || a.Unread > 0) {
			r.whole[a.File] = false
		}
		return nil
	})
}

// pieceSlack is how far from a piece a record of it is looked for.
const pieceSlack = 1 << 20

// mayHold says whether a split may hold the document of a file at an offset: pieces are told in stored bytes, and offsets in decoded ones,
// so where these differ it is not known.
func (r *revision) mayHold(split, file int32, offset int64) bool {
	f := &r.plan.Files[file]
	if f.Encoding != "" || f.Numbered {
		return true
	}
	for _, p := range r.plan.Splits[split].Pieces {
		if int32(p.File) != file {
			continue
		}
		start, end, open := p.Start, p.End, p.End == f.Bytes
		if f.Compression != "" {
			start, end, open = p.From, p.To, p.To == 0
		}
		if offset >= start-pieceSlack && (open || offset < end+pieceSlack) {
			return true
		}
	}
	return false
}

// newState calls yield with the id and the exact hash of every document of the run in a split that is wanted.
func (r *revision) newState(files *sorted.Handles, split int32, yield func(id, exact *[16]byte)) error {
	rows := r.bases[split+1] - r.bases[split]
	return forSketches(files, int(split), rows, func(s *sketchesFile) error {
		all := func(int64) bool { return true }
		return s.scanRecords(all, func(rec *record) error {
			yield(rec.id(), rec.exact())
			return files.Err()
		})
	})
}
