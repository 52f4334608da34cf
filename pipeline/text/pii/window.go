package pii

// windowSize is how many characters a rule looks at: more than the longest number has, an IBAN in groups.
const windowSize = 56

// window is a piece of text as ASCII: letters, digits and separators up to anything else, and what is before it.
type window struct {
	c      [windowSize]byte
	at     [windowSize + 1]int
	n      int
	before byte // the folded character before it, 0 if there is none of ASCII
	back   int  // where that begins
}

// separators may stand in numbers.
func isSeparator(c byte) bool {
	switch c {
	case ' ', '-', '.', '(', ')', '/', ':', '+', middle:
		return true
	}
	return false
}

// fill takes the text from t[i] on, up to a letter behind a blank unless words says that there may be some. Nothing before t[done]
// counts.
func (w *window) fill(t []byte, i, done int, words bool) {
	c, size := foldBefore(t, i)
	w.before, w.back = c, i-size
	if i == done && done > 0 {
		w.before, w.back = 0, i
	}
	w.n = 0
	apart := 0
	for w.n < windowSize && i < len(t) {
		c, size := fold(t, i)
		if isAlnum(c) || c == '@' || c == '_' {
			if !words && isLetter(c) && w.n > 0 && w.c[w.n-1] == ' ' {
				break
			}
			apart = 0
		} else if apart++; !isSeparator(c) || apart > 2 {
			break
		}
		w.c[w.n], w.at[w.n] = c, i
		w.n, i = w.n+1, i+size
	}
	w.at[w.n] = i
}

// get is the character at k, 0 behind the end.
func (w *window) get(k int) byte {
	if k < 0 || k >= w.n {
		return 0
	}
	return w.c[k]
}

// run is how many digits there are from k on.
func (w *window) run(k int) int {
	n := 0
	for isDigit(w.get(k + n)) {
		n++
	}
	return n
}

// ends says whether a number may end before k: no letter, digit or part of an address follows, nor a separator and another digit.
func (w *window) ends(k int) bool {
	switch c := w.get(k); c {
	case '-', '.', middle:
		return !isDigit(w.get(k + 1))
	case '@', '_':
		return false
	default:
		return !isAlnum(c)
	}
}

// begins says the same of the window's start: no letter or digit is before it, nor a separator behind one.
func (w *window) begins(t []byte) bool {
	switch w.before {
	case '-', '.', ',', '_', '~', middle:
		c, _ := foldBefore(t, w.back)
		return !isAlnum(c)
	case '@':
		return true
	}
	return !isAlnum(w.before)
}

// group is a run of digits with the separator behind it.
type group struct {
	from, n int
	sep     byte
}

// groups is a list of groups of digits that are parted by the same separator.
type groups struct {
	list [20]group
	n    int
	end  int // of the last
	all  int // digits
}

// groups reads the groups from k on up to so many digits; the first separator that it meets, of seps, is that of all of them. more says that the same
// separator and another digit follow.
func (w *window) groups(g *groups, k, digits int, seps string) (more bool) {
	g.n, g.all, g.end = 0, 0, k
	var sep byte
	for g.n < len(g.list) {
		n := w.run(k)
		if n == 0 {
			return false
		}
		g.list[g.n] = group{k, n, 0}
		g.n, g.all, g.end = g.n+1, g.all+n, k+n
		c := w.get(k + n)
		if c == 0 || !isDigit(w.get(k+n+1)) || sep != 0 && c != sep {
			return false
		}
		if sep == 0 && !contains(seps, c) {
			return false
		}
		if g.all >= digits {
			return sep != 0 // of a number in one piece, what follows is looked at by others
		}
		sep = c
		g.list[g.n-1].sep = c
		k += n + 1
	}
	return true
}

func contains(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// shape is the lengths of the groups as decimal digits: 344 for 138-0013-8000.
func (g *groups) shape() int {
	s := 0
	for _, one := range g.list[:min(g.n, 12)] {
		s = s*10 + min(one.n, 9)
	}
	return s
}

// sep is the separator between the groups, 0 if there is one group.
func (g *groups) sep() byte { return g.list[0].sep }

// copyDigits writes the digits of the groups to dst.
func (w *window) copyDigits(dst []byte, g *groups) {
	for _, one := range g.list[:g.n] {
		dst = dst[copy(dst, w.c[one.from:one.from+one.n]):]
	}
}

// span is the piece of the text from the window's first character to character m.
func (w *window) span(m int, kind Kind) Span { return Span{w.at[0], w.at[m], kind} }
