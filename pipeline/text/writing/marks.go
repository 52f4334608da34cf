package writing

import (
	_ "embed"
	"strings"
)

// marksTable has four lines of characters: simplified ones that no traditional text has, without and with a place in JIS X 0208, and
// traditional ones that no simplified text has, likewise. They are the entries of OpenCC's STCharacters and TSCharacters that do not map to
// themselves, without those of the other table, without simplified ones that Taiwan or Hong Kong write (床, 秘, 峰: its TWVariants and HKVariants),
// and without traditional ones of the General Standard Chinese Characters table; origin and licence are in NOTICE.
//
//go:embed marks.txt
var marksTable string

// readMarks returns the lines, in the order of the classes.
func readMarks() (sets [4]string) {
	rest := marksTable
	for i := range sets {
		sets[i], rest, _ = strings.Cut(rest, "\n")
	}
	return sets
}
