package dedupe

import "millrace/pipeline"

// overlap is the exact resemblance of two sets: how many elements they have in common and together. Together they have none
// before they were compared.
type overlap struct{ shared, union uint32 }

// reaches says whether the resemblance is at least t. A quotient of two numbers that equals a decimal fraction is the same
// floating-point number as that fraction.
func (o overlap) reaches(t float64) bool {
	return o.union > 0 && float64(o.shared)/float64(o.union) >= t
}

// millionths is the resemblance as verdicts give it.
func (o overlap) millionths() uint32 {
	return uint32(uint64(o.shared) * pipeline.Millionths / uint64(max(o.union, 1)))
}

// comparer compares documents of the run by their sets of shingles. It holds those that it made last.
type comparer struct {
	texts    *texts
	shingler shingler
	young    setArena // sets that were asked for since the last turn
	old      setArena // those of the turn before

	// earlier has the sets of some documents of earlier versions.
	earlier map[ref][]uint64

	probe  hashTable
	probed ref // whose set is in probe
	size   int // of that set
}

// arenaSets is how many hashes one arena has room for: 16 MiB.
const arenaSets = 2 << 20

// setArena is sets of shingles one behind the other.
type setArena struct {
	hashes []uint64
	sets   map[ref][]uint64
}

func newComparer(texts *texts) *comparer {
	return &comparer{
		texts: texts, earlier: map[ref][]uint64{},
		young: setArena{sets: map[ref][]uint64{}}, old: setArena{sets: map[ref][]uint64{}},
	}
}

// set returns the set of a document of the run, or of one in earlier. It is valid until the next call.
func (c *comparer) set(d ref) ([]uint64, error) {
	if s, ok := c.earlier[d]; ok {
		return s, nil
	}
	if s, ok := c.young.sets[d]; ok {
		return s, nil
	}
	s, ok := c.old.sets[d]
	if !ok {
		t, err := c.texts.tonight(d.number)
		if err != nil {
			return nil, err
		}
		return c.hold(d, func(dst []uint64) []uint64 { return c.shingler.appendSet(dst, t) }), nil
	}
	return c.hold(d, func(dst []uint64) []uint64 { return append(dst, s...) }), nil
}

// hold appends a set to the young arena. When that is full, its sets become the old ones, whose memory is used again. The
// set may have been one of them: it is copied first.
func (c *comparer) hold(d ref, appendTo func([]uint64) []uint64) []uint64 {
	at := len(c.young.hashes)
	c.young.hashes = appendTo(c.young.hashes)
	set := c.young.hashes[at:len(c.young.hashes):len(c.young.hashes)]
	c.young.sets[d] = set
	if len(c.young.hashes) > arenaSets {
		c.young, c.old = c.old, c.young
		c.young.hashes = c.young.hashes[:0]
		clear(c.young.sets)
	}
	return set
}

// compare compares two documents of the run. Documents that come one behind the other as the later one cost least.
func (c *comparer) compare(later, earlier ref) (overlap, error) {
	if c.probed != later || c.size == 0 {
		set, err := c.set(later)
		if err != nil {
			return overlap{}, err
		}
		c.probeFor(later, set)
	}
	set, err := c.set(earlier)
	if err != nil {
		return overlap{}, err
	}
	return c.overlap(set), nil
}

// probeFor makes a set the one that others are compared with.
func (c *comparer) probeFor(d ref, set []uint64) {
	c.probe.reset(len(set))
	for _, h := range set {
		c.probe.add(h)
	}
	c.probed, c.size = d, len(set)
}

// overlap compares a set with that of probeFor.
func (c *comparer) overlap(set []uint64) overlap {
	shared := 0
	for _, h := range set {
		if c.probe.has(h) {
			shared++
		}
	}
	return overlap{uint32(shared), uint32(c.size + len(set) - shared)}
}
