package dedupe

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// families are the documents of large groups: those that share a key with more different documents than settle compares one
// by one. A group belongs to one family; a document may be in groups of several. Memory is bounded: of the families, those
// that were asked for least lately are forgotten, and a family that is full takes no more members. Which those are depends
// on the documents alone. A document that was not compared with every kept member of its groups for it is counted.
type families struct {
	threshold float64
	most      int // comparisons of a document, and members of a family
	version   uint32
	comparer  *comparer
	groups    map[uint64]*familyGroup // by key; nil: it was forgotten
	list      []*family
	clock     uint64
	bytes     int // of list
	room      int // for them
	overflows int64

	looked []*family // of the document that is being decided
}

type familyGroup struct {
	family *family
	with   []uint64 // places of its members, and of those that its members lost to, as bits
	full   bool     // some are missing
}

// family is the documents of groups that have some in common: kept ones that share keys with many others.
type family struct {
	sets    *shingle.Family
	members []ref         // by place in sets
	places  map[ref]int32 // of members
	used    uint64        // when a document was last compared
	groups  int           // bytes of its groups
	with    []uint64      // places of those that a document is to be compared with, as bits
}

func newFamily() *family { return &family{sets: shingle.NewFamily(), places: map[ref]int32{}} }

// bytes is about how much memory the family takes.
func (f *family) bytes() int { return f.sets.Bytes() + 64*len(f.members) + f.groups }

// add makes a document a member and returns its place.
func (f *family) add(document ref, set []uint64) int32 {
	place := f.sets.Add(set)
	f.members = append(f.members, document)
	f.places[document] = place
	return place
}

const (
	// maxFamilies is about how much memory families take at most, in bytes.
	maxFamilies = 256 << 20

	// groupBytes is what a group takes without its members.
	groupBytes = 100
)

func newFamilies(cfg Config, comparer *comparer, version uint32) *families {
	return &families{
		threshold: cfg.Threshold, most: cfg.MaxComparisons, version: version, comparer: comparer, room: maxFamilies,
		groups: map[uint64]*familyGroup{},
	}
}

// find compares a document with the kept members of the groups of some keys.
func (f *families) find(keys []uint64, later ref) (l loss, lost bool, err error) {
	if len(keys) == 0 {
		return l, false, nil
	}
	f.clock++
	f.looked = f.looked[:0]
	missed := false
	if long, err := f.long(later); long || err != nil {
		f.overflows++
		return l, false, err
	}
	for _, key := range keys {
		g, ok := f.groups[key]
		if g == nil {
			missed = missed || ok
			continue
		}
		missed = missed || g.full
		if !slices.Contains(f.looked, g.family) {
			f.looked = append(f.looked, g.family)
			g.family.used = f.clock
			g.family.with = g.family.with[:0]
		}
		g.family.with = orInto(g.family.with, g.with)
	}
	left := f.most
	for _, family := range f.looked {
		set, err := f.comparer.set(later)
		if err != nil {
			return l, false, err
		}
		family.sets.Look(set)
		place, o, compared := family.sets.Find(family.with, f.threshold, left)
		if place >= 0 {
			return loss{ref: family.members[place], score: o.Millionths(), kind: ingest.KindNear}, true, nil
		}
		missed = missed || compared > left
		left = max(left-compared, 0)
	}
	if missed {
		f.overflows++
	}
	return l, false, nil
}

// join makes a document a member of the groups of some keys, or the one that it lost to: of pages that lie near the
// threshold a few share no key with the one that stays, but none is without one that it shares with others that went for it. A
// winner of an earlier version joins if its shingles are at hand.
func (f *families) join(keys []uint64, later, winner ref, lost bool) error {
	member := later
	if lost {
		member = winner
	}
	if len(keys) == 0 {
		return nil
	}
	if long, err := f.long(member); long || err != nil {
		return err
	}
	atHand := member.version == f.version || f.comparer.earlier[member] != nil
	var home *family // of groups that have none yet
	for _, key := range keys {
		if g := f.groups[key]; g != nil {
			home = g.family
			break
		}
	}
	if home == nil {
		home = newFamily()
		home.used = f.clock
		f.list = append(f.list, home)
	}
	for _, key := range keys {
		g := f.groups[key]
		if g == nil {
			g = &familyGroup{family: home}
			f.groups[key] = g
			home.groups += groupBytes
			f.bytes += groupBytes
		}
		before := g.family.bytes()
		if err := f.enter(g, member, atHand); err != nil {
			return err
		}
		f.bytes += g.family.bytes() - before
	}
	if f.bytes > f.room {
		f.forget()
	}
	return nil
}

// long says whether a document of the run is too long for a family.
func (f *families) long(d ref) (bool, error) {
	if d.version != f.version {
		return false, nil
	}
	return f.comparer.long(d)
}

// enter makes a document a member of a group, and of its family if it is at hand.
func (f *families) enter(g *familyGroup, member ref, atHand bool) error {
	place, ok := g.family.places[member]
	switch {
	case !ok && !atHand:
		return nil
	case !ok && g.family.sets.Len() == f.most:
		g.full = true
		return nil
	case !ok:
		set, err := f.comparer.set(member)
		if err != nil {
			return err
		}
		place = g.family.add(member, set)
	}
	words := len(g.with)
	g.with = setBit(g.with, place)
	g.family.groups += 8 * (len(g.with) - words)
	return nil
}

// forget drops the families that were asked for least lately, until half of the memory is free.
func (f *families) forget() {
	slices.SortStableFunc(f.list, func(a, b *family) int { return cmp.Compare(a.used, b.used) })
	gone := map[*family]bool{}
	for len(f.list) > 0 && f.bytes > f.room/2 {
		f.bytes -= f.list[0].bytes()
		gone[f.list[0]] = true
		f.list[0] = nil
		f.list = f.list[1:]
	}
	for key, g := range f.groups {
		if g != nil && gone[g.family] {
			f.groups[key] = nil
		}
	}
}

// orInto adds the bits of a set to another one.
func orInto(dst, src []uint64) []uint64 {
	if len(dst) < len(src) {
		dst = append(dst, make([]uint64, len(src)-len(dst))...)
	}
	for i, w := range src {
		dst[i] |= w
	}
	return dst
}

// setBit sets a bit of a set.
func setBit(set []uint64, bit int32) []uint64 {
	if n := int(bit)/64 + 1; n > len(set) {
		set = append(slices.Grow(set, n-len(set)), make([]uint64, n-len(set))...)
	}
	set[bit/64] |= 1 << (bit % 64)
	return set
}
