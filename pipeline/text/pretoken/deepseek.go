package pretoken

import "unicode/utf8"

// The expressions by which DeepSeek 3 cuts texts, behind Digits3, one after the other. They do not match everywhere: what lies between matches is a piece
// as well.
const (
	expressionHanKana   = `[一-龥぀-ゟ゠-ヿ]+`
	expressionDeepSeek3 = `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` + "`" + `{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*` + ending
)

func nextDigits3(c *classes, text []byte) int {
	if class, size := c.at(text, 0); class&number != 0 {
		return c.numbers(text, size, 3)
	}
	return c.run(text, 0, ^number)
}

func nextHanKana(_ *classes, text []byte) int {
	is := hanKana(text, 0)
	for i := 0; i < len(text); {
		if hanKana(text, i) != is {
			return i
		}
		switch {
		case is:
			i += 3
		case text[i] < utf8.RuneSelf:
			i++
		default:
			_, size := utf8.DecodeRune(text[i:])
			i += size
		}
	}
	return len(text)
}

// hanKana says whether a character of U+4E00 to U+9FA5 or U+3040 to U+30FF is at a place.
func hanKana(text []byte, i int) bool {
	if i+2 >= len(text) || text[i] < 0xE3 || text[i] > 0xE9 || text[i+1]&0xC0 != 0x80 || text[i+2]&0xC0 != 0x80 {
		return false
	}
	switch text[i] {
	case 0xE3:
		return text[i+1] >= 0x81 && text[i+1] <= 0x83
	case 0xE4:
		return text[i+1] >= 0xB8
	case 0xE9:
		return text[i+1] < 0xBE || text[i+1] == 0xBE && text[i+2] <= 0xA5
	}
	return true
}

// word are the classes of \p{L} and \p{M}.
const word = letter | head | tail

func nextDeepSeek3(c *classes, text []byte) int {
	class, size := c.at(text, 0)
	after, n := c.at(text, size)
	switch {
	case class&sign != 0 && size == 1 && text[0] < utf8.RuneSelf && size < len(text) && latin(text[1]):
		i := 2
		for i < len(text) && latin(text[i]) {
			i++
		}
		return i
	case class&(newline|letter|sign) == 0 && after&word != 0:
		return c.run(text, size+n, word)
	case class&word != 0:
		return c.run(text, size, word)
	case class&sign != 0:
		return c.run(text, c.run(text, size, sign), newline)
	case text[0] == ' ' && after&sign != 0:
		return c.run(text, c.run(text, 1+n, sign), newline)
	case class&space != 0:
		return c.blanksAndLines(text)
	}
	// Nothing matches here: the piece reaches to where something does.
	for i := size; i < len(text); {
		class, size := c.at(text, i)
		after, _ := c.at(text, i+size)
		if class&(word|sign|space) != 0 || after&word != 0 {
			return i
		}
		i += size
	}
	return len(text)
}

// latin says whether a byte is a letter of ASCII.
func latin(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
