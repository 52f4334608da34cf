package dedupe

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// judge decides about one document of the run after the other. It goes if it is equal to a kept one that comes before it, or
// resembles it: by their signatures where these leave no doubt, else by the sets of their shingles. Compared are documents
// that share a key; of large groups the kept members, and those that members lost to.
type judge struct {
	threshold float64
	sure      int // equal bytes of a pair that is near: see Config.doubt
	least     int // of one that is by the estimate alone
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
	blocks bool // the earlier one is withdrawn, and its text is gone, but what is like it is rejected
}

// loss says which document another one lost to.
type loss struct {
	ref
	score    uint32
	kind     uint8
	rejected bool // the other one is withdrawn
}

func newJudge(cfg Config, records *records, past *withdrawn.Mask, kept *keptBits, aside *comparedWriter) *judge {
	j := &judge{
		threshold: cfg.Threshold, least: shingle.LeastEqual(cfg.Threshold), version: uint32(records.plan.Version), kept: kept,
		comparer: newComparer(newTexts(records), newEarlierTexts(records, past, aside)),
	}
	_, j.sure = cfg.doubt()
	j.families = newFamilies(cfg, j.comparer, j.version)
	return j
}

// decide says whether a document of the run loses, and to which one. edges is all that it has, in order. One that is rejected for a
// withdrawn one is in no family, and neither is that: there are no shingles of it.
func (j *judge) decide(later uint64, edges []candidate) (l loss, lost bool, err error) {
	if l, lost = j.blocked(edges); lost {
		j.kept.clear(int64(later))
		return l, true, nil
	}
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

// blocked looks for a withdrawn document that the later one is like, though it is not to come again: the one that it is most like.
// There is nothing to compare but the signatures, so their estimate decides.
func (j *judge) blocked(edges []candidate) (l loss, rejected bool) {
	for i := range edges {
		e := &edges[i]
		if !e.blocks || e.kind == ingest.KindNear && int(e.score) < j.least {
			continue
		}
		if !rejected || e.kind < l.kind || e.kind == l.kind && uint32(e.score) > l.score {
			l, rejected = loss{ref: ref{e.number, e.version}, score: uint32(e.score), kind: e.kind, rejected: true}, true
		}
	}
	return l, rejected
}

// find looks for a kept document that the later one resembles: what costs nothing to tell comes first.
func (j *judge) find(later ref, edges []candidate) (l loss, lost bool, err error) {
	j.open = j.open[:0]
	for _, e := range edges {
		switch {
		case e.blocks: // and is not like enough
		case e.version == j.version && !j.kept.get(int64(e.number)):
		case j.certain(e.edge):
			return loss{ref: ref{e.number, e.version}, score: uint32(e.score), kind: e.kind}, true, nil
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
		return loss{ref: earlier, score: uint32(e.score), kind: ingest.KindNear}, int(e.score) >= shingle.LeastEqual(j.threshold), nil
	}
	return loss{ref: earlier, score: o.Millionths(), kind: ingest.KindNear}, o.Reaches(j.threshold), nil
}
