package ingest

import (
	"cmp"
	"slices"
)

// Place says where a source lay for the process that planned a version. It lies outside of every digest.
type Place struct {
	Source string `json:"source"`
	Root   string `json:"root"` // an absolute path, or a URL
	// Paths are the files of the source below Root that were named one by one, ascending: others of it may lie elsewhere. None: the
	// source is what lies below Root.
	Paths []string `json:"paths,omitempty"`
}

// Places are where the sources of the plan lie, by source and root.
func (p *Plan) Places() []Place {
	list := make([]Place, len(p.Sources))
	for i, s := range p.Sources {
		list[i] = Place{Source: s.Name, Root: s.Root}
	}
	for i := range p.Files {
		f := &p.Files[i]
		if p.Sources[f.Source].Single {
			list[f.Source].Paths = append(list[f.Source].Paths, f.Path)
		}
	}
	for i := range list {
		slices.Sort(list[i].Paths)
	}
	slices.SortFunc(list, func(a, b Place) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Root, b.Root)) })
	return list
}
