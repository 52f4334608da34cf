package charset

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// weighing is what weigh does for the encodings that Detect tries on everything that is no UTF-8, without the text that the sample
// is in them: characters are looked up as they are stored. It finds the same evidence, but for words.
type weighing struct {
	evidence
	data []byte
	last bool // nothing follows data
	most int  // a cost above it is not worth being known
	// floor is what each byte costs at least.
	floor int
}

// quickly weighs data as weigh does. Where the cost passes most, what it returns is of a part, and costs more than most.
func quickly(name string, data []byte, wedged int, last bool, most int) evidence {
	w := weighing{evidence: evidence{name: name}, data: data, last: last, most: most}
	switch name {
	case GB18030:
		w.cost = wedged * costWedge
		w.pairs(gbScale(), gbTables().unpaired)
	case Big5:
		w.cost, w.floor = wedged*costWedge, costFirst100/2
		w.pairs(big5Scale(), big5Tables().unpaired)
	case UTF16LE, UTF16BE:
		w.units(name == UTF16BE)
	case UTF8:
		w.bytes()
	default:
		return weigh(name, data, last, most)
	}
	w.cost += int(w.Replaced) * costReplaced
	return w.evidence
}

// hopeless says whether what was found up to an offset, and the least that the rest can cost, is more than most. Then the cost is
// that.
func (w *weighing) hopeless(at int) bool {
	rest := max(0, len(w.data)-at-utf8.UTFMax) // half a character at the end costs nothing
	if w.cost+int(w.Replaced)*costReplaced+rest*w.floor <= w.most {
		return false
	}
	w.cost = w.most + 1
	return true
}

// add takes a character beyond ASCII.
func (w *weighing) add(r rune) {
	w.characters++
	if 'ぁ' <= r && r <= 'ヿ' {
		w.kana++
	}
	if r != utf8.RuneError {
		w.private(r)
		w.cost += costOf(r)
	}
}

// undecodable takes a sequence that is none.
func (w *weighing) undecodable() {
	w.characters++
	w.Replaced++
}

// replacement is U+FFFD in UTF-8.
var replacement = []byte(string(utf8.RuneError))

// scale holds what each pair of bytes costs, the first of them the high one, and whether it is kana or for private use; 0 stands for
// what is no character of the BMP.
type scale [1 << 16]uint16

const (
	scaleCost    = 1<<12 - 1
	scaleKana    = 1 << 12
	scalePrivate = 1 << 13
)

var (
	gbScale   = sync.OnceValue(func() *scale { return newScale(&gbTables().cells) })
	big5Scale = sync.OnceValue(func() *scale { return newScale(&big5Tables().cells) })
	// unitScale is that of the code units of UTF-16. Surrogates have none, nor has U+FFFD.
	unitScale = sync.OnceValue(func() *scale {
		units := new(cells)
		for u := range units {
			units[u] = uint16(u)
		}
		s := newScale(units)
		s[0] = costs()[0]
		clear(s[0xD800:0xE000])
		s[utf8.RuneError] = 0
		return s
	})
)

func newScale(t *cells) *scale {
	s, cost := new(scale), costs()
	for pair, c := range t {
		r := rune(c)
		if r == 0 {
			continue
		}
		s[pair] = cost[r]
		if 'ぁ' <= r && r <= 'ヿ' {
			s[pair] |= scaleKana
		}
		if isPrivate(r) {
			s[pair] |= scalePrivate
		}
	}
	return s
}

// pairs weighs an encoding of two bytes. unpaired decodes what its scale does not have: some characters, or what cannot be decoded, of
// so many bytes; no bytes where more of them are needed.
func (w *weighing) pairs(s *scale, unpaired func(b []byte, last bool) (rs [2]rune, size int)) {
	ascii, data := &asciiCosts, w.data
	for i := 0; i < len(data) && !w.hopeless(i); {
		cost, kana, private, n := 0, 0, 0, 0
		for end := min(i+weighedBytes, len(data)-1); i < end; {
			b := data[i]
			if b < utf8.RuneSelf {
				cost += int(ascii[b])
				i++
				continue
			}
			v := s[int(b)<<8|int(data[i+1])]
			if v == 0 {
				break
			}
			cost += int(v & scaleCost)
			kana += int(v / scaleKana & 1)
			private += int(v / scalePrivate)
			n++
			i += 2
		}
		w.cost += cost
		w.kana += kana
		w.PrivateUse += int64(private)
		w.characters += n
		if i >= len(data) {
			return
		}
		if data[i] < utf8.RuneSelf {
			w.cost += int(ascii[data[i]])
			i++
			continue
		}
		if i+1 < len(data) && s[int(data[i])<<8|int(data[i+1])] != 0 {
			continue // the next stretch
		}
		rs, size := unpaired(data[i:], w.last)
		if size == 0 {
			return
		}
		i += size
		if rs[0] < 0 {
			w.undecodable()
			continue
		}
		w.add(rs[0])
		if rs[1] > 0 {
			w.add(rs[1])
		}
	}
}

// units weighs UTF-16.
func (w *weighing) units(big bool) {
	s, data, d := unitScale(), w.data, utf16Decoder{big: big}
	if bytes.IndexByte(data, 0xFF) < 0 { // else there may be U+FFFD, which costs nothing
		w.floor = costASCII / 2
		if bytes.IndexByte(data, 0) < 0 { // nor is there ASCII
			w.floor = costFirst100 / 2
		}
	}
	i, swap := 0, 0
	if big {
		swap = 8
	}
	for i+1 < len(data) && !w.hopeless(i) {
		cost, kana, private, n := 0, 0, 0, 0
		for end := min(i+weighedBytes, len(data)-1); i < end; i += 2 {
			u := bits.RotateLeft16(binary.LittleEndian.Uint16(data[i:]), swap)
			v := s[u]
			if v == 0 {
				break
			}
			cost += int(v & scaleCost)
			kana += int(v / scaleKana & 1)
			private += int(v / scalePrivate)
			if u >= utf8.RuneSelf {
				n++
			}
		}
		w.cost += cost
		w.kana += kana
		w.PrivateUse += int64(private)
		w.characters += n
		if i+1 >= len(data) {
			break
		}
		u := d.unit(data[i:])
		if s[u] != 0 {
			continue // the next stretch
		}
		size := 2
		if utf16.IsSurrogate(u) {
			if u < 0xDC00 && i+3 >= len(data) && !w.last {
				return
			}
			second := rune(0)
			if i+3 < len(data) {
				second = d.unit(data[i+2:])
			}
			if u = utf16.DecodeRune(u, second); u == utf8.RuneError {
				w.undecodable()
				i += size
				continue
			}
			size = 4
		}
		w.add(u)
		i += size
	}
	if w.last && i+1 == len(data) {
		w.undecodable()
	}
}

// bytes weighs UTF-8.
func (w *weighing) bytes() {
	data := w.data
	if !bytes.Contains(data, replacement) { // else there is a character that costs nothing
		w.floor = costFirst100 / 3
	}
	for i := 0; i < len(data) && !w.hopeless(i); {
		for end := min(i+weighedBytes, len(data)); i < end; {
			b := data[i]
			if b < utf8.RuneSelf {
				w.cost += int(asciiCosts[b])
				i++
				continue
			}
			if b < 0xC2 || i+1 < len(data) && data[i+1]&0xC0 != 0x80 {
				w.undecodable() // as nearly all is where text is in another encoding
				i++
				continue
			}
			r, size := utf8.DecodeRune(data[i:])
			if r != utf8.RuneError || size > 1 {
				w.add(r)
				i += size
				continue
			}
			if !w.last && !utf8.FullRune(data[i:]) {
				return
			}
			w.undecodable()
			i += subpart(data[i:])
		}
	}
}
