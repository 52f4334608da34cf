package filter

import (
	"strings"
	"unicode"

	"github.com/millrace/millrace/pipeline/text"
)

// detailBytes is the longest Detail of a reject, excerptBytes that of the text's beginning in it.
const (
	detailBytes  = 200
	excerptBytes = 80
)

// detail is what a reject says: the figure and how the text begins, on one line and valid UTF-8.
func detail(figure string, t []byte) string {
	begin := t[:min(len(t), excerptBytes)]
	begin = begin[:text.ValidPrefix(begin)]
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, string(begin))
	if len(begin) < len(t) {
		line += "…"
	}
	d := figure + ": " + line
	return d[:text.ValidPrefix([]byte(d[:min(len(d), detailBytes)]))]
}
