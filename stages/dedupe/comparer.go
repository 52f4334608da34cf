package dedupe

import (
	"slices"

	"millrace/pipeline"
)

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
	probed ref  // whose set is in probe
	size   int  // of that set
	made   bool // the last set was made of a text, and the shingler's table still has it
}

// An arena takes some 16 MiB of hashes, in blocks of 1 MiB: one more than fits makes it full.
const (
	arenaBlocks = 16
	arenaBlock  = 128 << 10
)

// setArena is sets of shingles one behind the other.
type setArena struct {
	blocks [][]uint64 // the last one in use is filled
	next   int        // number of the block behind it
	sets   map[ref][]uint64
}

// add copies a set into the arena.
func (a *setArena) add(d ref, set []uint64) []uint64 {
	if a.next == 0 || cap(a.blocks[a.next-1])-len(a.blocks[a.next-1]) < len(set) {
		if a.next == len(a.blocks) {
			a.blocks = append(a.blocks, make([]uint64, 0, max(arenaBlock, len(set))))
		} else if cap(a.blocks[a.next]) < len(set) {
			a.blocks[a.next] = make([]uint64, 0, len(set))
		}
		a.next++
	}
	block := &a.blocks[a.next-1]
	at := len(*block)
	*block = append(*block, set...)
	set = (*block)[at:len(*block):len(*block)]
	a.sets[d] = set
	return set
}

// full says that the arena is to be emptied.
func (a *setArena) full() bool { return a.next > arenaBlocks }

// reset empties the arena. Blocks of long texts are given back.
func (a *setArena) reset() {
	a.next = 0
	clear(a.sets)
	a.blocks = slices.DeleteFunc(a.blocks, func(b []uint64) bool { return cap(b) > arenaBlock })
	for i := range a.blocks {
		a.blocks[i] = a.blocks[i][:0]
	}
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
		s = c.shingler.setOf(t)
		c.made = len(c.shingler.table.slots) > 0
	}
	set := c.young.add(d, s)
	if c.young.full() {
		c.young, c.old = c.old, c.young
		c.young.reset()
	}
	return set, nil
}

// compare compares two documents of the run. Documents that come one behind the other as the later one cost least.
func (c *comparer) compare(later, earlier ref) (overlap, error) {
	long, err := c.long(later, earlier)
	if err != nil {
		return overlap{}, err
	}
	if long {
		t, err := c.texts.tonight(earlier.number)
		if err != nil {
			return overlap{}, err
		}
		return c.compareText(later, t)
	}
	if c.probed != later || c.size == 0 {
		c.made = false
		set, err := c.set(later)
		if err != nil {
			return overlap{}, err
		}
		if c.made { // the table that it was made in has it
			c.probe, c.shingler.table = c.shingler.table, c.probe
			c.probed, c.size = later, len(set)
		} else {
			c.probeFor(later, set)
		}
	}
	set, err := c.set(earlier)
	if err != nil {
		return overlap{}, err
	}
	return c.overlap(set), nil
}

// compareEarlier compares a document of the run with a text of an earlier version, whose set, unless it is long, probeFor was
// called with.
func (c *comparer) compareEarlier(later ref, earlier []byte, long bool) (overlap, error) {
	if !long {
		var err error
		if long, err = c.long(later); err != nil {
			return overlap{}, err
		}
	}
	if long {
		return c.compareText(later, earlier)
	}
	set, err := c.set(later)
	if err != nil {
		return overlap{}, err
	}
	return c.overlap(set), nil
}

// long says whether the set of any of some documents is not to be held.
func (c *comparer) long(documents ...ref) (bool, error) {
	for _, d := range documents {
		r, err := c.texts.records.get(d)
		if err != nil || r.bytes() > longText {
			return true, err
		}
	}
	return false, nil
}

// compareText compares a document of the run with a text, part by part.
func (c *comparer) compareText(later ref, earlier []byte) (overlap, error) {
	b := newKeyText(earlier)
	t, err := c.texts.tonight(later.number) // which may take the place of the other text
	if err != nil {
		return overlap{}, err
	}
	return compareLong(newKeyText(t), b), nil
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
