package pii

const (
	maxLocal  = 64  // of an e-mail address before the @
	maxDomain = 253 // of a domain name
	maxUser   = 128 // of the user information of a URL
)

// isLocal says whether a character may stand in the local part of an e-mail address. The rarer ones of RFC 5322 are left out: they are more often
// what is before one, as in mail=.
func isLocal(c byte) bool {
	if isAlnum(c) {
		return true
	}
	switch c {
	case '.', '_', '%', '+', '-', '\'', '&', '~':
		return true
	}
	return false
}

// address is the user information or e-mail address around the @ at t[i], which has so many bytes.
func (f *Finder) address(i, size int) Span {
	if s := f.user(i); s.To > 0 {
		return s
	}
	from := f.local(i)
	if from == i {
		return Span{}
	}
	to := f.domain(i + size)
	if to == 0 {
		return Span{}
	}
	if string(f.text[from:i]) == "git" && to < len(f.text) && f.text[to] == ':' {
		return Span{} // an address of a repository
	}
	return Span{from, to, Email}
}

// local is where the local part that ends at t[i] begins, i if there is none: the longest one without a dot at its edges or two in a row; or one in
// quotes.
func (f *Finder) local(i int) int {
	t := f.text
	if i > f.done && t[i-1] == '"' {
		for k := i - 2; k >= f.done && k > i-maxLocal && isLocal(t[k]); k-- {
			if k > f.done && t[k-1] == '"' {
				return k - 1
			}
		}
		return i
	}
	from, last := i, byte('.')
	for n := 0; from > f.done; n++ {
		c, size := foldBefore(t[f.done:], from-f.done)
		if !isLocal(c) || c == '.' && last == '.' {
			break
		}
		if n == maxLocal {
			return i // longer than there is
		}
		from, last = from-size, c
	}
	for from < i { // what is more likely punctuation than its begin
		c, size := fold(t, from)
		if isAlnum(c) || c == '_' {
			break
		}
		from += size
	}
	return from
}

// domain is where the domain name that begins at t[i] ends, 0 if there is none: labels of letters, digits and hyphens, of which the last one is of letters,
// and no ending of files; or an address of IPv4, with brackets or without.
func (f *Finder) domain(i int) int {
	t := f.text
	if i < len(t) && t[i] == '[' {
		end := i + 1
		for end < len(t) && end < i+17 && t[end] != ']' {
			end++
		}
		if end == len(t) || t[end] != ']' || !isVersion4(t[i+1:end]) {
			return 0
		}
		return end + 1
	}
	var last [maxDomain]byte
	labels, n, end, begin, digits := 0, 0, 0, i, true
	for k, total := i, 0; ; total++ {
		c, size := byte(0), 0
		if k < len(t) && total < maxDomain {
			c, size = fold(t, k)
		}
		if isAlnum(c) || c == '-' {
			digits = digits && isDigit(c)
			last[n] = c
			n, k = n+1, k+size
			continue
		}
		if n == 0 || n > 63 || last[0] == '-' {
			break
		}
		if last[n-1] == '-' {
			if c == '.' {
				return 0
			}
			n--
			for n > 0 && last[n-1] == '-' {
				n--
			}
			if n == 0 {
				break
			}
			labels++
			if labels > 1 && topLevel(last[:n]) {
				end = k // a hyphen behind it belongs to the text
				for t[end-1] == '-' {
					end--
				}
			}
			break
		}
		labels++
		if labels > 1 && topLevel(last[:n]) {
			end = k
		} else if labels > 1 && invented(last[:n]) {
			return 0
		}
		if c == '@' || c == '_' {
			return 0
		}
		if c != '.' {
			if labels == 4 && digits {
				if isVersion4(t[begin:k]) {
					return k
				}
			}
			break
		}
		k, n = k+size, 0
	}
	return end
}

// fileEndings are what the last label of logo@2x.png is.
const fileEndings = " png jpg jpeg gif svg webp bmp ico css js mjs ts jsx tsx html htm php asp aspx jsp json xml yaml yml toml txt md py go rs java class cpp hpp dll exe so " +
	"zip gz tar rar pdf doc docx xls xlsx ppt pptx mp3 mp4 avi mov ttf woff woff2 "

// topLevel says whether a label may be the last one of a domain name.
func topLevel(label []byte) bool {
	if len(label) < 2 || len(label) > 24 {
		return false
	}
	if len(label) > 4 && listed(" xn-- ", label[:4]) {
		return true
	}
	for _, c := range label {
		if !isLetter(c) {
			return false
		}
	}
	return !invented(label) && !listed(fileEndings, label)
}

// invented says whether a label is what pseudonyms end with: z alone, of which no top-level domain is made.
func invented(label []byte) bool {
	for _, c := range label {
		if lower(c) != 'z' {
			return false
		}
	}
	return len(label) > 1
}

// listed says whether a list of words between blanks, in lower case, has one.
func listed(list string, word []byte) bool {
	for i := 0; i+len(word)+1 < len(list); i++ {
		if list[i] == ' ' && list[i+1+len(word)] == ' ' && equalFold(list[i+1:], word) {
			return true
		}
	}
	return false
}

// equalFold says whether a text begins with a word, but for case.
func equalFold(text string, word []byte) bool {
	for i, c := range word {
		if lower(c) != text[i] {
			return false
		}
	}
	return true
}

// user is the user and password of a URL whose @ is at t[i]: what is between it and ://, if that has a colon.
func (f *Finder) user(i int) Span {
	t := f.text
	colon := false
	for k := i - 1; k >= f.done && k > i-maxUser; k-- {
		switch c := t[k]; {
		case c == '/':
			if k >= 2 && t[k-1] == '/' && t[k-2] == ':' && colon && k+1 < i && t[k+1] != ':' && i+1 < len(t) && (isAlnum(t[i+1]) || t[i+1] == '[') {
				return Span{k + 1, i, URLUser}
			}
			return Span{}
		case c == ':':
			colon = k < i-1 || colon
		case c <= ' ' || c >= 0x7F || c == '@' || c == '"' || c == '<' || c == '>':
			return Span{}
		}
	}
	return Span{}
}

// spelledAt is the e-mail address around an [at] in brackets of any kind at t[i].
func (f *Finder) spelledAt(i int) Span {
	t := f.text
	c, size := fold(t, i)
	if i+size+3 > len(t) || lower(t[i+size]) != 'a' || lower(t[i+size+1]) != 't' {
		return Span{}
	}
	closing := byte(']')
	switch c {
	case '(':
		closing = ')'
	case '{':
		closing = '}'
	}
	c, n := fold(t, i+size+2)
	if c != closing {
		return Span{}
	}
	end, begin := i+size+2+n, i
	if closing != ')' { // look (at) this is prose
		if end < len(t) && t[end] == ' ' {
			end++
		}
		if begin > f.done && t[begin-1] == ' ' {
			begin--
		}
	}
	from := f.local(begin)
	if from == begin {
		return Span{}
	}
	if to := f.domain(end); to > 0 {
		return Span{from, to, Email}
	}
	return f.spelledDot(from, end)
}

// spelledDot is the address from t[from] on whose domain at t[i] has one [dot] or several.
func (f *Finder) spelledDot(from, i int) Span {
	t := f.text
	end := 0
	for labels := range 5 {
		k := i
		for k < len(t) && k < i+63 && (isAlnum(t[k]) || t[k] == '-') {
			k++
		}
		if k == i {
			break
		}
		if labels > 0 && topLevel(t[i:k]) {
			end = k
		}
		if k < len(t) && t[k] == '.' {
			i = k + 1
			continue
		}
		if k < len(t) && t[k] == ' ' {
			k++
		}
		if k+5 > len(t) || t[k] != '[' && t[k] != '(' && t[k] != '{' || !listed(" dot ", t[k+1:k+4]) || t[k+4] != ']' && t[k+4] != ')' && t[k+4] != '}' {
			break
		}
		if i = k + 5; i < len(t) && t[i] == ' ' {
			i++
		}
	}
	if end == 0 {
		return Span{}
	}
	return Span{from, end, Email}
}
