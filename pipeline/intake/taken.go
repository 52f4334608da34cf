package intake

import (
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// takenName is a name that stands for another place in the corpus.
type takenName struct {
	source   string
	what     string // source news, or file files/1.txt
	was, now string
	free     string // a name that the other place might have, "" where names are given by the config
}

// check says whether a source, or a single file of one, lies elsewhere than the corpus remembers it, and whether its place is to be
// remembered: since it was moved, or since what made the corpus did not say it.
func (m *memory) check(p ingest.Place, moved []string) (taken *takenName, learn bool) {
	was, known := m.roots[p.Source]
	now, what := p.Root, "source "+p.Source
	if len(p.Paths) > 0 && p.Source == filesSource {
		name := fileName{p.Source, p.Paths[0]}
		if root, ok := m.singles[name]; ok {
			was, known = store.Join(root, name.path), true
			now, what = store.Join(p.Root, name.path), "file "+path.Join(name.source, name.path)
			if m.samePlace(path.Dir(was), path.Dir(now)) { // it may be gone where it was
				now = was
			}
		}
	} else if p.Source == filesSource && !known {
		for name, root := range m.singles {
			if name.source == filesSource && (!known || store.Join(root, name.path) < was) {
				was, known = store.Join(root, name.path), true
			}
		}
	}
	switch {
	case !known:
		return nil, m.old[p.Source]
	case m.samePlace(was, now):
		return nil, false
	case slices.Contains(moved, p.Source):
		return nil, true
	}
	return &takenName{source: p.Source, what: what, was: was, now: now}, false
}

// checkMoved says which names of sources that were moved are none.
func (m *memory) checkMoved(moved []string, used iter.Seq[string]) error {
	for _, name := range moved {
		if !m.names[name] {
			known := "it has none yet"
			if len(m.names) > 0 {
				known = "it has " + strings.Join(slices.Sorted(maps.Keys(m.names)), ", ")
			}
			return pipeline.WithHint(fmt.Errorf("%w: --moved %s: the corpus has no source of this name", pipeline.ErrUsage, name), known)
		}
		if !slices.Contains(slices.Collect(used), name) {
			return pipeline.WithHint(fmt.Errorf("%w: --moved %s: nothing that is read here is source %s", pipeline.ErrUsage, name, name),
				"--source "+shellWord(name+"=PATH")+" --moved "+shellWord(name)+" says where it lies now")
		}
	}
	return nil
}

// takenError names all names that are taken, and the two ways out.
func takenError(list []takenName) error {
	var lines, other, moved []string
	for _, t := range list {
		lines = append(lines, fmt.Sprintf("%s of the corpus is %s, and %s is another place", t.what, t.was, t.now))
		if m := "--moved " + shellWord(t.source); !slices.Contains(moved, m) {
			moved = append(moved, m)
		}
		if t.free != "" {
			other = append(other, "--source "+shellWord(strings.ReplaceAll(t.free, "=", "-")+"="+t.now))
		}
	}
	hint := "if it has moved: " + strings.Join(moved, " ") + "; if it is another source, give it another name in the config, or by --source NAME=PATH"
	if len(other) > 0 {
		hint = "if it is another source: " + strings.Join(other, " ") + "; if it has moved: " + strings.Join(moved, " ")
	}
	return pipeline.WithHint(fmt.Errorf("%w: %s", pipeline.ErrUsage, strings.Join(lines, "\n")), hint)
}

// shellWord writes a word as a shell reads it.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r > 127 || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
