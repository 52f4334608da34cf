package intake

import (
	"os"
	"path"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Held is what a corpus remembers of its sources. A name stands for one place: documents, and the files that are in already, go by it.
type Held struct {
	// Old are the names of sources of live versions that older programs made: these do not say where they lay.
	Old []string
	// Places are where sources of live versions lie, the newest last, which counts.
	Places []ingest.Place
}

// memory is Held for look-ups.
type memory struct {
	names   map[string]bool
	old     map[string]bool       // as in Held
	roots   map[string]string     // by source; of single files only where they are a source of their own
	folders []ingest.Place        // sources that are all below their root, the newest last
	singles map[fileName]string   // roots of files that were named one by one
	byBase  map[string][]fileName // the same files, by the last element of their paths

	found map[string]os.FileInfo // what lies at a place, nil: nothing
}

func newMemory(h Held) *memory {
	m := &memory{
		names: map[string]bool{}, old: map[string]bool{}, roots: map[string]string{}, singles: map[fileName]string{}, byBase: map[string][]fileName{},
		found: map[string]os.FileInfo{},
	}
	for _, name := range h.Old {
		m.names[name], m.old[name] = true, true
	}
	for _, p := range h.Places {
		m.names[p.Source] = true
		if len(p.Paths) == 0 {
			m.roots[p.Source] = p.Root
			m.folders = append(slices.DeleteFunc(m.folders, func(old ingest.Place) bool { return old.Source == p.Source }), p)
			continue
		}
		if p.Source != filesSource {
			m.roots[p.Source] = p.Root
		}
		for _, file := range p.Paths {
			name, base := fileName{p.Source, file}, path.Base(file)
			if _, again := m.singles[name]; !again {
				m.byBase[base] = append(m.byBase[base], name)
			}
			m.singles[name] = p.Root
		}
	}
	return m
}

// folder returns the name that the source in a folder has, the base name if it has several; "" if it is not remembered.
func (m *memory) folder(root, base string) string {
	for _, same := range []func(a, b string) bool{equal, m.samePlace} {
		found := ""
		for _, p := range slices.Backward(m.folders) {
			if (found == "" || p.Source == base) && same(p.Root, root) {
				found = p.Source
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// single returns the name that a file has which was named by itself before.
func (m *memory) single(place string) (name fileName, ok bool) {
	for _, same := range []func(a, b string) bool{equal, m.samePlace} {
		for _, name := range slices.Backward(m.byBase[path.Base(place)]) {
			if was := store.Join(m.singles[name], name.path); same(path.Dir(was), path.Dir(place)) {
				return name, true
			}
		}
	}
	return name, false
}

func equal(a, b string) bool { return a == b }

// samePlace says whether two absolute paths or URLs lead to one place, by whatever links and mounts.
func (m *memory) samePlace(a, b string) bool {
	if a == b {
		return true
	}
	if store.IsRemote(a) || store.IsRemote(b) {
		return false // they have one form
	}
	one, other := m.stat(a), m.stat(b)
	return one != nil && other != nil && os.SameFile(one, other)
}

func (m *memory) stat(at string) os.FileInfo {
	info, ok := m.found[at]
	if !ok {
		var err error
		if info, err = os.Stat(at); err != nil {
			info = nil
		}
		m.found[at] = info
	}
	return info
}
