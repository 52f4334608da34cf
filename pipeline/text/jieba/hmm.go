package jieba

import (
	"slices"
	"unicode/utf8"
)

// The states of a character: it begins a word, stands in the middle of one, ends one, or is one.
const (
	stateB = iota
	stateM
	stateE
	stateS
)

// minFloat stands for the logarithm of 0. It is so far from the others that adding one of them does not change it, so ties are common.
const minFloat = -3.14e100

// model has the logarithms of the probabilities of the HMM.
type model struct {
	start [4]float64
	trans [4][4]float64
	emit  [][4]float64 // by code
}

// resize is the model for so many codes. Of characters behind those it knows it knows nothing.
func (h *model) resize(codes int) *model {
	more := *h
	more.emit = slices.Clone(h.emit)
	for len(more.emit) < codes {
		more.emit = append(more.emit, h.emit[0])
	}
	return &more
}

// recognize appends the words that the HMM sees in a run of characters that text ends with. It is asked about ideographs only; of ASCII a number
// with its decimals and its percent sign is a word, or letters and digits, and what is between.
func (c *Cutter) recognize(dst []int32, text []byte, p int, codes []uint16) []int32 {
	for p < len(text) {
		if text[p] >= utf8.RuneSelf {
			n := 0
			for p+3*n < len(text) && text[p+3*n] >= utf8.RuneSelf {
				n++
			}
			dst = c.viterbi(dst, text, p, codes[:n])
			codes, p = codes[n:], p+3*n
			continue
		}
		start := p
		if isAlnum(text[p]) {
			p = endOfNumber(text, p)
		} else {
			for p < len(text) && text[p] < utf8.RuneSelf && !isAlnum(text[p]) {
				p++
			}
		}
		codes = codes[p-start:]
		dst = append(dst, int32(p))
	}
	return dst
}

// endOfNumber is the end of what begins at p with a letter or digit: letters and digits, a point with decimals, a percent sign.
func endOfNumber(text []byte, p int) int {
	for p < len(text) && isAlnum(text[p]) {
		p++
	}
	if p+1 < len(text) && text[p] == '.' && isDigit(text[p+1]) {
		for p++; p < len(text) && isDigit(text[p]); {
			p++
		}
	}
	if p < len(text) && text[p] == '%' {
		p++
	}
	return p
}

// viterbi appends the words of the most probable states of these ideographs, which begin at p. Of equally probable states that wins whose letter
// is later in the alphabet.
func (c *Cutter) viterbi(dst []int32, text []byte, p int, codes []uint16) []int32 {
	h := c.d.hmm
	if cap(c.back) < len(codes) {
		c.back = make([]uint8, len(codes)+len(codes)/4+64)
	}
	back := c.back[:len(codes)]
	e := &h.emit[codes[0]]
	b, m, end, s := h.start[stateB]+e[stateB], h.start[stateM]+e[stateM], h.start[stateE]+e[stateE], h.start[stateS]+e[stateS]
	for i, code := range codes[1:] {
		e = &h.emit[code]
		var from uint8 // a bit for each state: whether it came from the later of the two that it can come from
		nextB := end + h.trans[stateE][stateB] + e[stateB]
		if v := s + h.trans[stateS][stateB] + e[stateB]; v >= nextB {
			nextB, from = v, from|1<<stateB
		}
		nextM := b + h.trans[stateB][stateM] + e[stateM]
		if v := m + h.trans[stateM][stateM] + e[stateM]; v >= nextM {
			nextM, from = v, from|1<<stateM
		}
		nextE := b + h.trans[stateB][stateE] + e[stateE]
		if v := m + h.trans[stateM][stateE] + e[stateE]; v >= nextE {
			nextE, from = v, from|1<<stateE
		}
		nextS := end + h.trans[stateE][stateS] + e[stateS]
		if v := s + h.trans[stateS][stateS] + e[stateS]; v >= nextS {
			nextS, from = v, from|1<<stateS
		}
		b, m, end, s = nextB, nextM, nextE, nextS
		back[i+1] = from
	}
	state := uint8(stateE)
	if s >= end {
		state = stateS
	}
	for i := len(codes) - 1; i > 0; i-- {
		from := back[i] >> state & 1
		back[i] = state
		switch state {
		case stateB, stateS:
			state = stateE + from
		default:
			state = stateB + from
		}
	}
	back[0] = state
	begin := p
	for _, state := range back {
		p += 3
		if state == stateE || state == stateS {
			if _, forced := c.d.forced[string(text[begin:p])]; forced {
				for begin += 3; begin < p; begin += 3 {
					dst = append(dst, int32(begin))
				}
			}
			dst = append(dst, int32(p))
			begin = p
		}
	}
	return dst
}
