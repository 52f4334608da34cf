package shingle

// Probe is a set that others are compared with.
type Probe struct {
	table hashTable
	size  int
}

// Size is how many elements the set has, 0 before Fill.
func (p *Probe) Size() int { return p.size }

// Fill makes a set the one that others are compared with.
func (p *Probe) Fill(set []uint64) {
	p.table.reset(len(set))
	for _, h := range set {
		p.table.add(h)
	}
	p.size = len(set)
}

// FillMade is Fill for the set that s made last, which costs nothing while s still has the table that it made it in. s takes
// the memory of the set before in exchange.
func (p *Probe) FillMade(s *Shingler, set []uint64) {
	if len(s.table.slots) == 0 {
		p.Fill(set)
		return
	}
	p.table, s.table = s.table, p.table
	p.size = len(set)
}

// Compare compares a set with that of the Probe.
func (p *Probe) Compare(set []uint64) Overlap {
	shared := 0
	for _, h := range set {
		if p.table.has(h) {
			shared++
		}
	}
	return Overlap{uint32(shared), uint32(p.size + len(set) - shared)}
}
