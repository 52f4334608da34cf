package corpus

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// Known says which input files the live versions hold, by source, path, size and modification time. Safe for concurrent
// use once it is made. It takes some 60 bytes a file.
type Known struct {
	files   map[[16]byte]knownFile // by hash of source and path
	dropped map[string]bool        // by droppedName
	digests map[[16]byte][16]byte  // by hash of source and path; of contents, where they are known
}

type knownFile struct {
	bytes, modTime int64
	again          bool // eligible again
}

// eligibleAgain says that a file rejected for this reason is tried again in the next run. What is bad by content is not,
// until the file changes (design.md section 3, "Queue of files").
func eligibleAgain(reason string) bool {
	switch reason {
	case pipeline.ReasonMissing, pipeline.ReasonUnreadable, pipeline.ReasonChanged, pipeline.ReasonDead:
		return true
	}
	return false
}

// Known reads the file ledgers of the live versions.
func (c *Corpus) Known(ctx context.Context) (*Known, error) {
	live, err := c.liveRuns(ctx)
	if err != nil {
		return nil, err
	}
	k := &Known{files: map[[16]byte]knownFile{}, digests: map[[16]byte][16]byte{}}
	if k.dropped, err = c.dropped(ctx); err != nil {
		return nil, err
	}
	for _, m := range live { // a later version overrides an earlier one
		if err := k.add(ctx, c.store, m.Version); err != nil {
			return nil, err
		}
		if err := k.addDigests(ctx, c.store, m); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k *Known) add(ctx context.Context, s pipeline.Store, version int) error {
	var buf []byte
	name := tableName(version, filesTable)
	err := readTable(ctx, s, name, []string{"source", "path", "bytes", "reason"}, func(cols []any) error {
		sources, paths, sizes, reasons := cols[0].(*columnar.Strings), cols[1].(*columnar.Strings), cols[2].([]int64), cols[3].(*columnar.Strings)
		for i, size := range sizes {
			var key [16]byte
			key, buf = fileKey(buf, sources.At(i), paths.At(i))
			delete(k.digests, key) // of an earlier state
			k.files[key] = knownFile{bytes: size, again: eligibleAgain(string(reasons.At(i)))}
		}
		return nil
	})
	if err != nil {
		return err
	}
	name = tableName(version, timesTable)
	return readTable(ctx, s, name, []string{"source", "path", "mod_time"}, func(cols []any) error {
		sources, paths, times := cols[0].(*columnar.Strings), cols[1].(*columnar.Strings), cols[2].([]int64)
		for i, t := range times {
			var key [16]byte
			key, buf = fileKey(buf, sources.At(i), paths.At(i))
			f, ok := k.files[key]
			if !ok {
				return fmt.Errorf("%s: %s is not in %s", name, paths.At(i), tableName(version, filesTable))
			}
			f.modTime = t
			if f.again && len(k.dropped) > 0 && k.dropped[droppedName(key, f.bytes, t)] {
				f.again = false
			}
			k.files[key] = f
		}
		return nil
	})
}

func fileKey[T string | []byte](buf []byte, source, path T) ([16]byte, []byte) {
	return pipeline.DocumentID(buf, string(source), string(path), 0)
}

// Has says that the file, as it is, is in a live version and need not be read again.
func (k *Known) Has(source, path string, bytes, modTime int64) bool {
	f, ok := k.lookup(source, path)
	return ok && !f.again && f.bytes == bytes && f.modTime == modTime
}

// Changed says that a file of this name is in a live version, but with another size or modification time.
func (k *Known) Changed(source, path string, bytes, modTime int64) bool {
	f, ok := k.lookup(source, path)
	return ok && (f.bytes != bytes || f.modTime != modTime)
}

func (k *Known) lookup(source, path string) (knownFile, bool) {
	key, _ := fileKey(nil, source, path)
	f, ok := k.files[key]
	return f, ok
}
