package dedupe

import (
	"cmp"
	"slices"

	"millrace/pipeline/ingest"
	"millrace/stages/dedupe/shingle"
)

// judge decides about one document of the run after the other. It goes if it is equal to a kept one that comes before it, or
// resembles it: by their signatures where these leave no doubt, else by the sets of their shingles. Compared are documents
// that share a key; of large groups the kept members, and those that members lost to.
type judge struct {
	threshold float64
	sure      int // equal bytes of a pair that is near: see Config.doubt
	version   uint32
	kept      *keptBits
	comparer  *comparer
	families  *families
	open      []candidate // of the document that is being decided
	keys      []uint64    // of its families
}

// candidate is an edge, and what a comparison of the two documents gave.
type candidate struct {
	edge
	shingle.Overlap
}

// loss says which document another one lost to.
type loss struct {
	ref
	score uint32
	kind  uint8
}

func newJudge(cfg Config, records *records, kept *keptBits) *judge {
	j := &judge{
		threshold: cfg.Threshold, version: uint32(records.plan.Version), kept: kept,
		comparer: newComparer(newTexts(records)),
	}
	_, j.sure = cfg.doubt()
	j.families = newFamilies(cfg, j.comparer, j.version)
	return j
}

// decide says whether a document of the run loses, and to which one. edges is all that it has, in order.
func (j *judge) decide(later uint64, edges []candidate) (l loss, lost bool, err error) {
	j.keys = j.keys[:0]
	for n := len(edges) - 1; n >= 0 && edges[n].kind == kindMember; n-- {
		j.keys = append(j.keys, edges[n].number)
		edges = edges[:n]
	}
	l, lost, err = j.find(ref{later, j.version}, edges)
	if err != nil {
		return l, lost, err
	}
	if lost {
		j.kept.clear(int64(later))
	}
	return l, lost, j.families.join(j.keys, ref{later, j.version}, l.ref, lost)
}

// find looks for a kept document that the later one resembles: what costs nothing to tell comes first.
func (j *judge) find(later ref, edges []candidate) (l loss, lost bool, err error) {
	j.open = j.open[:0]
	for _, e := range edges {
		switch {
		case e.version == j.version && !j.kept.get(int64(e.number)):
		case j.certain(e.edge):
			return loss{ref{e.number, e.version}, uint32(e.score), e.kind}, true, nil
		default:
			j.open = append(j.open, e)
		}
	}
	// The more alike they seem the sooner they are compared.
	slices.SortStableFunc(j.open, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	for _, e := range j.open {
		if l, lost, err = j.compare(later, e); lost || err != nil {
			return l, lost, err
		}
	}
	return j.families.find(j.keys, later)
}

// certain says whether an edge holds without looking at texts.
func (j *judge) certain(e edge) bool { return e.kind != ingest.KindNear || int(e.score) >= j.sure }

// compare compares two documents by their shingles. Those of earlier versions were compared before, or cannot be: then the
// estimate decides.
func (j *judge) compare(later ref, e candidate) (l loss, lost bool, err error) {
	o := e.Overlap
	earlier := ref{e.number, e.version}
	if e.version == j.version {
		if o, err = j.comparer.compare(later, earlier); err != nil {
			return l, false, err
		}
	}
	if o.Union == 0 && e.version != j.version {
		return loss{earlier, uint32(e.score), ingest.KindNear}, int(e.score) >= shingle.LeastEqual(j.threshold), nil
	}
	return loss{earlier, o.Millionths(), ingest.KindNear}, o.Reaches(j.threshold), nil
}
