package charset

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// lines judges a stream line by line: what is in another encoding than the stream was taken for is decoded from that one. A
// line feed is a character of its own in all of these encodings, and a line is judged by its own bytes alone, so that the
// outcome follows from content. A line that does not end within the buffer is judged a buffer at a time.
type lines struct {
	name  string // of the stream's encoding
	own   decoder
	order bool              // somebody has set it: only UTF-8 is let through beside it
	trust func([]byte) bool // says of a line that is not ASCII that nothing in it asks for a closer look

	run   int // bytes of the stream that dec decodes next
	dec   decoder
	whole bool // the run ends where a line or the stream does
}

// newLines returns nil for encodings that are not supersets of ASCII, whose lines cannot be told before they are decoded.
func newLines(name string, own decoder, order bool) *lines {
	l := &lines{name: name, own: own, order: order}
	switch name {
	case UTF8, UTF16LE, UTF16BE:
		return nil
	case GB18030:
		l.trust = gbCosts().trust
	case Big5:
		l.trust = big5Costs().trust
	case EUCJP:
		l.trust = func(line []byte) bool { return kanaTrust(line, 0xA4, 0xA5) }
	case ShiftJIS:
		l.trust = func(line []byte) bool { return kanaTrust(line, 0x82, 0x83) }
	case Windows1252:
		l.trust = bytesTrust
	case HZ, ISO2022JP: // of seven bits
		l.trust = func([]byte) bool { return false }
	}
	if order || l.trust == nil {
		l.trust = func(line []byte) bool { return !isUTF8(line) }
	}
	return l
}

// next finds the run with which in begins: lines that one decoder takes. ended says that nothing follows in, and full that no
// more of it can be held. It reports false if it takes more bytes to tell.
func (l *lines) next(in []byte, full, ended bool, c *Counts) bool {
	end := 0 // of the run
	for end < len(in) {
		size := lineEnd(in[end:])
		cut := size == 0
		if cut {
			if end > 0 || !full && !ended {
				break // what is whole first
			}
			size = len(in)
		}
		line := in[end : end+size]
		if high := firstHigh(line); high < len(line) && !l.trust(line[high:]) {
			if end > 0 {
				break // what stands before it first
			}
			l.dec = l.judge(line, high, cut && full, c)
			l.run, l.whole = size, !cut || !full
			return true
		}
		end += size
		if cut {
			l.run, l.dec, l.whole = end, l.own, !full
			return true
		}
	}
	l.run, l.dec, l.whole = end, l.own, true
	return end > 0
}

// lineEnd is the length of the line with which b begins, with its line feed or carriage return; 0 if it has none. It looks for both a part
// at a time: where there are none of one of them, all that follows would be gone through for every line.
func lineEnd(b []byte) int {
	for start, size := 0, 256; start < len(b); start, size = start+size, 2*size {
		part := b[start:min(len(b), start+size)]
		end := bytes.IndexByte(part, '\n') + 1
		if end > 0 {
			part = part[:end]
		}
		if cr := bytes.IndexByte(part, '\r') + 1; cr > 0 {
			end = cr
		}
		if end > 0 {
			return start + end
		}
	}
	return 0
}

// judge chooses the decoder of a line whose first byte beyond ASCII is at high, where the encoding of the stream is in doubt.
func (l *lines) judge(line []byte, high int, cut bool, c *Counts) decoder {
	if cut {
		line = line[:len(line)-partial(line)]
	}
	name := l.name
	if text.ValidPrefix(line) == len(line) {
		if l.isUTF8(line, high) {
			c.Others++
			return utf8Decoder{}
		}
	} else if !l.order {
		name = l.other(line, high, !cut)
	}
	switch name {
	case l.name:
		return l.own
	case Unknown:
		return rawDecoder{}
	}
	c.Others++
	return newDecoder(name)
}

// isUTF8 says whether valid UTF-8 is that, and not text of the stream's encoding that happens to look like it, as 联通 in
// GBK nearly does.
func (l *lines) isUTF8(line []byte, high int) bool {
	sample, last := sampled(line[high:])
	if !wide(l.name) || inWords(around(line, high)) {
		return formed(sample) > 0
	}
	wedged := wedges(sample)
	return quickly(UTF8, sample, wedged, last, math.MaxInt).cost < quickly(l.name, sample, wedged, last, math.MaxInt).cost
}

// other names the encoding of a line that is no UTF-8: the stream's unless the line speaks against that.
func (l *lines) other(line []byte, high int, last bool) string {
	if wide(l.name) {
		return l.otherOfPairs(line, high, last)
	}
	found := ofLine(line, high, last)
	if l.name != Windows1252 || western(around(line, high), true) {
		if found == Unknown || found == UTF8 || found == Windows1252 {
			return l.name
		}
	}
	return l.unmended(found)
}

// otherOfPairs is other where the stream's encoding takes two bytes for what is not ASCII.
func (l *lines) otherOfPairs(line []byte, high int, last bool) string {
	sample, all := sampled(line[max(0, high-2):])
	wedged := wedges(sample)
	own := quickly(l.name, sample, wedged, last && all, math.MaxInt)
	if own.Replaced == 0 && (own.cost <= meaningless(sample, costHighByte) || inColumns(sample)) {
		return l.name
	}
	found := ofLine(line, high, last)
	if found == l.name {
		return found
	}
	if wide(found) {
		if e := weigh(found, sample, last && all, math.MaxInt); e.words >= switchWords && e.cost+costSwitch < own.cost {
			return found
		}
	}
	if 2*(wedged+torn(sample)) <= own.characters {
		return l.name // which may have damage
	}
	return l.unmended(found)
}

// unmended is how a line is read that was found to be in another encoding than the stream.
func (l *lines) unmended(found string) string {
	if found == UTF8 {
		return Unknown // the line is rejected rather than mended: what it would be mended to is not what the stream is in
	}
	return found
}

// switchWords is how many characters of words a line has that is read in another encoding of Chinese or Japanese than its
// file: signs are in the same place in several.
const switchWords = 8

// wide says whether an encoding takes two bytes for what is not ASCII.
func wide(name string) bool {
	switch name {
	case GB18030, Big5, EUCJP, ShiftJIS, "euc-kr":
		return true
	}
	return false
}

// partial is the length of the start of a character of UTF-8 that stands at the end of b.
func partial(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; c >= 0xC0 {
			if !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			break
		} else if c < utf8.RuneSelf {
			break
		}
	}
	return 0
}

// firstHigh is where the first byte beyond ASCII stands in b, or the length of b.
func firstHigh(b []byte) int {
	i := 0
	for i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&highBits == 0 {
		i += 8
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// trustedPairs is how many characters of a line are looked at before it is trusted, trustedCost what one may cost of them, in tenths.
const (
	trustedPairs = 6
	trustedCost  = 90
)

// pairCosts are what the pairs of an encoding of Chinese cost, in tenths; noPair are no characters.
type pairCosts [1 << 16]uint8

const noPair = 255

func newPairCosts(t *cells) *pairCosts {
	p, cost := new(pairCosts), costs()
	for pair, r := range t {
		if p[pair] = noPair; r != 0 {
			p[pair] = uint8(cost[r] / 10)
		}
	}
	return p
}

var (
	gbCosts   = sync.OnceValue(func() *pairCosts { return newPairCosts(&gbTables().cells) })
	big5Costs = sync.OnceValue(func() *pairCosts { return newPairCosts(&big5Tables().cells) })
)

// trust trusts lines that begin with characters that are ordinary.
func (p *pairCosts) trust(line []byte) bool {
	sum, n := 0, 0
	for i := 0; n < trustedPairs && i < len(line); {
		if line[i] < utf8.RuneSelf {
			i++
			continue
		}
		if i+1 == len(line) {
			return false
		}
		cost := p[int(line[i])<<8|int(line[i+1])]
		if cost == noPair || i > 0 && isLetter(line[i-1]) && i+2 < len(line) && isLetter(line[i+2]) {
			return false
		}
		sum += int(cost)
		n++
		i += 2
	}
	return sum <= n*trustedCost && !isUTF8(line)
}

// isUTF8 says whether a line is valid UTF-8, of which the first bytes nearly always tell that it is not.
func isUTF8(line []byte) bool {
	if r, size := utf8.DecodeRune(line); r == utf8.RuneError && size < 2 {
		return false
	}
	return text.ValidPrefix(line) == len(line)
}

// kanaTrust trusts lines with kana, whose lead bytes are lo and hi, among the first characters.
func kanaTrust(line []byte, lo, hi byte) bool {
	for i, n := 0, 0; n < 4*trustedPairs && i < len(line); n++ {
		if line[i] < utf8.RuneSelf {
			i++
			continue
		}
		if line[i] == lo || line[i] == hi {
			return !isUTF8(line)
		}
		i += 2
	}
	return false
}

// bytesTrust trusts lines in which bytes beyond ASCII stand one or two at a time and are no UTF-8.
func bytesTrust(line []byte) bool {
	if isUTF8(line) {
		return false
	}
	run := 0
	for _, b := range line[:min(len(line), weighedBytes)] {
		if run++; b < utf8.RuneSelf {
			run = 0
		} else if run > 2 {
			return false
		}
	}
	return true
}

// rawDecoder lets bytes through as they are: a line of no known encoding, for whoever reads the record to reject.
type rawDecoder struct{}

func (rawDecoder) decode(dst, src []byte, _ bool, _ *Counts) (n, i int) {
	n = copy(dst, src)
	return n, n
}
