package text

import "unicode"

// IsHan says whether r belongs to the Han script: ideographs, their radicals, 々, 〇 and the Suzhou numerals, but neither
// 。 and 、 nor any other punctuation.
func IsHan(r rune) bool {
	if r >= 0x4E00 && r <= 0x9FFF {
		return true
	}
	return r >= 0x2E80 && unicode.Is(unicode.Han, r)
}
