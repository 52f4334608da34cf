package page

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
)

// How many characters are shown of texts that others wrote.
const (
	mostName   = 160
	mostShort  = 48
	mostNote   = 600
	mostText   = 1600 // of a document
	mostOfLine = 300
	tallText   = 700 // above which a text scrolls
	tallLines  = 14
)

// visible is a text as it can be shown: valid UTF-8 of at most most characters, the rest cut with an ellipsis. Line ends and tabs
// stay; other controls, and what would turn the direction of what stands beside it, are shown by name.
func visible(s string, most int) string {
	var b strings.Builder
	for n := 0; len(s) > 0; n++ {
		if n >= most {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune(0x2400 + r) // its picture
		case r == 0x7f:
			b.WriteRune(0x2421)
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || noncharacter(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
			n += 7 // as long as that is
		default:
			b.WriteRune(r) // U+FFFD where it is no UTF-8
		}
	}
	return b.String()
}

// noncharacter says whether a code point is one of those that HTML must not hold.
func noncharacter(r rune) bool { return r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef }

// name is a name or a path, on one line. Of a long path the end tells more.
func name(s string) string { return oneLine(s, mostName) }

// short is a name where there is little room.
func short(s string) string { return oneLine(s, mostShort) }

func oneLine(s string, most int) string {
	if len(s) > 8*most {
		// Long beyond what is looked at below.
		s = s[:4*most] + "…" + s[len(s)-4*most:]
	}
	s = strings.NewReplacer("\n", "␊", "\t", "␉").Replace(visible(s, len(s)))
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	head := most / 3
	return string(runes[:head]) + "…" + string(runes[len(runes)-(most-head-1):])
}

// note is a remark of the report.
func note(s string) string { return visible(s, mostNote) }

// tall says whether a text has so much that its box scrolls.
func tall(s string) bool {
	return utf8.RuneCountInString(s) > tallText || strings.Count(s, "\n") >= tallLines
}

// instant is a time of RFC 3339 as people write it, in UTC. Another text stays.
func instant(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return short(s)
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// day is that of a time of RFC 3339.
func day(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Format(time.DateOnly)
	}
	return short(s)
}

// andMore says how a cut list ends.
func andMore(n int, noun string) string { return "and " + pipeline.Counted(n, "more "+noun) }
