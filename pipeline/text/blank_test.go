package text

import "testing"

func TestBlank(t *testing.T) {
	for _, r := range " \t\n\v\f\r\u0085\u00A0\u1680\u2003\u200B\u2028\u202F\u205F\u2060\u3000\uFEFF\x00\x7F" {
		if !Blank(r) {
			t.Errorf("U+%04X has something to be seen", r)
		}
	}
	for _, r := range "a0.。中¡\u200D\uFFFD😀" {
		if Blank(r) {
			t.Errorf("U+%04X is blank", r)
		}
	}
}
