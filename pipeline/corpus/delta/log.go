package delta

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Folder is where the log lies.
const Folder = "_delta_log"

// Name is the name of the entry of a version.
func Name(version int) string { return fmt.Sprintf("%s/%020d.json", Folder, version) }

// Log returns the entries of the log of a corpus, from version 0 on: those of its manifests, oldest first. A corpus that never had a
// document in Parquet has none. id is that of the table, as IDOf tells it of the log that is there; "" makes one.
func Log(list []*manifest.Manifest, id string) (entries [][]byte) {
	w := writer{list: list, live: map[string]bool{}, made: map[string]int64{}}
	for i, m := range list {
		for _, f := range m.Files {
			if pipeline.ParquetTable.Holds(f.Path) {
				w.made[f.Path] = started(list[i])
			}
		}
	}
	if len(list) == 0 || len(w.made) == 0 && id == "" {
		return nil
	}
	now := manifest.ViewOf(list)
	for _, f := range now.Files() {
		w.live[f.Path] = true
	}
	if id == "" {
		id = newID(list[0])
	}
	entries = append(entries, empty(id, started(list[0])))
	next := 0
	for version := 1; version <= list[len(list)-1].Version; version++ {
		m := list[next]
		if m.Version == version {
			next++
		} else {
			m = nil
		}
		entries = append(entries, w.entry(version, m, next))
	}
	return entries
}

// newID makes an id out of the first manifest.
func newID(m *manifest.Manifest) string {
	sum := sha256.Sum256([]byte(m.Plan + m.Digest + m.Run.Started))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8: of one's own making
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// writer goes through the versions.
type writer struct {
	list []*manifest.Manifest
	live map[string]bool  // by path: at its path now, and not retired
	made map[string]int64 // by path: when the version was begun that brought it

	of    *manifest.Manifest // of the version that was gone to last; nil if it has none
	files map[string]dataset.File
}

// step goes to the next version, which may have no manifest any more, and returns what it removes and adds, by path; up to it are the first
// of the list.
func (w *writer) step(version int, m *manifest.Manifest, upto int) (removed, added []string) {
	var before []int
	if w.of != nil {
		before = w.of.Live
	}
	known := w.of != nil || version == 1
	w.of = m
	if known && m != nil && slices.Equal(m.Live, append(slices.Clone(before), version)) { // nothing but what it does itself
		for _, path := range m.Removes {
			if _, ok := w.files[path]; ok {
				delete(w.files, path)
				removed = append(removed, path)
			}
		}
		now := documents(m.Files)
		added = slices.Sorted(maps.Keys(now))
		if w.files == nil {
			w.files = now
		}
		maps.Copy(w.files, now)
		slices.Sort(removed)
		return removed, added
	}
	now := w.state(version, m, upto)
	for path := range w.files {
		if _, stays := now[path]; !stays {
			removed = append(removed, path)
		}
	}
	for path := range now {
		if _, was := w.files[path]; !was {
			added = append(added, path)
		}
	}
	w.files = now
	slices.Sort(removed)
	slices.Sort(added)
	return removed, added
}

// state is the documents of a version.
func (w *writer) state(version int, m *manifest.Manifest, upto int) map[string]dataset.File {
	if m != nil {
		if v := manifest.ViewOf(w.list[:upto]); len(v.Made) == len(m.Live) {
			return documents(v.Files())
		}
		w.of = nil
	}
	gone := "version-" + pipeline.VersionName(version) + "-was-freed-by-gc.parquet" // readers show it to whoever asks for the version
	return map[string]dataset.File{gone: {Path: gone, Bytes: 1024, Rows: -1}}
}

// documents are those of some files that the log tells of, by path.
func documents(list []dataset.File) map[string]dataset.File {
	files := map[string]dataset.File{}
	for _, f := range list {
		if pipeline.ParquetTable.Holds(f.Path) {
			files[f.Path] = f
		}
	}
	return files
}

// entry is that of a version.
func (w *writer) entry(version int, m *manifest.Manifest, upto int) []byte {
	removed, added := w.step(version, m, upto)
	var e entry
	at, changes := int64(0), true
	info := &commitInfo{Operation: "FREED", Parameters: map[string]string{}}
	if m != nil {
		at, changes = started(m), w.changes(m)
		info = &commitInfo{
			Timestamp: at, Operation: operation(m.Kind), Parameters: map[string]string{}, EngineInfo: m.Run.Tool, UserMetadata: "run digest " + m.Digest,
		}
	}
	e.put(&action{CommitInfo: info})
	for _, path := range removed {
		for _, place := range []string{path, retired(path)} {
			e.put(&action{Remove: &remove{escape(place), at, changes}})
		}
	}
	for _, path := range added {
		f, place, stats := w.files[path], path, ""
		if !w.live[path] {
			place = retired(path)
		}
		if f.Rows >= 0 {
			stats = fmt.Sprintf(`{"numRecords":%d}`, f.Rows)
		}
		e.put(&action{Add: &add{escape(place), map[string]string{}, f.Bytes, w.made[path], changes, stats}})
	}
	return e.Bytes()
}

// changes says whether a version changes what the documents are, and not only where they lie.
func (w *writer) changes(m *manifest.Manifest) bool {
	moves := func(m *manifest.Manifest) bool {
		return m.Kind == manifest.KindCompact || m.Kind == manifest.KindSignals || m.Kind == manifest.KindReindex && m.Totals.Withdrawn.Documents == 0
	}
	if m.Kind != manifest.KindDrop {
		return !moves(m)
	}
	return slices.ContainsFunc(m.Drops, func(version int) bool {
		i := slices.IndexFunc(w.list, func(m *manifest.Manifest) bool { return m.Version == version })
		return i < 0 || !moves(w.list[i])
	})
}

// operation is the word for a kind of version that tools of Delta show in a history.
func operation(kind string) string {
	switch kind {
	case manifest.KindRun:
		return "WRITE"
	case manifest.KindCompact:
		return "OPTIMIZE"
	case manifest.KindDrop:
		return "RESTORE"
	case manifest.KindPurge:
		return "VACUUM"
	case manifest.KindReindex:
		return "REINDEX"
	case manifest.KindSignals:
		return "MEASURE"
	}
	return "DELETE"
}
