package markup

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// maxMath bounds how deep elements nest in a formula of which the structure is written.
const maxMath = 16

// math is a formula that is being read (MathML Core). What it shows is written as it comes; where its source in TeX follows,
// that takes its place.
type math struct {
	open  int   // elements that are open, the formula's own with them; 0: none
	tex   bool  // what comes is TeX
	done  bool  // and it is there
	mute  bool  // what comes is neither shown nor TeX
	from  lines // where it begins, with what separates it from the text before
	nodes [maxMath]mathNode
}

// mathNode is an element of a formula.
type mathNode struct {
	name     mathName
	at       int // where it begins, in out
	children int
}

// mathName is an element whose children are written with a sign between them.
type mathName uint8

const (
	mathRow mathName = iota // any other
	mathSup
	mathSub
	mathSubSup
	mathFrac
	mathSqrt
)

var mathNames = map[string]mathName{
	"msup": mathSup, "msub": mathSub, "msubsup": mathSubSup, "munderover": mathSubSup, "munder": mathSub, "mover": mathSup,
	"mfrac": mathFrac, "msqrt": mathSqrt,
}

func (p *page) beginMath() {
	p.math = math{open: 1, from: p.lines}
	p.math.nodes[0].at = len(p.out)
}

// startMath takes the start tag of an element within a formula.
func (p *page) startMath(a atom.Atom, name []byte, more bool) {
	m := &p.math
	if a == atom.Annotation || a == atom.AnnotationXml {
		var tag attributes
		if more {
			tag = p.attributes(a)
		}
		m.tex = tag.tex && !m.done
		m.mute = !m.tex
	}
	p.childOfMath()
	if m.open < maxMath {
		m.nodes[m.open] = mathNode{name: mathNames[string(name)], at: len(p.out)}
	}
	m.open++
}

// childOfMath counts an element for the one around it.
func (p *page) childOfMath() {
	if m := &p.math; m.open <= maxMath {
		m.nodes[m.open-1].children++
	}
}

// endMath takes an end tag within a formula.
func (p *page) endMath(a atom.Atom) {
	m := &p.math
	switch a {
	case atom.Math:
		p.math = math{}
		p.shown = len(p.out)
		return
	case atom.Annotation, atom.AnnotationXml:
		m.tex, m.mute = false, m.done
	}
	if m.open == 1 {
		return // of nothing
	}
	m.open--
	if m.open >= maxMath || m.mute || m.done {
		return
	}
	n, around := m.nodes[m.open], m.nodes[m.open-1]
	if n.name == mathSqrt {
		p.sign("√", n.at, true)
	}
	switch around.name {
	case mathRow, mathSqrt:
	case mathFrac, mathSup, mathSub, mathSubSup:
		if at := around.children - 1; at < len(mathSigns[around.name]) {
			p.sign(mathSigns[around.name][at], n.at, false)
		}
	}
}

// mathSigns are what stands before the children.
var mathSigns = [...][]string{mathFrac: {"", "/"}, mathSup: {"", "^"}, mathSub: {"", "_"}, mathSubSup: {"", "_", "^"}}

// sign writes a sign before what was written from an offset on, which goes into brackets unless it is one word or number.
func (p *page) sign(sign string, at int, always bool) {
	if at > len(p.out) {
		return
	}
	text := bytes.TrimLeft(p.out[at:], " \n\t")
	if len(text) == 0 {
		return
	}
	if from := len(p.out) - len(text); from == at+1 && p.out[at] == ' ' && sign != "" && !always {
		p.out = slices.Delete(p.out, at, from)
	} else {
		at = from
	}
	digits := bytes.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' }) < 0
	one := digits || isWord(text) || utf8.RuneCount(text) == 1 || text[0] == '(' && text[len(text)-1] == ')'
	if always || !one {
		p.out = append(slices.Insert(p.out, at, '('), ')')
	}
	p.out = slices.Insert(p.out, at, []byte(sign)...)
}

// formula takes the source of a formula, which takes the place of what it shows.
func (p *page) formula(tex []byte) {
	tex = bytes.TrimSpace(tex)
	m := &p.math
	if len(tex) == 0 || m.done {
		return
	}
	from := m.from
	p.out = p.out[:len(from.out)]
	p.newline, p.tabs, p.space, p.wrapped, p.last = from.newline, from.tabs, from.space, from.wrapped, from.last
	p.text(tex)
	m.done, m.mute = true, true
}

// isTeX says whether a type, of a script or of an annotation, is that of TeX.
func isTeX(value []byte) bool {
	value = bytes.ToLower(bytes.TrimSpace(value))
	return bytes.HasPrefix(value, []byte("math/tex")) || bytes.HasSuffix(value, []byte("tex"))
}
