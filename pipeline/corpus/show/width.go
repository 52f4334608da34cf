package show

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// runeWidth is the number of terminal columns that a character takes (Unicode Standard Annex 11; ambiguous ones take one).
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Width is the number of terminal columns that a text takes.
func Width(s string) int { return displayWidth(s) }

func displayWidth(s string) (n int) {
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// visible makes a text harmless for a terminal: white space becomes a space, or a sign if that is all there is, and what
// has no shape, such as control and direction characters, a dot.
func visible(s string) string {
	if s != "" && strings.TrimSpace(s) == "" {
		return strings.NewReplacer("\n", "⏎", "\t", "⇥", " ", "␠").Replace(s)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return '·'
		}
		return r
	}, s)
}

// Visible makes a text harmless for a terminal, line by line: what has no shape, as control characters, becomes a dot.
func Visible(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		text, ended := strings.CutSuffix(line, "\n")
		if text != "" {
			b.WriteString(visible(text))
		}
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Line is a text on one line of at most so many columns, harmless for a terminal; what is cut off ends in an ellipsis.
func Line(s string, columns int) string {
	if lines := wrap(strings.Join(strings.Fields(s), " "), columns, 1); len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// wrap cuts a text into lines of at most the given number of columns. Its own line breaks stand; if it takes more lines
// than asked for, the last one ends in an ellipsis. There must be three columns at least.
func wrap(s string, columns, lines int) (list []string) {
	for paragraph := range strings.Lines(s) {
		paragraph = strings.TrimSpace(visible(strings.TrimSuffix(paragraph, "\n")))
		for paragraph != "" {
			cut := fit(paragraph, columns)
			if len(list) == lines {
				last := list[lines-1]
				list[lines-1] = last[:fit(last, columns-1)] + "…"
				return list
			}
			if space := strings.LastIndexByte(paragraph[:cut], ' '); len(list)+1 < lines && cut < len(paragraph) && paragraph[cut] != ' ' && space > cut/2 {
				cut = space // not within a word
			}
			list = append(list, strings.TrimRight(paragraph[:cut], " "))
			paragraph = strings.TrimLeft(paragraph[cut:], " ")
		}
	}
	return list
}

// fit returns how many bytes of a line take at most the given number of columns, at least one character.
func fit(s string, columns int) int {
	used := 0
	for i, r := range s {
		used += runeWidth(r)
		if used > columns && i > 0 {
			return i
		}
	}
	return len(s)
}
