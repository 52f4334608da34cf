package jieba

import "unicode/utf8"

// Cutter cuts texts into words, one after the other, for one goroutine. It keeps scratch memory of some 23 bytes a character of the longest block
// (text without punctuation and blanks) there was, and allocates nothing once that has grown.
type Cutter struct {
	d     *Dictionary
	hmm   bool
	codes []uint16  // of the characters of a block
	pairs []cell    // of the words that begin with a character and the next one; freeCell if there is none
	score []float64 // of the best path from a character to the end
	word  []uint8   // how many characters the first word of that path has
	back  []uint8   // of Viterbi: the states that each state came from
}

// Cutter makes what cuts by the dictionary: with the HMM, which finds words that are not in it, as jieba.cut does when it is not told otherwise,
// or without.
func (d *Dictionary) Cutter(hmm bool) *Cutter { return &Cutter{d: d, hmm: hmm} }

// Cut appends the end of every word of text to dst, as a place in its bytes. The words follow each other and cover the text: blanks and signs
// are words of a character each, but \r\n is one. text is shorter than 2 GiB; a byte that is not UTF-8 is a word of its own.
func (c *Cutter) Cut(dst []int32, text []byte) []int32 {
	d := c.d
	for p := 0; p < len(text); {
		// A block.
		start, codes := p, c.codes[:0]
		for p < len(text) {
			b := text[p]
			if b < utf8.RuneSelf {
				code := d.ascii[b]
				if code == outside {
					break
				}
				codes = append(codes, code)
				p++
				continue
			}
			if p+2 >= len(text) {
				break
			}
			i := ideograph(b, text[p+1], text[p+2])
			if i >= ideographs {
				break
			}
			codes = append(codes, d.han[i])
			p += 3
		}
		c.codes = codes
		if len(codes) > 0 {
			c.route()
			if c.hmm {
				dst = c.cutHMM(dst, text[:p], start)
			} else {
				dst = c.cutPlain(dst, text[:p], start)
			}
		}
		// And what is between it and the next.
		for p < len(text) {
			size := 1
			if b := text[p]; b < utf8.RuneSelf {
				if d.ascii[b] != outside {
					break
				}
				if b == '\r' && p+1 < len(text) && text[p+1] == '\n' {
					size = 2
				}
			} else if p+2 < len(text) && ideograph(b, text[p+1], text[p+2]) < ideographs {
				break
			} else {
				_, size = utf8.DecodeRune(text[p:])
			}
			p += size
			dst = append(dst, int32(p))
		}
	}
	return dst
}

// route finds the best path through the block from each character on, from the last to the first: its score is the sum of the logarithms of the
// shares of its words, and of equally good ones that with the longest first word wins.
func (c *Cutter) route() {
	codes, cells, scores := c.codes, c.d.cells, c.d.scores
	n := len(codes)
	if cap(c.score) <= n {
		c.score = make([]float64, n+n/4+64)
		c.word = make([]uint8, n+n/4+64)
	}
	c.lookUpPairs()
	score, word, pairs := c.score[:n+1], c.word[:n+1], c.pairs[:n]
	score[n] = 0
	for i := n - 1; i >= 0; i-- {
		at := uint32(codes[i])
		node := cells[at]
		if node == freeCell || at == 0 {
			score[i], word[i] = scores[0]+score[i+1], 1
			continue
		}
		// What is neither a word nor the beginning of one is taken for a word all the same.
		best, length := scores[node.freq()]+score[i+1], 1
		found := node.freq() != 0
		for j, next := i+1, pairs[i]; next != freeCell; {
			at = node.base() + uint32(codes[j])
			node = next
			j++
			if f := node.freq(); f != 0 {
				if s := scores[f] + score[j]; s >= best || !found {
					best, length, found = s, j-i, true
				}
			}
			if node.base() == 0 || j == n {
				break
			}
			if next = cells[node.base()+uint32(codes[j])]; next.parent() != at {
				break
			}
		}
		score[i], word[i] = best, uint8(length)
	}
}

// lookUpPairs fills pairs. The places in the trie where pairs are lie far apart: as none of them waits for another, many are fetched at once.
func (c *Cutter) lookUpPairs() {
	codes, cells := c.codes, c.d.cells
	if cap(c.pairs) < len(codes) {
		c.pairs = make([]cell, len(codes)+len(codes)/4+64)
	}
	pairs := c.pairs[:len(codes)]
	for i := range len(codes) - 1 {
		at := uint32(codes[i])
		base := cells[at].base()
		pairs[i] = freeCell
		if next := cells[base+uint32(codes[i+1])]; next.parent() == at && base != 0 {
			pairs[i] = next
		}
	}
	pairs[len(codes)-1] = freeCell
}

// width is how many bytes the character that begins with b has: in a block there are only those of ASCII and of three bytes.
func width(b byte) int {
	if b < utf8.RuneSelf {
		return 1
	}
	return 3
}

// cutPlain appends the words of the best path through the block that text ends with. Letters and digits that are single on it are joined.
func (c *Cutter) cutPlain(dst []int32, text []byte, p int) []int32 {
	joined := false
	for i := 0; i < len(c.codes); {
		n := int(c.word[i])
		if n == 1 && isAlnum(text[p]) {
			p++
			i++
			joined = true
			continue
		}
		if joined {
			dst = append(dst, int32(p))
			joined = false
		}
		for range n {
			p += width(text[p])
		}
		i += n
		dst = append(dst, int32(p))
	}
	if joined {
		dst = append(dst, int32(p))
	}
	return dst
}

// cutHMM appends the words of the best path through the block that text ends with, but hands what is single on it to the HMM.
func (c *Cutter) cutHMM(dst []int32, text []byte, p int) []int32 {
	for i := 0; i < len(c.codes); {
		if n := int(c.word[i]); n > 1 {
			for range n {
				p += width(text[p])
			}
			i += n
			dst = append(dst, int32(p))
			continue
		}
		first, begin := i, p
		for i < len(c.codes) && c.word[i] == 1 {
			p += width(text[p])
			i++
		}
		switch {
		case i-first == 1:
			dst = append(dst, int32(p))
		case c.isWord(c.codes[first:i]):
			// The path is better without that word, and the HMM is not asked for a better one.
			for q := begin; q < p; {
				q += width(text[q])
				dst = append(dst, int32(q))
			}
		default:
			dst = c.recognize(dst, text[:p], begin, c.codes[first:i])
		}
	}
	return dst
}

// isWord says whether all these characters are one word.
func (c *Cutter) isWord(codes []uint16) bool {
	at := uint32(0)
	for _, code := range codes {
		base := c.d.cells[at].base()
		next := base + uint32(code)
		if base == 0 && at != 0 || code == 0 || c.d.cells[next].parent() != at {
			return false
		}
		at = next
	}
	return c.d.cells[at].freq() != 0
}
