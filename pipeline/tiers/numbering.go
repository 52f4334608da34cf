package tiers

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Document is a document of the corpus.
type Document struct {
	Version int
	Rank    int64
}

// Numbering says which documents the numbers of a run mean, or of several one behind the other. It is safe for concurrent use.
type Numbering struct {
	versions  []covered
	documents uint64
}

// covered is a version whose documents are numbered from first on.
type covered struct {
	version int
	first   uint64
}

// Add numbers the documents of a version behind those that were numbered so far.
func (n *Numbering) Add(version int, documents int64) {
	n.versions = append(n.versions, covered{version, n.documents})
	n.documents += uint64(documents)
}

// Number numbers the documents of some runs, one behind the other. history has all versions that they cover, ascending.
func Number(history []ingest.IndexVersion, runs ...ingest.IndexRun) (*Numbering, error) {
	n := &Numbering{}
	for _, r := range runs {
		for _, version := range r.Versions {
			i, ok := slices.BinarySearchFunc(history, version, func(v ingest.IndexVersion, n int) int { return cmp.Compare(v.Version, n) })
			if !ok {
				return nil, pipeline.Permanent(fmt.Errorf("the plan has keys of version %d, but not the version", version))
			}
			n.Add(version, history[i].Documents)
		}
	}
	return n, nil
}

// Documents is how many numbers there are.
func (n *Numbering) Documents() uint64 { return n.documents }

// Document is that of a number, which must be below Documents.
func (n *Numbering) Document(number uint64) Document {
	i := len(n.versions) - 1
	if n.versions[i].first > number {
		i, _ = slices.BinarySearchFunc(n.versions, number+1, func(v covered, n uint64) int { return cmp.Compare(v.first, n) })
		i--
	}
	return Document{n.versions[i].version, int64(number - n.versions[i].first)}
}

// First is the number of a version's first document. A version that is not numbered is an error.
func (n *Numbering) First(version int) (uint64, error) {
	for _, v := range n.versions {
		if v.version == version {
			return v.first, nil
		}
	}
	return 0, pipeline.Permanent(fmt.Errorf("the plan has documents of version %d, but not the version", version))
}
