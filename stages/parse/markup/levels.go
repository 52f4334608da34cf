package markup

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

const (
	maxLevels = 4  // that nest
	maxRaised = 48 // bytes of what is raised or lowered
)

// level is text that stands higher or lower than the text before it.
type level struct {
	mark    byte // '^' or '_'
	at, end int  // in out
	alone   bool // a line or a cell begins with it
	marked  bool // the mark was written before it
}

// startTag takes the start tag of an element within a line, endTag its end tag.
func (w *lines) startTag(a atom.Atom) {
	switch a {
	case atom.Sup:
		w.raise('^')
	case atom.Sub:
		w.raise('_')
	case atom.Ruby:
		w.ruby++
	case atom.Rt, atom.Rp, atom.Rtc:
		w.reading = w.ruby > 0
	case atom.Rb:
		w.reading = false
	}
}

func (w *lines) endTag(a atom.Atom) {
	switch a {
	case atom.Sup:
		w.lower('^')
	case atom.Sub:
		w.lower('_')
	case atom.Ruby:
		w.ruby = max(w.ruby-1, 0)
		w.reading = false
	case atom.Rt, atom.Rp, atom.Rtc:
		w.reading = false
	}
}

// level ends what is within a line.
func (w *lines) level() { w.nested, w.ruby, w.reading = 0, 0, false }

// raise begins a level.
func (w *lines) raise(mark byte) {
	if w.nested < maxLevels {
		w.levels[w.nested] = level{mark: mark, at: len(w.out), alone: w.newline || w.tabs > 0 || len(w.out) == w.start}
		w.nested++
	}
}

// lower ends a level. What is raised behind a number, a letter or a bracket is written as an exponent where without it the
// text would say something else: 10^8, m^2, e^x, 2^(n-1), Ca^2+, and so is a number behind the end of a sentence, which refers to
// a note. Ordinals (1st) and other abbreviations (No, TM), references in brackets ([1]) and signs join the text. What is lowered
// joins it where that is how people write without: H2O, x1, PM2.5; else it is x_i, T_max, a_(n+1), 10_2.
func (w *lines) lower(mark byte) {
	if w.nested == 0 {
		return
	}
	w.nested--
	l := w.levels[w.nested]
	if l.mark != mark || l.alone || len(w.out) <= l.at || len(w.out)-l.at > maxRaised {
		return
	}
	text := w.out[l.at:]
	raised := bytes.TrimLeft(text, " ")
	base := w.out[w.start:l.at]
	if len(raised) == 0 || bytes.ContainsAny(raised, "\n\t") || w.fraction(l, raised) {
		return
	}
	spaced := len(raised) < len(text)
	if spaced && (mark != '^' || !isNumber(raised) || string(lastNumber(base)) != "10") {
		return // it stands alone, as the 14 of 14C
	}
	at := len(w.out) - len(raised)
	var write, brackets bool
	if mark == '^' {
		write, brackets = exponent(base, raised)
	} else {
		write, brackets = index(base, raised)
	}
	if brackets {
		w.out = append(slices.Insert(w.out, at, '('), ')')
	}
	if spaced {
		w.out = slices.Delete(w.out, l.at, at)
	}
	if write {
		w.out = slices.Insert(w.out, l.at, mark)
	}
	l.end, l.marked = len(w.out), write
	w.last = l
}

// fraction says whether a lowered number is the lower part of a fraction, 1/2, of which the upper one was raised.
func (w *lines) fraction(l level, lowered []byte) bool {
	up := w.last
	if l.mark != '_' || !isNumber(lowered) || up.mark != '^' || up.end > l.at {
		return false
	}
	if slash := string(w.out[up.end:l.at]); slash != "/" && slash != "⁄" {
		return false
	}
	if up.marked {
		if isDigit(w.out[up.at-1]) {
			w.out[up.at] = ' '
		} else {
			w.out = slices.Delete(w.out, up.at, up.at+1)
		}
	}
	w.last = level{}
	return true
}

// partLevel parts a text from the level that ends right before it, where they would run together.
func (w *lines) partLevel(next []byte) {
	l := w.last
	if w.nested > 0 && w.levels[w.nested-1].at == l.end {
		return // raised above what is lowered, or the other way round
	}
	last, first := w.out[l.end-1], next[0]
	switch {
	case isDigit(last) && isDigit(first):
	case l.marked && isLetter(last) && (isLetter(first) || isDigit(first)):
	default:
		return
	}
	if !l.marked {
		w.out = slices.Insert(w.out, l.at, l.mark)
	}
	w.out = append(w.out, ' ')
	w.last = level{}
}

// exponent says whether raised text is an exponent of what stands before it, and whether it needs brackets.
func exponent(base, raised []byte) (write, brackets bool) {
	before, _ := utf8.DecodeLastRune(base)
	switch {
	case isNumber(raised):
		return isBase(before) || isEnd(before), false
	case !isBase(before) || !isExpression(raised):
		return false, false
	case len(bytes.Trim(raised, "+-−±")) == 0: // a charge
		return true, false
	}
	word := isWord(raised)
	switch {
	case !word:
		return true, true
	case isDigit(base[len(base)-1]):
		write = !ordinals[strings.ToLower(string(raised))]
		return write, write && len(raised) > 1
	case !isVariable(base):
		return utf8.RuneCount(raised) == 1, false
	case 'A' <= before && before <= 'Z' && bytes.ContainsAny(raised, "aceiorst") || before == 'n' && raised[0] == 'o':
		return false, false
	}
	single := utf8.RuneCount(raised) == 1
	return single || unicode.IsLower(before), !single && unicode.IsLower(before)
}

// index says whether lowered text is an index of what stands before it that must be marked, and whether it needs brackets.
func index(base, lowered []byte) (write, brackets bool) {
	before, _ := utf8.DecodeLastRune(base)
	switch {
	case !isBase(before) || unicode.Is(unicode.Han, before) || !isExpression(lowered):
		return false, false
	case isNumber(lowered):
		plain := len(bytes.Trim(lowered, "0123456789.")) == 0
		return !plain || !unicode.IsLetter(before) && !unicode.In(before, unicode.Pe, unicode.Pf), false
	case isWord(lowered):
		return string(lowered) != "x" || !unicode.IsUpper(before), false // NOx
	}
	return true, true
}

// ordinals are what is raised behind a number to make it an ordinal in English, French, Spanish, Portuguese and Italian.
var ordinals = map[string]bool{
	"st": true, "nd": true, "rd": true, "th": true, "er": true, "re": true, "ère": true, "nde": true, "e": true, "ème": true,
	"eme": true, "ième": true, "o": true, "a": true, "os": true, "as": true, "º": true, "ª": true, "to": true, "mo": true, "vo": true,
}

// isBase says whether an exponent or an index can belong to what ends with a character.
func isBase(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.In(r, unicode.Pe, unicode.Pf) || strings.ContainsRune("∑∏∫∮⋃⋂∇∂∞", r)
}

// isEnd says whether a note can refer to what ends with a character.
func isEnd(r rune) bool { return unicode.Is(unicode.Po, r) && r != '/' && r != '*' }

// isNumber says whether all of it is numbers, with signs before, behind and between them.
func isNumber(b []byte) bool {
	return bytes.ContainsAny(b, "0123456789") && len(bytes.Trim(b, "0123456789.,+-−–±")) == 0
}

func isWord(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// isExpression says whether there is nothing in it but letters that formulas are written with, digits and operators.
func isExpression(b []byte) bool {
	return b[0] != '(' && string(b) != "*" && bytes.IndexFunc(b, func(r rune) bool {
		return !unicode.IsDigit(r) && !unicode.In(r, unicode.Latin, unicode.Greek) && !strings.ContainsRune("+-−–±*/=·×.,()^_ ∞", r)
	}) < 0
}

// isVariable says whether it ends with a letter that is no part of a word.
func isVariable(base []byte) bool {
	r, n := utf8.DecodeLastRune(base)
	before, _ := utf8.DecodeLastRune(base[:len(base)-n])
	return unicode.In(r, unicode.Latin, unicode.Greek) && !unicode.In(before, unicode.Latin, unicode.Greek)
}

// lastNumber is the number that a text ends with, if it does.
func lastNumber(text []byte) []byte {
	return text[len(bytes.TrimRight(text, "0123456789")):]
}
