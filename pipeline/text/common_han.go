package text

import (
	_ "embed"
	"sync"
)

// commonHanTable holds the 8 105 characters of the General Standard Chinese Characters table (通用规范汉字表, State Council
// of the People's Republic of China, 2013), its three levels together, by code point.
//
//go:embed common_han.txt
var commonHanTable string

// loadCommonHan makes the table of the BMP, once, one bit a character, and the set of those beyond it.
var loadCommonHan = sync.OnceValue(func() *commonHan {
	t := &commonHan{beyond: map[rune]struct{}{}}
	for _, r := range commonHanTable {
		switch {
		case r >= 1<<16:
			t.beyond[r] = struct{}{}
		case r != '\n':
			t.bits[r/64] |= 1 << (r % 64)
		}
	}
	return t
})

type commonHan struct {
	bits   [1 << 10]uint64
	beyond map[rune]struct{}
}

// IsCommonHan says whether r is one of the 8 105 characters that texts in simplified Chinese are written with. Traditional
// forms are not. It is safe for concurrent use.
func IsCommonHan(r rune) bool {
	t := loadCommonHan()
	if r >= 0 && r < 1<<16 {
		return t.bits[r/64]>>(r%64)&1 != 0
	}
	_, ok := t.beyond[r]
	return ok
}
