package contamination

// factor is that of the polynomial over the units of an n-gram.
const factor = 0xD6E8FEB86659FD93

// powers returns factor to the powers that a window of some weight may need.
func powers(need int) []uint64 {
	list := make([]uint64, need/minorWeight+2)
	list[0] = 1
	for i := range list[1:] {
		list[i+1] = list[i] * factor
	}
	return list
}

// spread makes 64 bits of a unit.
func spread(u unit) uint64 {
	h := uint64(u+1) * 0x9FB21C651E98DF25
	h ^= h >> 32
	return h * wordFactor
}

// finish makes the bits of a sum as good as each other.
func finish(h uint64) uint64 {
	h ^= h >> 31
	h *= 0x94D049BB133111EB
	return h ^ h>>29
}

// grams goes through the n-grams of some units: from each position on, the shortest run whose weight reaches need. Those without a letter
// are passed over. Behind next, the n-gram is units[at:end].
type grams struct {
	units  []unit
	need   int
	powers []uint64 // of need

	at, end int
	hash    uint64

	sum     uint64
	weight  int
	letters int
}

func newGrams(need int, powers []uint64) grams { return grams{need: need, powers: powers} }

// over begins with some units.
func (g *grams) over(units []unit) {
	*g = grams{units: units, need: g.need, powers: g.powers, at: -1}
}

// next goes to the next n-gram.
func (g *grams) next() bool {
	var hash [1]uint64
	var at [1]int32
	return g.fill(hash[:], at[:]) == 1
}

// fill goes on by as many n-grams as there is room for, or are left, and returns how many that are. It sets their hashes and where they begin.
func (g *grams) fill(hashes []uint64, places []int32) (n int) {
	places = places[:len(hashes)]
	units, need := g.units, g.need
	at, end, sum, weight, letters := g.at, g.end, g.sum, g.weight, g.letters
	for n < len(hashes) {
		if at >= 0 {
			u := units[at]
			sum -= spread(u) * g.powers[end-at-1]
			weight -= u.weight()
			letters -= u.letter()
		}
		at++
		for weight < need && end < len(units) {
			u := units[end]
			sum = sum*factor + spread(u)
			weight += u.weight()
			letters += u.letter()
			end++
		}
		if weight < need {
			*g = grams{units: units, need: need, powers: g.powers, at: -1, end: len(units)} // no more, whenever it is asked again
			return n
		}
		if letters > 0 {
			g.hash = finish(sum)
			hashes[n], places[n] = g.hash, int32(at)
			n++
		}
	}
	g.at, g.end, g.sum, g.weight, g.letters = at, end, sum, weight, letters
	return n
}

// endOf is where the n-gram ends that begins at some unit.
func (g *grams) endOf(at int) int {
	for weight := 0; weight < g.need; at++ {
		weight += g.units[at].weight()
	}
	return at
}
