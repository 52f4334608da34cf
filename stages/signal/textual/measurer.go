package textual

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
)

// measurer implements signal.Measurer.
type measurer struct {
	classes *classes
	tally   tally

	text   []byte
	chars  int64
	lines  lines
	marks  marks
	totals [classCount]int64 // code points of each class
	groups []int64           // how often each combination of classes occurs
}

func newMeasurer() *measurer {
	c := loadClasses()
	return &measurer{classes: c, tally: newTally(), groups: make([]int64, len(c.bits))}
}

// Measure implements signal.Measurer.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	m.text = d.Text
	m.tally.reset()
	m.lines, m.marks = lines{}, marks{}
	m.chars = int64(m.read())
	m.sum()
	for i := range signals {
		out[i] = signals[i].take(m)
	}
	m.text = nil
}

// Two three-byte sequences in one little-endian word: which bits must have which value.
const (
	pairMask = 0xC0C0F0C0C0F0
	pairBits = 0x8080E08080E0
)

func pairUnit(w uint64) uint16 { return uint16(w&0xF<<12 | w>>8&0x3F<<6 | w>>16&0x3F) }

// read counts the characters of the text, calls what looks at marks and ends of lines, and returns how many characters there are.
func (m *measurer) read() (chars int) {
	var (
		t      = m.text
		of     = &m.classes.of
		plain  = m.classes.plain
		counts = (*[unicode.MaxRune + 1]uint32)(m.tally.counts)
		seen   = m.tally.seen[:cap(m.tally.seen)]
		n      = 0
		line   = line{}
	)
	for i := 0; i < len(t); {
		var r rune
		size := 1
		if len(t)-i >= 8 {
			w := binary.LittleEndian.Uint64(t[i:])
			if w&pairMask == pairBits {
				a, b := pairUnit(w), pairUnit(w>>24)
				if min(of[a], of[b]) >= plain {
					seen[n] = rune(a)
					c := counts[a]
					counts[a] = c + 1
					n += isZero(c)
					seen[n] = rune(b)
					c = counts[b]
					counts[b] = c + 1
					n += isZero(c)
					i += 6
					chars += 2
					continue
				}
			}
		}
		if r = rune(t[i]); r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(t[i:])
		}
		seen[n] = r
		c := counts[r]
		counts[r] = c + 1
		n += isZero(c)
		if of[r] < plain {
			m.mark(&line, r, i, size, chars)
		}
		i += size
		chars++
	}
	m.endLine(&line, len(t), chars)
	m.tally.seen = seen[:n]
	return chars
}

// isZero is 1 for 0 and 0 for other counts, without a branch.
func isZero(n uint32) int { return int((uint64(n) - 1) >> 63) }

// sum adds up the classes of all characters.
func (m *measurer) sum() {
	clear(m.groups)
	for _, r := range m.tally.seen {
		m.groups[m.classes.of[r]] += m.tally.of(r)
	}
	m.totals = [classCount]int64{}
	for i, n := range m.groups {
		if n == 0 {
			continue
		}
		for b := uint(m.classes.bits[i]); b != 0; b &= b - 1 {
			m.totals[bits.TrailingZeros(b)%classCount] += n
		}
	}
}

// count is how many code points are of one of some classes, of which no two have a code point in common.
func (m *measurer) count(c class) (n int64) {
	for b := uint(c); b != 0; b &= b - 1 {
		n += m.totals[bits.TrailingZeros(b)%classCount]
	}
	return n
}

func (m *measurer) share(c class) int64       { return m.part(m.count(c)) }
func (m *measurer) part(n int64) int64        { return signal.Share(n, m.chars) }
func (m *measurer) ofLines(lines int64) int64 { return signal.Share(lines, m.lines.all) }
