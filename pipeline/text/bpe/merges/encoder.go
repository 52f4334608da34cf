package merges

// Encoder cuts pieces, one after the other, for one goroutine. Its scratch memory grows to the longest piece.
type Encoder struct {
	t *Table
	// dead are the places of a piece at which no symbol goes with what is before it, as bits; marks are those that are set.
	dead  []uint64
	marks []int32

	parts []part
	heap  []candidate
}

// Encoder makes what cuts by the table.
func (t *Table) Encoder() *Encoder { return &Encoder{t: t} }

// How many merges may be undone for a piece, whatever its length, and for each of its bytes, before it is merged from its first symbols on.
const (
	freeSteps = 4096
	mostSteps = 64
)

// mostPiece is how much of a piece is looked at at once, so that places in it have 32 bits.
const mostPiece = 1 << 30

// Append appends the symbols of a piece to dst, up to n: there begins what no symbol is for, or it is the end.
func (e *Encoder) Append(dst []int32, piece []byte) (ids []int32, n int) {
	piece = piece[:min(len(piece), mostPiece)]
	if e.t.all != nil {
		return e.merge(dst, piece)
	}
	token, size := e.t.trie.longest(piece)
	if token < 0 {
		return dst, 0
	}
	if int(size) == len(piece) {
		return append(dst, token), len(piece)
	}
	return e.search(dst, piece, token, size)
}

// search goes through a piece from the left: see the package.
func (e *Encoder) search(dst []int32, piece []byte, token, size int32) (ids []int32, n int) {
	t, from := e.t, len(dst)
	last, at, steps := int32(-1), 0, 0
	for {
		for token >= 0 {
			if len(e.marks) == 0 || !e.isDead(at+int(size)) {
				if last < 0 {
					break
				}
				ok, n := t.neighbours(last, token)
				if steps += n; ok {
					break
				}
			}
			if token = t.symbols[token].prefix; token >= 0 {
				size = t.symbols[token].size
			}
		}
		switch {
		case token >= 0:
			dst = append(dst, token)
			last = token
			at += int(size)
			if at == len(piece) {
				e.forget()
				return dst, at
			}
			if token, size = t.trie.longest(piece[at:]); token < 0 {
				e.forget()
				return dst, at
			}
		case last < 0 || steps > freeSteps+mostSteps*len(piece):
			e.forget()
			return e.merge(dst[:from], piece)
		default:
			e.kill(at, len(piece))
			dst = dst[:len(dst)-1]
			at -= int(t.symbols[last].size)
			if token = t.symbols[last].prefix; token >= 0 {
				size = t.symbols[token].size
			}
			last = -1
			if len(dst) > from {
				last = dst[len(dst)-1]
			}
		}
	}
}

func (e *Encoder) isDead(at int) bool { return e.dead[at/64]>>(at%64)&1 != 0 }

func (e *Encoder) kill(at, size int) {
	if n := size/64 + 1; n > len(e.dead) {
		e.dead = append(e.dead, make([]uint64, n-len(e.dead))...)
	}
	e.dead[at/64] |= 1 << (at % 64)
	e.marks = append(e.marks, int32(at))
}

func (e *Encoder) forget() {
	for _, at := range e.marks {
		e.dead[at/64] = 0
	}
	e.marks = e.marks[:0]
}

// First is the symbol that a text begins with before anything is merged; -1 if there is none.
func (t *Table) First(text []byte) int32 { return t.initial(text) }
