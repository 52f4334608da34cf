package jieba

import "unicode/utf8"

// Block is the end of the block that begins at p of text, and whether it has an ideograph. Where none begins it ends at p. Cutting a block by itself
// gives the words that it has in its text.
func Block(text []byte, p int) (end int, han bool) {
	for p < len(text) {
		b := text[p]
		if b < utf8.RuneSelf {
			if !blockTable[b] {
				break
			}
			p++
			continue
		}
		if p+2 >= len(text) || ideograph(b, text[p+1], text[p+2]) >= ideographs {
			break
		}
		p += 3
		han = true
	}
	return p, han
}

// ideographs is how many ideographs jieba knows of.
const ideographs = hanLast - hanFirst + 1

// ideograph is the place in the table of ideographs of what these three bytes are, or a greater number if they are none.
func ideograph(a, b, c byte) uint {
	if a&0xF0 != 0xE0 || (b&0xC0)|(c&0xC0) != 0x80 || b&c < 0x80 {
		return ideographs
	}
	return (uint(a)&0xF<<12 | uint(b)&0x3F<<6 | uint(c)&0x3F) - hanFirst
}

// blockTable says what of ASCII is part of a block.
var blockTable = func() (table [utf8.RuneSelf]bool) {
	for c := range table {
		table[c] = blockASCII(byte(c))
	}
	return table
}()
