package train

// key is a pair of ids, so that keys are in the order of pairs.
type key uint64

// idBits is how many bits an id has.
const (
	idBits  = 20
	maxSize = 1 << idBits
)

func keyOf(left, right int32) key { return key(left)<<idBits | key(right) }

func (k key) left() int32  { return int32(k >> idBits) }
func (k key) right() int32 { return int32(k & (1<<idBits - 1)) }

// pairs are how often each pair stands in all words: a table by open addressing, in parts that grow one after the other. A pair that does not occur
// is not in it.
type pairs struct{ parts [256]pairsPart }

type pairsPart struct {
	slots  []slot
	number int
}

// slot is a pair and its count. What else is known of it is in the upper bits of the pair: refOf.
type slot struct {
	key   key // 0: none, otherwise the pair + 1
	count int64
}

// What is known of a pair, beside its count.
const (
	low     = iota // it waits until the level is as low as its count
	merged         // it was merged: its count is that of then
	entries        // and above: the entry of it, which knows the words that it is in
)

const (
	refBits  = 64 - 2*idBits - 1
	mostRefs = 1<<refBits - entries
	keyMask  = 1<<(2*idBits+1) - 1
)

func (s *slot) pair() key      { return s.key&keyMask - 1 }
func (s *slot) ref() int       { return int(s.key >> (2*idBits + 1)) }
func (s *slot) setRef(ref int) { s.key = s.key&keyMask | key(ref)<<(2*idBits+1) }

func hash(k key) uint64 {
	h := uint64(k) * 0x9E3779B97F4A7C15
	h ^= h >> 29
	return h * 0xBF58476D1CE4E5B9
}

// home is the slot that a pair is sought from.
func (p *pairsPart) home(h uint64) int { return int((h & 0xFFFFFFFF) * uint64(len(p.slots)) >> 32) }

// find is the slot of a pair; nil if there is none. It is valid until the next add.
func (p *pairs) find(k key) *slot {
	h := hash(k)
	part := &p.parts[h>>56]
	if len(part.slots) == 0 {
		return nil
	}
	for i := part.home(h); ; {
		s := &part.slots[i]
		if s.key == 0 {
			return nil
		}
		if s.key&keyMask == k+1 {
			return s
		}
		if i++; i == len(part.slots) {
			i = 0
		}
	}
}

// add adds n, which is not 0, to the count of a pair. A pair whose count becomes 0 is taken out if nothing else is known of it. The slot is nil
// then; otherwise it is valid until the next add.
func (p *pairs) add(k key, n int64) *slot {
	h := hash(k)
	part := &p.parts[h>>56]
	if part.number*8 >= len(part.slots)*7 {
		part.grow()
	}
	for i := part.home(h); ; {
		s := &part.slots[i]
		if s.key == 0 {
			s.key, s.count = k+1, n
			part.number++
			return s
		}
		if s.key&keyMask == k+1 {
			s.count += n
			if s.count == 0 && s.ref() == low {
				part.remove(i)
				return nil
			}
			return s
		}
		if i++; i == len(part.slots) {
			i = 0
		}
	}
}

// grow makes a part a third larger: with its parts full to different degrees, the whole never is twice what it needs.
func (p *pairsPart) grow() {
	old := p.slots
	p.slots = make([]slot, max(16, len(old)*4/3))
	for _, s := range old {
		if s.key == 0 {
			continue
		}
		i := p.home(hash(s.pair()))
		for p.slots[i].key != 0 {
			if i++; i == len(p.slots) {
				i = 0
			}
		}
		p.slots[i] = s
	}
}

// remove takes a slot out, and moves those behind it that are sought from before it.
func (p *pairsPart) remove(i int) {
	p.number--
	for j := i; ; {
		if j++; j == len(p.slots) {
			j = 0
		}
		s := p.slots[j]
		if s.key == 0 {
			break
		}
		home := p.home(hash(s.pair()))
		// s may stay if its home lies behind i and up to j, around the end.
		if i < j && (home > i && home <= j) || i > j && (home > i || home <= j) {
			continue
		}
		p.slots[i] = s
		i = j
	}
	p.slots[i] = slot{}
}

// all calls f with each pair. f may change what is known of it.
func (p *pairs) all(f func(s *slot)) {
	for i := range p.parts {
		slots := p.parts[i].slots
		for j := range slots {
			if slots[j].key != 0 {
				f(&slots[j])
			}
		}
	}
}
