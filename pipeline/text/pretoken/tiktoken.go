package pretoken

import "unicode/utf8"

// expressionCL100KBase is what tiktoken has under the name cl100k_base: cl100k, but that white space at the end of a text is one pre-token, lines or not.
// RE2 has neither $ in this meaning nor possessive repetitions.
const expressionCL100KBase = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`

func nextCL100KBase(c *classes, text []byte) int {
	n := c.byLetters(text, 3)
	if n < len(text) && c.is(text, 0, space) && c.is(text, n, space) && c.run(text, n, space) == len(text) && c.run(text[:n], 0, space) == n {
		return len(text)
	}
	return n
}

// is says whether the character at a place is of one of some classes.
func (c *classes) is(text []byte, i int, of uint16) bool {
	if i < len(text) && text[i] < utf8.RuneSelf {
		return c.ascii[text[i]]&of != 0
	}
	class, _ := c.at(text, i)
	return class&of != 0
}
