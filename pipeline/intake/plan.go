package intake

import (
	"cmp"
	"context"
	"errors"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// How a plan is cut. The figures follow from the size of the input alone, never from workers or hosts (invariant 1).
const (
	splitBytes     = 16 << 20         // input of one map task, at least
	maxSplits      = 50_000           // larger inputs get larger splits
	bundleFiles    = 4096             // files in one split, at most
	partitionBytes = int64(128 << 20) // input to one dedupe partition
	maxPartitions  = 1024
	// ShardBytes is the kept text in one shard, unless set otherwise.
	ShardBytes = 128 << 20
)

// Parent is the state of the corpus that a plan builds on.
type Parent struct {
	Version   int
	Live      []int
	History   []pipeline.IndexVersion
	Runs      []pipeline.IndexRun
	BaseVocab string
	// Known says whether a live version holds the file, unchanged.
	Known func(source, path string, bytes, modTime int64) bool
	// Content says whether a live version holds the file with this content, whatever its time.
	Content func(source, path string, bytes int64, digest [16]byte) bool
	// Changed says whether a live version holds a file of this name in another state.
	Changed func(source, path string, bytes, modTime int64) bool
	// Rejects is how much a live version rejected of a file of this name, and which one it was, if it read the file as it is and in
	// part; RejectedAs is why one rejected the file as it is, though it is tried again.
	Rejects func(source, path string, bytes, modTime int64) (rejects int64, from int)
	// Moved says whether what a version has read may lie at other offsets today.
	Moved      func(version int) bool
	RejectedAs func(source, path string, bytes, modTime int64) string
}

// Draft is a plan and what the planner saw beside it.
type Draft struct {
	Plan    *pipeline.Plan
	Skipped int64 // files that a version holds already
	Waiting int64 // files for the next run, which are still being written
	Spill   int64 // bytes of disk that the spills and outputs of the run may take
}

// Plan lists the files and cuts the work. A plan without files means that there is nothing new.
func Plan(ctx context.Context, o Options, parent Parent) (Draft, error) {
	found, err := o.list(ctx)
	if err != nil {
		return Draft{}, err
	}
	o.warnUnused(found.sources)
	found.warnOutside(&o)
	d := Draft{Plan: &pipeline.Plan{
		Code: pipeline.CodeVersion, Version: parent.Version + 1, Parent: parent.Version, Live: parent.Live,
		History: parent.History, Runs: parent.Runs, MergeRuns: pipeline.TierMerge(parent.Runs), BaseVocab: parent.BaseVocab, ShardBytes: cmp.Or(o.ShardBytes, ShardBytes), Settings: o.Settings, ByTime: o.ByTime,
	}}
	begun := filesOf(o.Begun)
	fresh := found.files[:0]
	for _, f := range found.files {
		if was, ok := begun[fileName{found.sources[f.Source].Name, f.Path}]; ok && was.Bytes == f.Bytes && was.ModTime == f.ModTime && was.ETag == f.ETag {
			d.Skipped++
			continue
		}
		if parent.Known != nil && parent.Known(found.sources[f.Source].Name, f.Path, f.Bytes, f.ModTime) {
			d.Skipped++
			continue
		}
		f.Changed = parent.Changed != nil && parent.Changed(found.sources[f.Source].Name, f.Path, f.Bytes, f.ModTime)
		if parent.Rejects != nil {
			f.Retried, f.RetriedFrom = parent.Rejects(found.sources[f.Source].Name, f.Path, f.Bytes, f.ModTime)
			if !o.RetryRejected { // what is tried again by itself is read as it was: its documents are duplicates of themselves
				f.RetriedFrom = 0
			}
			f.Reread = f.RetriedFrom > 0 && parent.Moved(f.RetriedFrom)
		}
		fresh = append(fresh, f)
	}
	found.files = fresh
	if o.Roots != nil {
		if d.Waiting, err = found.settle(ctx); err != nil {
			return Draft{}, err
		}
	}
	if err := found.rejectOthers(ctx); err != nil {
		return Draft{}, err
	}
	if o.ByContent {
		equal, err := found.skipEqual(ctx, parent)
		if err != nil {
			return Draft{}, err
		}
		d.Skipped += equal
	}
	found.number()
	cut, err := found.detect(ctx, o.Formats)
	if err != nil {
		return Draft{}, err
	}
	if parent.RejectedAs != nil {
		var told []pipeline.File
		cut, told = found.skipTold(cut, parent)
		o.warnTold(found.sources, told)
		d.Skipped += int64(len(told))
		found.number()
	}
	d.Plan.Sources, d.Plan.Files = found.sources, found.files
	total, err := cutSplits(ctx, d.Plan, cut, o)
	if err != nil {
		return Draft{}, err
	}
	per := cmp.Or(o.PartitionBytes, partitionBytes)
	d.Plan.Partitions = int(min(max(1, (total+per-1)/per), maxPartitions))
	sizes, err := expectedSizes(ctx, d.Plan, o)
	if err != nil {
		return Draft{}, err
	}
	d.Spill = spillEstimate(sizes)
	return d, tooLargeDocuments(d.Plan, sizes, o.MaxDocumentBytes)
}

// skipTold leaves out the files that cannot be read for the very reason that a version has told already: a link that still leads
// nowhere is nothing new. cut is by file.
func (l *Listing) skipTold(cut []bool, parent Parent) (left []bool, told []pipeline.File) {
	files, n := l.files, 0
	for i := range files {
		f := &files[i]
		if f.Reject != "" && f.Reject == parent.RejectedAs(l.sources[f.Source].Name, f.Path, f.Bytes, f.ModTime) {
			told = append(told, *f)
			continue
		}
		files[n], cut[n], l.why[n] = files[i], cut[i], l.why[i]
		n++
	}
	l.files, l.why = files[:n], l.why[:n]
	return cut[:n], told
}

// filesOf are the files of a plan, which may be nil, by name.
func filesOf(p *pipeline.Plan) map[fileName]*pipeline.File {
	if p == nil {
		return nil
	}
	files := make(map[fileName]*pipeline.File, len(p.Files))
	for i := range p.Files {
		files[fileName{p.SourceName(int32(i)), p.Files[i].Path}] = &p.Files[i]
	}
	return files
}

// cutSplits cuts large files where their format allows it and bundles small ones, in plan order. It returns the input's
// size.
func cutSplits(ctx context.Context, p *pipeline.Plan, cut []bool, o Options) (total int64, err error) {
	for _, f := range p.Files {
		if f.Reject == "" {
			total += f.Bytes
		}
	}
	size := o.SplitBytes
	if size == 0 {
		size = max(splitBytes, total/maxSplits)
	}
	var bundle pipeline.Split
	var bundled int64
	flush := func() {
		if len(bundle.Pieces) > 0 {
			p.Splits = append(p.Splits, bundle)
			bundle, bundled = pipeline.Split{}, 0
		}
	}
	for i, f := range p.Files {
		if f.Reject != "" {
			continue
		}
		if cut[i] && f.Bytes > size {
			pieces, err := cutFile(ctx, p, i, size, o)
			if err != nil {
				return 0, err
			}
			if len(pieces) > 1 {
				flush()
				for _, piece := range pieces {
					p.Splits = append(p.Splits, pipeline.Split{Pieces: []pipeline.Piece{piece}})
				}
				continue
			}
		}
		if bundled > 0 && bundled+f.Bytes > size || len(bundle.Pieces) == bundleFiles {
			flush()
		}
		bundle.Pieces = append(bundle.Pieces, pipeline.Piece{File: i, End: f.Bytes})
		bundled += f.Bytes
	}
	flush()
	return total, nil
}

// cutFile cuts one file into pieces of about a size. One piece means that it cannot be cut after all.
func cutFile(ctx context.Context, p *pipeline.Plan, file int, size int64, o Options) (pieces []pipeline.Piece, err error) {
	f := &p.Files[file]
	if f.Compression == "" {
		n := (f.Bytes + size - 1) / size
		for k := range n {
			pieces = append(pieces, pipeline.Piece{File: file, Start: f.Bytes * k / n, End: f.Bytes * (k + 1) / n})
		}
		return pieces, nil
	}
	if o.Formats.Cut == nil {
		return nil, nil
	}
	sources, err := store.OpenSources(p.Sources, o.Access)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	pieces, err = o.Formats.Cut(ctx, &pipeline.Files{Plan: p, Sources: sources}, file, size)
	if _, ok := errors.AsType[*pipeline.RejectError](err); ok { // whoever reads it finds the same
		return nil, nil
	}
	return pieces, err
}
