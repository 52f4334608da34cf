package text

import (
	"testing"
	"unicode/utf8"
)

func TestIsCommonHan(t *testing.T) {
	n := 0
	for r := rune(-1); r <= utf8.MaxRune+1; r++ {
		if IsCommonHan(r) {
			n++
			if !IsHan(r) {
				t.Errorf("%q is common, but not Han", r)
			}
		}
	}
	if n != 8105 {
		t.Errorf("%d characters are common, want 8105", n)
	}
	for _, r := range "的一是不㑇𬭛" { // in the basic block, before it, and beyond the BMP
		if !IsCommonHan(r) {
			t.Errorf("%q is not common", r)
		}
	}
	for _, r := range "國臺龘丨𫇦々〇，A1\n\uFFFD" {
		if IsCommonHan(r) {
			t.Errorf("%q is common", r)
		}
	}
}
