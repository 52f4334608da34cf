package dedupe

import (
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// group walks the documents that share a key, earlier ones first, and makes edges from the later ones to those they
// may resemble. Compared are every document of the run with the earlier versions' members and with the first different
// documents of the run, up to a cap of each. Where there are more different ones the group is large: then its members are
// named to resolve, which knows which of them are kept, and pairs are left out unless they are sure. A document that
// shares the key with earlier versions alone can wait: such pairs are collected, and compared in the order of their documents.
type group struct {
	cfg         Config
	least, sure int // equal bytes of a pair that may be near, and of one that is: see Config.doubt
	version     uint32
	records     *records
	edges       *edgesWriter
	pairs       *pairTable // of groups with several members of the run
	waiting     *pairList  // of those with one

	key      uint64
	history  []ref    // members of earlier versions
	leaders  []leader // what later members are compared with: history, then members of the run
	loaded   int      // how many of history are among the leaders
	first    ref      // the first member of the run, before it is read
	places   []uint64 // of members of the run, until all are known; not used in the order of the plan
	members  int      // of the run
	last     uint64   // the last member of the run
	large    bool     // the members of the run are more than the leaders
	overflow bool     // a member of an earlier version is missing among the leaders

	overflows int64 // members that could not be compared with every one of the earlier versions
}

type leader struct {
	ref
	record
}

func newGroup(cfg Config, records *records, edges *edgesWriter) *group {
	g := &group{
		cfg: cfg, version: uint32(records.plan.Version), records: records, edges: edges,
		pairs: newPairTable(records.bases[len(records.bases)-1]), waiting: &pairList{most: maxWaiting},
	}
	g.least, g.sure = cfg.doubt()
	return g
}

// begin starts with a new key.
func (g *group) begin(key uint64) error {
	err := g.end()
	g.key, g.history, g.leaders = key, g.history[:0], g.leaders[:0]
	g.loaded, g.members, g.large, g.overflow = 0, 0, false, false
	return err
}

// end is called behind the last member of a key.
func (g *group) end() error {
	if err := g.ordered(); err != nil {
		return err
	}
	if g.members != 1 || len(g.history) == 0 {
		return nil
	}
	if g.overflow {
		g.overflows++
	}
	for _, h := range g.history {
		if g.waiting.add(pair{g.first, h}) {
			if err := g.compareWaiting(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish is called behind the last key.
func (g *group) finish() error {
	if err := g.end(); err != nil {
		return err
	}
	return g.compareWaiting()
}

// compareWaiting makes the edges of the pairs that wait.
func (g *group) compareWaiting() error {
	var later record
	var of ref
	for i, p := range g.waiting.take() {
		if i == 0 || p.later != of {
			rec, err := g.records.get(p.later)
			if err != nil {
				return err
			}
			later, of = *rec, p.later
		}
		rec, err := g.records.get(p.earlier)
		if err != nil {
			return err
		}
		if err := g.edge(p, &later, rec); err != nil {
			return err
		}
	}
	return nil
}

// edge makes the edge of a pair, if it is one.
func (g *group) edge(p pair, later, earlier *record) error {
	kind, score := g.verify(later, earlier)
	if kind == 0 {
		return nil
	}
	return g.edges.add(edge{later: p.later.number, number: p.earlier.number, version: p.earlier.version, score: uint16(score), kind: kind})
}

// earlier adds a member of an earlier version; they come before those of the run. They are kept documents and so different
// from each other.
func (g *group) earlier(r ref) {
	if len(g.history) == g.cfg.GroupCap {
		g.overflow = true
		return
	}
	g.history = append(g.history, r)
}

// tonight adds a member of the run, in the order of the plan.
func (g *group) tonight(document uint64) error {
	if g.records.order == nil {
		return g.member(document)
	}
	g.places = append(g.places, g.records.order.Place(document))
	return nil
}

// ordered adds the members of the run in the order that it has of its own.
func (g *group) ordered() error {
	slices.Sort(g.places)
	for _, place := range g.places {
		if err := g.member(place); err != nil {
			return err
		}
	}
	g.places = g.places[:0]
	return nil
}

// member adds a member of the run. Nothing is read before a group has two of them: most have one.
func (g *group) member(document uint64) error {
	if g.members > 0 && document == g.last {
		return nil // the document has the key twice
	}
	g.last = document
	g.members++
	d := ref{document, g.version}
	switch g.members {
	case 1:
		g.first = d
		return nil
	case 2:
		if err := g.load(); err != nil {
			return err
		}
	}
	return g.compare(d)
}

// load reads the earlier versions' members, and the first one of the run.
func (g *group) load() error {
	for _, h := range g.history {
		if err := g.lead(h); err != nil {
			return err
		}
	}
	g.loaded = len(g.history)
	return g.compare(g.first)
}

func (g *group) lead(r ref) error {
	rec, err := g.records.get(r)
	if err != nil {
		return err
	}
	g.leaders = append(g.leaders, leader{r, *rec})
	return nil
}

// compare makes the edges of one member, and makes it a leader if it is different from those before it.
func (g *group) compare(d ref) error {
	rec, err := g.records.get(d)
	if err != nil {
		return err
	}
	if g.overflow {
		g.overflows++
	}
	different := true
	for i := range g.leaders {
		l := &g.leaders[i]
		different = different && !g.same(rec, &l.record)
		if err := g.compareWith(l, d, rec); err != nil {
			return err
		}
	}
	switch {
	case g.large:
		return g.edges.add(memberOf(d.number, g.key))
	case !different:
		return nil
	case len(g.leaders)-g.loaded == g.cfg.GroupCap:
		return g.grow(d)
	}
	g.leaders = append(g.leaders, leader{d, *rec})
	return nil
}

// compareWith makes the edge of a member and a leader. A pair that a large group leaves out is not remembered as seen: which
// pairs are written must not depend on which groups share a partition (invariant 1).
func (g *group) compareWith(l *leader, d ref, rec *record) error {
	p := pair{d, l.ref}
	if g.large && l.version == g.version {
		if kind, score := g.verify(rec, &l.record); kind == 0 || kind == ingest.KindNear && score < g.sure {
			return nil
		}
	}
	if g.pairs.seen(p) {
		return nil
	}
	return g.edge(p, rec, &l.record)
}

// grow makes the group a large one, of which d is the first member that is no leader. Whatever equals a leader was compared
// with all of them.
func (g *group) grow(d ref) error {
	g.large = true
	for _, l := range g.leaders[g.loaded:] {
		if err := g.edges.add(memberOf(l.number, g.key)); err != nil {
			return err
		}
	}
	return g.edges.add(memberOf(d.number, g.key))
}

// same says whether whatever resembles one of the two resembles the other.
func (g *group) same(a, b *record) bool {
	if g.sameKey(a, b) {
		return true
	}
	if !g.sketched(a) || !g.sketched(b) {
		return *a.exact() == *b.exact()
	}
	return *a.signature() == *b.signature()
}

// sameKey says whether two documents are duplicates for their key texts.
func (g *group) sameKey(a, b *record) bool {
	return g.cfg.SameKey && *a.key() == *b.key() && *a.key() != noKey
}

// sketched says whether a document has enough shingles to be a near duplicate.
func (g *group) sketched(r *record) bool { return r.shingles() >= g.cfg.MinShingles }

// verify says how two documents may resemble each other, 0 for not at all: exact before same key before near.
func (g *group) verify(a, b *record) (kind uint8, score int) {
	if *a.exact() == *b.exact() {
		return ingest.KindExact, signatureBytes
	}
	if g.sameKey(a, b) {
		return ingest.KindSameKey, signatureBytes
	}
	if !g.sketched(a) || !g.sketched(b) {
		return 0, 0
	}
	if n := shingle.EqualBytes(a.signature(), b.signature()); n >= g.least {
		return ingest.KindNear, n
	}
	return 0, 0
}
