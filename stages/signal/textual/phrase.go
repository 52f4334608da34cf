package textual

import "bytes"

// phrase counts where a phrase of ASCII occurs, in upper or lower case. It is searched by the letter at pivot, a seldom one.
func (m *measurer) phrase(phrase string, pivot int) (n int64) {
	if !m.tally.all(phrase) {
		return 0
	}
	for _, letter := range [...]byte{phrase[pivot], phrase[pivot] - 'a' + 'A'} {
		for at := 0; ; at++ {
			i := bytes.IndexByte(m.text[at:], letter)
			if i < 0 {
				break
			}
			at += i
			if from := at - pivot; from >= 0 && hasPrefixFold(m.text[from:], phrase) {
				n++
			}
		}
	}
	return n
}

// hasPrefixFold says whether t begins with a phrase of lower case ASCII, in any case.
func hasPrefixFold(t []byte, phrase string) bool {
	if len(t) < len(phrase) {
		return false
	}
	for i := range len(phrase) {
		b := t[i]
		if b-'A' <= 'Z'-'A' {
			b += 'a' - 'A'
		}
		if b != phrase[i] {
			return false
		}
	}
	return true
}
