package segmented

import "strings"

// Bits of a word.
const (
	stopEnglish = 1 << iota
	stopChinese
)

// stops are the stop words: the English ones of the Gopher paper, the Chinese ones of FineWeb-2 (cmn_Hani) but for ·, which is no word.
var stops = func() map[string]uint8 {
	all := map[string]uint8{}
	for w := range strings.FieldsSeq("the be to of and that have with") {
		all[w] |= stopEnglish
	}
	for w := range strings.FieldsSeq("的 年 在 月 是 和 日 了 於 為 有 被 人 中 为 他 與 後 也 而 由") {
		all[w] |= stopChinese
	}
	return all
}()

const longestStop = 4 // bytes

// stop says which lists have a word, in lower case for English.
func stop(word []byte) uint8 {
	if len(word) > longestStop {
		return 0
	}
	var lower [longestStop]byte
	for i, c := range word {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return stops[string(lower[:len(word)])]
}
