package dedupe

import "github.com/millrace/millrace/stages/dedupe/shingle"

// comparer compares documents of the run by their sets of shingles. It holds those that it made last.
type comparer struct {
	texts    *texts
	before   *earlierTexts
	shingler shingle.Shingler
	young    setArena // sets that were asked for since the last turn
	old      setArena // those of the turn before

	// earlier has the sets of some documents of earlier versions.
	earlier map[ref][]uint64

	probe  shingle.Probe
	probed ref  // whose set is in probe
	made   bool // the last set was made of a text
}

func newComparer(texts *texts, before *earlierTexts) *comparer {
	return &comparer{
		texts: texts, before: before, earlier: map[ref][]uint64{},
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
		s = c.shingler.Set(t)
		c.made = true
	}
	set := c.young.add(d, s)
	if c.young.full() {
		c.young, c.old = c.old, c.young
		c.young.reset()
	}
	return set, nil
}

// compare compares two documents of the run. Documents that come one behind the other as the later one cost least.
func (c *comparer) compare(later, earlier ref) (shingle.Overlap, error) {
	long, err := c.long(later, earlier)
	if err != nil {
		return shingle.Overlap{}, err
	}
	if long {
		t, err := c.texts.tonight(earlier.number)
		if err != nil {
			return shingle.Overlap{}, err
		}
		return c.compareText(later, t)
	}
	if c.probed != later || c.probe.Size() == 0 {
		c.made = false
		set, err := c.set(later)
		if err != nil {
			return shingle.Overlap{}, err
		}
		if c.made {
			c.probe.FillMade(&c.shingler, set)
		} else {
			c.probe.Fill(set)
		}
		c.probed = later
	}
	set, err := c.set(earlier)
	if err != nil {
		return shingle.Overlap{}, err
	}
	return c.probe.Compare(set), nil
}

// compareEarlier compares a document of the run with a text of an earlier version, whose set, unless it is long, probeFor was
// called with.
func (c *comparer) compareEarlier(later ref, earlier []byte, long bool) (shingle.Overlap, error) {
	if !long {
		var err error
		if long, err = c.long(later); err != nil {
			return shingle.Overlap{}, err
		}
	}
	if long {
		return c.compareText(later, earlier)
	}
	set, err := c.set(later)
	if err != nil {
		return shingle.Overlap{}, err
	}
	return c.probe.Compare(set), nil
}

// long says whether the set of any of some documents is not to be held.
func (c *comparer) long(documents ...ref) (bool, error) {
	for _, d := range documents {
		r, err := c.texts.records.get(d)
		if err != nil || r.bytes() > shingle.LongBytes {
			return true, err
		}
	}
	return false, nil
}

// compareText compares a document of the run with a text, part by part.
func (c *comparer) compareText(later ref, earlier []byte) (shingle.Overlap, error) {
	b := shingle.NewLongText(earlier)
	t, err := c.texts.tonight(later.number) // which may take the place of the other text
	if err != nil {
		return shingle.Overlap{}, err
	}
	return shingle.NewLongText(t).Compare(b), nil
}

// probeFor makes a set the one that others are compared with.
func (c *comparer) probeFor(d ref, set []uint64) {
	c.probe.Fill(set)
	c.probed = d
}
