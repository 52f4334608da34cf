package pii

// country reads +86, 0086, 86 or one of them in brackets at the window's start, and says where the number begins and where the span does.
func (f *Finder) country() (k, from int, ok bool) {
	w := &f.window
	from = w.at[0]
	plus := w.before == '+'
	if plus {
		from = w.back
	}
	switch {
	case w.get(0) == '0' && w.get(1) == '0' && w.get(2) == '8' && w.get(3) == '6':
		k = 4
	case w.get(0) == '8' && w.get(1) == '6':
		k = 2
	default:
		return 0, w.at[0], false
	}
	bracket := w.get(k) == ')'
	if c, size := foldBefore(f.text, from); c == '(' && bracket && from-size >= f.done {
		from -= size
	}
	for range 2 {
		if c := w.get(k); c == ')' || c == '-' || c == ' ' {
			k++
		}
	}
	return k, from, plus || k > 2 || w.run(0) == 13
}

// mobile is a mobile number of the mainland: 1, one of 3 to 9, nine digits more; with 86 before it or not; in one piece or in one of the usual
// groupings.
func (f *Finder) mobile(int) Span {
	w := &f.window
	k, from, prefixed := f.country()
	if !prefixed {
		k, from = 0, w.at[0]
	}
	if w.get(k) != '1' {
		return Span{}
	}
	var g groups
	if more := w.groups(&g, k, 11, " -."); more || g.all != 11 || !w.ends(g.end) {
		return Span{}
	}
	told := prefixed
	if !told && !w.begins(f.text) {
		if !labelled(f.text, from, phoneWords) && !f.wordBefore(w.at[0]) {
			return Span{}
		}
		told = true
	}
	if !prefixed && w.before == '+' || w.before == '/' && g.n > 1 && isDigit(w.byteBefore(f.text)) {
		return Span{}
	}
	told = told || labelled(f.text, from, phoneWords)
	switch g.shape() {
	case 9, 344: // 9 is 11 cut to one digit
	case 38, 74, 335, 56, 443, 434:
		if !told && g.sep() != '-' { // in a table these are several numbers
			return Span{}
		}
	default:
		if g.n != 11 {
			return Span{}
		}
	}
	var d [20]byte
	w.copyDigits(d[:], &g)
	if d[1] < '3' || !told && !assigned(d[1], d[2]) || f.other(from) || amount(f.text, from, w.at[g.end]) {
		return Span{}
	}
	if g.n > 1 && w.before == g.sep() && isDigit(w.byteBefore(f.text)) && g.n < 11 && g.sep() != ' ' {
		return Span{}
	}
	return Span{from, w.at[g.end], Mobile}
}

// assigned says whether there are mobile numbers that begin with 1 and two digits. Others may come, so it does not matter where a word says that it
// is one.
func assigned(a, b byte) bool {
	switch a {
	case '4':
		return b >= '5'
	case '5':
		return b != '4'
	case '6':
		return b == '2' || b >= '5' && b <= '7'
	case '7':
		return b != '9'
	case '9':
		return b != '4'
	}
	return true
}

// byteBefore is the character before the one before the window.
func (w *window) byteBefore(t []byte) byte {
	c, _ := foldBefore(t, w.back)
	return c
}

// phone is any other telephone number.
func (f *Finder) phone(n int) Span {
	w := &f.window
	if w.before == '-' || w.before == '.' {
		return Span{}
	}
	for _, rule := range [...]func(*Finder, int) Span{(*Finder).landline, (*Finder).service, (*Finder).international, (*Finder).northAmerican} {
		if s := rule(f, n); s.To > 0 && !f.other(s.From) && !amount(f.text, s.From, s.To) {
			return s
		}
	}
	return Span{}
}

// areaCodes are the first two digits behind the 0 of the area codes of three digits.
const areaCodes = "31 33 34 35 37 39 41 42 43 45 46 47 48 51 52 53 54 55 56 57 58 59 63 66 69 70 71 72 73 74 75 76 77 79 81 82 83 85 87 88 89 90 91 93 94 95 97 99 "

// area is how many digits the area code at k has, its 0 aside; 0 if there is none.
func (w *window) area(k int) int {
	a, b, c := w.get(k), w.get(k+1), w.get(k+2)
	switch {
	case a == '1' && b == '0', a == '2' && isDigit(b) && b != '6':
		return 2
	case isDigit(c):
		for i := 0; i < len(areaCodes); i += 3 {
			if areaCodes[i] == a && areaCodes[i+1] == b {
				return 3
			}
		}
	}
	return 0
}

// landline is an area code and a local number of seven or eight digits, with a hyphen, a blank or brackets between them, an extension behind it
// or not. In one piece it is taken only behind a word for telephone numbers.
func (f *Finder) landline(n int) Span {
	w := &f.window
	k, from, prefixed := f.country()
	if !prefixed {
		k, from = 0, w.at[0]
	}
	inside := false // the area code stands in brackets
	if prefixed && w.get(k) == '(' {
		k, inside = k+1, true
	}
	if w.get(k) == '0' {
		k++
		if prefixed && w.get(k) == ')' {
			k, inside = k+1, false // +86 (0)10
		}
	} else if !prefixed {
		return Span{}
	}
	area := w.area(k)
	if area == 0 {
		return Span{}
	}
	k += area
	if !prefixed {
		inside = w.before == '(' && w.get(k) == ')'
	} else if w.before == '(' && w.get(k) == ')' { // (86-10)65432100
		inside, from = true, w.back
	}
	if inside {
		if w.get(k) != ')' {
			return Span{}
		}
		if !prefixed {
			from = w.back
		}
		k++
		if c := w.get(k); c == ' ' || c == '-' {
			k++
		}
	} else if c := w.get(k); c == '-' || c == ' ' {
		if k++; w.get(k) == ' ' || w.get(k) == '-' {
			k++
		}
	} else if !prefixed && (n != area+8 && n != area+9 || !labelled(f.text, from, phoneWords)) {
		return Span{}
	}
	var g groups
	if w.get(k) < '2' || w.groups(&g, k, 8, " -") {
		if g.all != 8 && g.all != 7 {
			return Span{}
		}
	}
	end := g.end
	switch g.shape() {
	case 7, 8, 34, 44, 332, 242:
	case 81, 82, 83, 84, 85, 71, 72, 73, 74, 75: // with an extension
		if g.sep() != '-' {
			end = g.list[0].from + g.list[0].n
		}
	default:
		if g.n < 2 || g.list[0].n != 7 && g.list[0].n != 8 {
			return Span{}
		}
		end = g.list[0].from + g.list[0].n
	}
	if w.get(g.list[0].from) < '2' {
		return Span{}
	}
	if c := w.get(k - 1); c == ' ' && (w.before == ' ' && isDigit(w.byteBefore(f.text)) || w.get(end) == ' ' && isDigit(w.get(end+1))) {
		return Span{} // a row of numbers
	}
	if w.get(end) == '-' && end == g.list[0].from+g.list[0].n && g.n == 1 {
		if ext := w.run(end + 1); ext >= 1 && ext <= 5 {
			end += 1 + ext
		}
	}
	if isAlnum(w.get(end)) || w.get(end) == '@' || w.get(end) == '.' && isDigit(w.get(end+1)) {
		return Span{}
	}
	return Span{from, w.at[end], Phone}
}

// service is a number of the mainland that begins with 400 or 800, in groups; in one piece or parted by blanks only behind a word for telephone numbers.
func (f *Finder) service(int) Span {
	w := &f.window
	if c := w.get(0); c != '4' && c != '8' || w.get(1) != '0' || w.get(2) != '0' {
		return Span{}
	}
	var g groups
	if w.groups(&g, 0, 10, "- ") || g.all != 10 || !w.ends(g.end) {
		return Span{}
	}
	switch g.shape() {
	case 334, 343, 37, 433, 46, 3322, 3223:
		if g.sep() == ' ' && !labelled(f.text, w.at[0], phoneWords) {
			return Span{}
		}
	case 9: // 10 cut to one digit
		if !labelled(f.text, w.at[0], phoneWords) {
			return Span{}
		}
	default:
		return Span{}
	}
	return w.span(g.end, Phone)
}

// northAmerican is a number of the North American plan: an area code and an exchange that begin with 2 to 9, four digits; the area code in
// brackets, or hyphens between them, or full stops or blanks behind a word for telephone numbers.
func (f *Finder) northAmerican(n int) Span {
	w := &f.window
	k, from := 0, w.at[0]
	if w.get(0) == '1' && n == 1 && (w.get(1) == '-' || w.get(1) == ' ' || w.get(1) == '.') {
		if k = 2; w.get(2) == '(' {
			k = 3
		}
	}
	if w.run(k) != 3 || !exchange(w.c[k:]) {
		return Span{}
	}
	var end int
	if w.get(k+3) == ')' {
		if k == 0 {
			if w.before != '(' {
				return Span{}
			}
			from = w.back
		} else if w.before == '(' {
			from = w.back // (1-415)
		}
		m := k + 4
		if w.get(m) == ' ' || w.get(m) == '-' {
			m++
		}
		if w.run(m) != 3 || !exchange(w.c[m:]) || w.run(m+4) != 4 || !contains("-. ", w.get(m+3)) {
			return Span{}
		}
		end = m + 8
	} else {
		sep := w.get(k + 3)
		if !contains("-. ", sep) || w.run(k+4) != 3 || !exchange(w.c[k+4:]) || w.get(k+7) != sep || w.run(k+8) != 4 {
			return Span{}
		}
		if sep != '-' && !labelled(f.text, from, phoneWords) {
			return Span{}
		}
		end = k + 12
	}
	if !w.ends(end) || k == 0 && w.before == '+' {
		return Span{}
	}
	return Span{from, w.at[end], Phone}
}

// exchange says whether three digits may be an area code or an exchange: they begin with 2 to 9 and do not end like 911.
func exchange(d []byte) bool { return d[0] >= '2' && d[0] <= '9' && (d[1] != '1' || d[2] != '1') }

// callingCodes are those of ITU-T E.164 that are in use: first those of one and two digits, then tens of those of three, which are taken as a
// whole.
const (
	callingCodes = " 1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	callingTens  = " 21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99 "
)

// international is a number of E.164: a plus sign, a calling code, and eight to fifteen digits in all, in up to six groups.
func (f *Finder) international(n int) Span {
	w := &f.window
	if w.before != '+' {
		return Span{}
	}
	from := w.back
	switch c, size := foldBefore(f.text, from); {
	case isAlnum(c), c == '+', c == ')', c == '.':
		return Span{}
	case c == '(' && w.get(w.callingCode()) == ')' && from-size >= f.done:
		from -= size
	}
	first, second := w.get(0), w.get(1)
	if !codeIn(callingCodes, first, 0) && (!isDigit(second) || !codeIn(callingCodes, first, second) && !codeIn(callingTens, first, second)) {
		return Span{}
	}
	if first == '8' && second == '6' { // of the mainland: see the other rules
		return Span{}
	}
	if first == '9' && second == '9' && !contains("234568", w.get(2)) || n > 4 && n < 10 {
		return Span{}
	}
	if code := w.callingCode(); w.get(code) == '0' && (first != '3' || second != '9') { // none begins so but in Italy
		return Span{}
	}
	k, digits, groups := 0, 0, 0
	for {
		run := w.run(k)
		if run == 0 || groups == 6 {
			return Span{}
		}
		k, digits, groups = k+run, digits+run, groups+1
		if digits > 15 {
			return Span{}
		}
		next := k
		for next < k+2 && contains(" -.()", w.get(next)) {
			next++
		}
		if next == k || !isDigit(w.get(next)) {
			break
		}
		k = next
	}
	if digits < 9 || first == '1' && digits != 11 || isAlnum(w.get(k)) || w.get(k) == '@' || groups == 2 && w.get(n) == '.' {
		return Span{}
	}
	return Span{from, w.at[k], Phone}
}

// callingCode is how many digits the calling code has that the window begins with.
func (w *window) callingCode() int {
	switch {
	case codeIn(callingCodes, w.get(0), 0):
		return 1
	case codeIn(callingCodes, w.get(0), w.get(1)):
		return 2
	}
	return 3
}

// codeIn says whether the list has a code of one digit, or of two if b is not 0.
func codeIn(list string, a, b byte) bool {
	for i := 0; i+2 < len(list); i++ {
		if list[i] == ' ' && list[i+1] == a && (b == 0 && list[i+2] == ' ' || b != 0 && list[i+2] == b) {
			return true
		}
	}
	return false
}
