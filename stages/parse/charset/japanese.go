package charset

import "math"

// kanaDiscount is how much less kana cost in Japanese text, where they are half of the characters.
const kanaDiscount = costAlphabet - costFirst100

// maybeJapanese says whether the best that was found for a sample is nothing, or Chinese with so many kana that it may be
// Japanese: GB18030 and EUC-JP have them in the same place.
func (e evidence) maybeJapanese() bool {
	switch e.name {
	case "":
		return true
	case GB18030, Big5:
		return e.kana*10 > e.characters
	}
	return false
}

// japaneseText weighs a sample in the encodings of Japan against the best of the others, with the same discount for kana.
// Text without kana is not taken for Japanese. The evidence has no name if there is none.
func japaneseText(sample []byte, last bool, best evidence) (found evidence) {
	limit := meaningless(sample, costHighByte)
	if best.name != "" {
		limit = min(limit, best.cost-best.kana*kanaDiscount)
	}
	for _, name := range []string{EUCJP, ShiftJIS} {
		if e := weigh(name, sample, last, math.MaxInt); e.cost < limit && e.kana*4 >= e.characters {
			found, limit = e, e.cost
		}
	}
	return found
}
