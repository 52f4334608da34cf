package store

import (
	"path"
	"strings"
	"sync"
)

// lasting are the folders of a store whose entries in the folders above them the disk has. A file of such a folder takes the sync of its own
// folder alone, where one of a folder that was made a moment ago takes that of all that lead to it. It is what this process did itself:
// that nobody else removes a folder and makes it anew meanwhile is for the Lock of the store to see to.
type lasting struct {
	mu      sync.Mutex
	folders map[string]bool // guarded by mu; paths below the root
	changes int             // guarded by mu; how often some of them were forgotten
}

// begin is what end asks for.
func (l *lasting) begin() (changes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changes
}

func (l *lasting) has(folder string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folders[folder]
}

// end notes that a folder and those above it last, unless something was forgotten since begin.
func (l *lasting) end(folder string, changes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changes != changes {
		return
	}
	if l.folders == nil {
		l.folders = map[string]bool{}
	}
	for ; folder != "."; folder = path.Dir(folder) {
		l.folders[folder] = true
	}
}

// gone forgets what is removed, moves away or is not there: a folder with all below it.
func (l *lasting) gone(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes++
	for f := range l.folders {
		if f == name || strings.HasPrefix(f, name+"/") {
			delete(l.folders, f)
		}
	}
}
