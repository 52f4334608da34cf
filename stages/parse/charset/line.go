package charset

import (
	"encoding/binary"
	"unicode/utf8"
)

// ofLine says which encoding a line is in that is no valid UTF-8, its first byte beyond ASCII at high: UTF8 if it is that
// with damage, Unknown if nothing convinces. last says that the line ends where its bytes do.
func ofLine(line []byte, high int, last bool) string {
	sample, all := sampled(line[max(0, high-2):])
	last = last && all
	best, _ := compare([]string{UTF8, GB18030, Big5}, sample, last, "")
	if best.maybeJapanese() {
		if e := japaneseText(sample, last, best); e.name != "" {
			return e.name
		}
	}
	switch {
	case best.name != "":
		return best.name
	case damaged(sample):
		return UTF8
	case western(around(line, high), false):
		return Windows1252
	}
	return Unknown
}

// around is what stands around the first byte beyond ASCII.
func around(b []byte, high int) []byte {
	return b[max(0, high-sampleBytes):min(len(b), high+sampleBytes)]
}

// sampled cuts a sample, and says whether that is all.
func sampled(b []byte) (sample []byte, all bool) {
	return b[:min(len(b), sampleBytes)], len(b) <= sampleBytes
}

// formed is how much speaks for UTF-8 in what is valid, against an encoding of a byte a character, in which its characters
// are a letter and signs behind it: À, Ã and Â before signs, and three bytes, are no text there, but É» ends a quotation.
func formed(b []byte) (evidence int) {
	before := 0 // bytes of the character before, if it is not ASCII
	for i := firstHigh(b); i < len(b); {
		_, size := utf8.DecodeRune(b[i:])
		switch {
		case size == 1:
			before = 0
			i += 1 + firstHigh(b[i+1:])
			continue
		case size > 2, b[i] == 0xC2, b[i] == 0xC3:
			evidence += 2
		case b[i] == 0xC4, b[i] == 0xC5, before == 2:
			evidence++
		default:
			evidence--
		}
		before = size
		i += size
	}
	return evidence
}

// damaged says whether most of what is not ASCII in a sample is well-formed UTF-8.
func damaged(sample []byte) bool {
	invalid, valid := 0, 0
	for i := firstHigh(sample); i < len(sample); i += firstHigh(sample[i:]) {
		r, size := utf8.DecodeRune(sample[i:])
		if surrogate(sample[i:]) {
			valid += 3 // half a character of UTF-16 in UTF-8, which some programs write
			size = 3
		} else if r == utf8.RuneError && size == 1 {
			if utf8.FullRune(sample[i:]) { // and not cut by the sample
				invalid++
			}
		} else if size > 2 || sample[i] <= 0xC5 || valid > 0 {
			valid += size
		}
		i += size
	}
	return valid > 0 && 2*invalid <= valid
}

func surrogate(b []byte) bool {
	return len(b) > 2 && b[0] == 0xED && b[1] >= 0xA0 && b[1] < 0xC0 && b[2]&0xC0 == 0x80
}

// inWords says whether what is not ASCII in a sample stands by ones in words of ASCII letters, as in Western text: between
// two letters, behind two, or at the beginning of a word before two.
func inWords(sample []byte) bool {
	letters, high, inside, outside := 0, 0, 0, 0
	letter := func(i int) bool { return i >= 0 && i < len(sample) && isLetter(sample[i]) }
	for i := 0; i < len(sample); {
		if sample[i] < utf8.RuneSelf {
			if isLetter(sample[i]) {
				letters++
			}
			i++
			continue
		}
		end := i + 1
		for end < len(sample) && sample[end] >= utf8.RuneSelf {
			end++
		}
		high += end - i
		begins := i == 0 || sample[i-1] <= ' ' || sample[i-1] == '"'
		if end-i <= 3 && (letter(i-1) && (letter(i-2) || letter(end)) || begins && letter(end) && letter(end+1)) {
			inside++
		} else {
			outside++
		}
		i = end
	}
	return inside > outside && letters >= 2*high
}

// wedges counts the pairs whose second byte is a letter of ASCII, where one stands before or behind them. They would put a Han
// character into a word, where Chinese text has none: in an encoding of one byte a character the first byte is a letter of
// that word.
func wedges(sample []byte) (n int) {
	letter := false // is what stands before
	letters, pairs, alone := 0, 0, 0
	for i := 0; i+1 < len(sample); {
		if i+8 <= len(sample) && binary.LittleEndian.Uint64(sample[i:])&highBits == highBits { // four pairs, as nearly always
			letter = false
			pairs += 4
			i += 8
			continue
		}
		if sample[i] < utf8.RuneSelf {
			if letter = isLetter(sample[i]); letter {
				letters++
			}
			i++
			continue
		}
		single := sample[i] < 0xA0 || sample[i] >= 0xC0 // where the encodings of Western text have letters
		pairs++
		if sample[i+1] >= utf8.RuneSelf {
			letter = false
			i += 2
			continue
		}
		sign := sample[i] >= 0xA1 && sample[i] <= 0xA3 // in the encodings of Chinese
		if !sign && (i+2 == len(sample) || sample[i+2] < utf8.RuneSelf) && (i == 0 || sample[i-1] < utf8.RuneSelf) {
			alone++
		}
		if single && isLetter(sample[i+1]) && (letter || i+2 < len(sample) && isLetter(sample[i+2])) {
			n++
		}
		letter = false
		i += 2
	}
	if alone == pairs && letters >= 4*pairs {
		return pairs // nothing but single bytes among letters
	}
	return n
}

// inColumns says whether what is not ASCII in a sample are pairs that fill a column each: behind the start of the line or a tab,
// before a blank or the end. In a file of columns, a character on each line, they are no letters of a word.
func inColumns(sample []byte) bool {
	for i := firstHigh(sample); i < len(sample); i += firstHigh(sample[i:]) {
		if i > 0 && sample[i-1] != '\t' || i+2 < len(sample) && sample[i+2] > ' ' {
			return false
		}
		i += 2
		if i > len(sample) {
			return false
		}
	}
	return true
}

// torn counts the bytes beyond ASCII that stand behind a letter of ASCII and before what is no second byte, as in café au lait.
func torn(sample []byte) (n int) {
	for i := 1; i+1 < len(sample); i++ {
		if sample[i] >= utf8.RuneSelf && isLetter(sample[i-1]) && sample[i+1] < '@' && sample[i+1] != '\n' && sample[i+1] != '\r' {
			n++
		}
	}
	return n
}
