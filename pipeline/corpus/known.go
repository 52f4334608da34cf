package corpus

import (
	"context"
	"fmt"
	"iter"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Known says which input files the live versions hold, by source, path, size and modification time. Safe for concurrent
// use once it is made. It takes some 100 bytes a file.
type Known struct {
	corpus  *Corpus
	live    []*manifest.Manifest
	names   map[string]string      // one of each source and reason, since there are few
	files   map[[16]byte]knownFile // by hash of source and path
	dropped map[string]int64       // by droppedName
	digests map[[16]byte][16]byte  // by hash of source and path; of contents, where they are known
}

type knownFile struct {
	bytes, modTime int64
	rejects        int64  // of its documents, and one for what of it was not read
	reason         string // of the latter, "" if all was read
	source         string
	version        int32 // that read it last
	again          bool  // eligible again
	part           bool  // some of its documents came through, then or when it was read before as it is
	partBefore     bool  // so it was then, if its time is the same
	holds          bool  // documents of it came through in some state, and it has not vanished since
	stale          bool  // some of another state than this one may be live: this one was never read to its end
	before         bool  // it held documents before it was read last
	gone           bool  // it vanished since it was read
	lost           bool  // documents of it have lost to others that were withdrawn since it was read
}

// eligibleAgain says that a file rejected for this reason is tried again in the next run. What is bad by content is not,
// until the file changes (design.md section 3, "Queue of files").
func eligibleAgain(reason string) bool {
	switch reason {
	case pipeline.ReasonMissing, pipeline.ReasonUnreadable, pipeline.ReasonChanged, ingest.ReasonDead:
		return true
	}
	return false
}

// Known reads the file ledgers of the live versions.
func (c *Corpus) Known(ctx context.Context) (*Known, error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, err
	}
	k := &Known{corpus: c, live: v.Live, names: map[string]string{}, files: map[[16]byte]knownFile{}, digests: map[[16]byte][16]byte{}}
	if k.dropped, err = dataset.Sizes(ctx, c.store, droppedFolder); err != nil {
		return nil, err
	}
	for _, m := range v.Versions { // a later version overrides an earlier one
		if m.Kind == manifest.KindRun {
			if err := k.add(ctx, c.files, m.Version); err != nil {
				return nil, err
			}
			if err := k.addDigests(ctx, c.files, m); err != nil {
				return nil, err
			}
		}
		if err := k.addWithdrawn(ctx, c.files, m); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// one returns a word of which there are few, the same memory for all.
func (k *Known) one(word []byte) string {
	if _, ok := k.names[string(word)]; !ok {
		k.names[string(word)] = string(word)
	}
	return k.names[string(word)]
}

func (k *Known) add(ctx context.Context, s pipeline.Store, version int) error {
	name := TableName(version, FilesTable)
	columns := columnar.Selection{Text: []string{"source", "path", "reason"}, Int: []string{"bytes", "rejected", "documents"}}
	err := pipeline.ReadTable(ctx, s, name, columns, func(t *columnar.Frame) error {
		sources, reasons := t.Text("source"), t.Text("reason")
		sizes, rejected, documents := t.Int("bytes"), t.Int("rejected"), t.Int("documents")
		for i, key := range fileKeys(t) {
			delete(k.digests, key) // of an earlier state
			old := k.files[key]
			f := knownFile{
				bytes: sizes[i], modTime: old.modTime, partBefore: old.part && old.bytes == sizes[i], rejects: rejected[i], version: int32(version),
				part: documents[i] > 0, source: k.one(sources.At(i)), holds: old.holds || documents[i] > 0, before: old.holds,
			}
			if reason := reasons.At(i); len(reason) > 0 {
				f.reason = k.one(reason)
				f.again = eligibleAgain(f.reason)
				f.rejects++
				f.stale = old.stale || old.holds && old.bytes != sizes[i]
			}
			k.files[key] = f
		}
		return nil
	})
	if err != nil {
		return err
	}
	name = TableName(version, TimesTable)
	columns = columnar.Selection{Text: []string{"source", "path"}, Int: []string{"mod_time"}}
	return pipeline.ReadTable(ctx, s, name, columns, func(t *columnar.Frame) error {
		times := t.Int("mod_time")
		for i, key := range fileKeys(t) {
			f, ok := k.files[key]
			if !ok {
				return fmt.Errorf("%s: %s is not in %s", name, t.Text("path").At(i), TableName(version, FilesTable))
			}
			modTime := times[i]
			f.part = f.part || f.partBefore && f.modTime == modTime
			f.stale = f.stale || f.reason != "" && f.before && f.modTime != modTime
			f.modTime = modTime
			if f.again && len(k.dropped) > 0 {
				_, dropped := k.dropped[droppedName(key, f.bytes, modTime)]
				f.again = !dropped
			}
			k.files[key] = f
		}
		return nil
	})
}

// FileKey names an input file by a hash of its source and path; buf is for the next call.
func FileKey[T string | []byte](buf []byte, source, path T) ([16]byte, []byte) {
	return ingest.FileKey(buf, string(source), string(path))
}

// fileKeys yields the rows of a table of files, each with the key of its file.
func fileKeys(t *columnar.Frame) iter.Seq2[int, [16]byte] {
	return func(yield func(int, [16]byte) bool) {
		sources, paths := t.Text("source"), t.Text("path")
		var buf []byte
		for i := range t.Rows() {
			var key [16]byte
			if key, buf = FileKey(buf, sources.At(i), paths.At(i)); !yield(i, key) {
				return
			}
		}
	}
}

// Has says that the file, as it is, is in a live version and need not be read again.
func (k *Known) Has(source, path string, bytes, modTime int64) bool {
	f, ok := k.lookup(source, path)
	return ok && !f.due() && f.bytes == bytes && f.modTime == modTime
}

// due says that the file is to be read again though it is as it was.
func (f *knownFile) due() bool { return f.again || f.gone || f.lost }

// Changed says that a file of this name is in a live version, but with another size or modification time.
func (k *Known) Changed(source, path string, bytes, modTime int64) bool {
	f, ok := k.lookup(source, path)
	return ok && !f.gone && (f.bytes != bytes || f.modTime != modTime)
}

// Replaces says that live versions may hold documents of this file in another state than this one: it has changed since it was read, or
// it was never read to its end since it changed.
func (k *Known) Replaces(source, path string, bytes, modTime int64) bool {
	f, ok := k.lookup(source, path)
	return ok && f.holds && (f.stale || f.bytes != bytes || f.modTime != modTime)
}

// Lost is the version that read the file last, as it is, if documents of it have lost to others that were withdrawn since then; 0 if not.
func (k *Known) Lost(source, path string, bytes, modTime int64) (from int) {
	f, ok := k.lookup(source, path)
	if !ok || !f.lost || f.again || f.stale || f.bytes != bytes || f.modTime != modTime {
		return 0
	}
	return int(f.version)
}

func (k *Known) lookup(source, path string) (knownFile, bool) {
	key, _ := FileKey(nil, source, path)
	f, ok := k.files[key]
	return f, ok
}

// Rejects is how much the live version that read a file last, in whatever state, has rejected of it: documents, and one for what was
// not read. from is that version if it read the file as it is and some documents of it came through, else 0.
func (k *Known) Rejects(source, path string, bytes, modTime int64) (rejects int64, from int) {
	f, _ := k.lookup(source, path)
	if f.part && f.rejects > 0 && f.bytes == bytes && f.modTime == modTime {
		from = int(f.version)
	}
	return f.rejects, from
}

// RejectedAs is the reason why a live version has rejected the file as it is, though it is tried again; "" if none has.
func (k *Known) RejectedAs(source, path string, bytes, modTime int64) string {
	f, ok := k.lookup(source, path)
	if !ok || !f.again || f.bytes != bytes || f.modTime != modTime {
		return ""
	}
	return f.reason
}

// Standing counts the rejects that stand, by the version that read their files last.
func (k *Known) Standing() map[int]int64 {
	standing := map[int]int64{}
	for _, f := range k.files {
		if f.rejects > 0 && !f.gone {
			standing[int(f.version)] += f.rejects
		}
	}
	return standing
}
