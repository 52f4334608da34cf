package publish

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

// below finds the source that a path lies in, once all links on the way to it are followed, and its name there. The link that
// a file itself may be stays: it is the file's name.
func (p *Publisher) below(abs string, folder bool) (root intake.Root, name string, ok bool) {
	if !store.IsRemote(abs) {
		dir, base := filepath.Dir(abs), filepath.Base(abs)
		if folder {
			dir, base = abs, ""
		}
		target, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return root, "", false
		}
		abs = filepath.Join(target, base)
	}
	return p.lexically(abs)
}

// lexically is below by the letters of the path. The innermost source wins.
func (p *Publisher) lexically(abs string) (root intake.Root, name string, ok bool) {
	list := slices.Clone(p.roots)
	slices.SortStableFunc(list, func(a, b intake.Root) int { return cmp.Compare(len(b.Root), len(a.Root)) })
	for _, r := range list {
		if name, ok := nameBelow(r.Root, abs); ok {
			return r, name, true
		}
	}
	return root, "", false
}

// nameBelow is the name of a path or URL below a root, "" for the root itself.
func nameBelow(root, at string) (name string, ok bool) {
	if at == root {
		return "", true
	}
	name, ok = strings.CutPrefix(at, strings.TrimSuffix(root, "/")+"/")
	return name, ok
}

func (p *Publisher) inCorpus(at string) bool {
	_, below := nameBelow(p.options.Out, at)
	return below
}

func (p *Publisher) names() string {
	names := make([]string, len(p.roots))
	for i, r := range p.roots {
		names[i] = r.Name + " (" + r.Root + ")"
	}
	return strings.Join(names, ", ")
}
