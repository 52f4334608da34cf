package text

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// simplifiedTSV holds one line a traditional character: the character, a tab, its simplified form. It is the first value
// of every line of OpenCC's TSCharacters that is not the character itself; origin and licence are in NOTICE.
//
//go:embed simplified.tsv
var simplifiedTSV string

// simplifiedForms reads the table. A few values are traditional characters themselves (薴 → 苧 → 苎): they are followed to
// the end, so that folding twice equals folding once.
func simplifiedForms() map[rune]rune {
	forms := make(map[rune]rune, strings.Count(simplifiedTSV, "\n"))
	for line := range strings.Lines(simplifiedTSV) {
		from, n := utf8.DecodeRuneInString(line)
		to, _ := utf8.DecodeRuneInString(line[n+1:])
		forms[from] = to
	}
	for from, to := range forms {
		for next := forms[to]; next != 0; next = forms[to] {
			to = next
		}
		forms[from] = to
	}
	return forms
}
