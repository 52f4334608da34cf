package facts

import "bytes"

// openings are what a line begins with that names who wrote the text.
var openings = []string{
	"by ", "by: ", "by:", "written by ", "posted by ", "words by ", "story by ", "reported by ", "text by ", "published by ", "article by ",
	"post by ", "submitted by ", "report by ", "von ", "par ", "por ",
}

// particles are words of names that have no capital.
var particles = map[string]bool{
	"de": true, "da": true, "do": true, "dos": true, "van": true, "von": true, "der": true, "den": true, "la": true, "le": true, "el": true,
	"al": true, "bin": true, "ibn": true, "di": true, "du": true, "del": true, "della": true, "ter": true, "ten": true, "y": true, "zu": true,
	"and": true, "with": true, "of": true, "the": true, "for": true,
}

// closings are words with a capital that are no names.
var closings = map[string]bool{
	"published": true, "updated": true, "posted": true, "last": true, "on": true, "at": true, "in": true, "photo": true, "photos": true,
	"photography": true, "filed": true, "special": true, "correspondent": true, "reporter": true, "editor": true, "senior": true, "email": true,
	"follow": true, "share": true, "staff": true, "writer": true, "contributor": true, "comments": true, "comment": true, "read": true,
	"date": true, "created": true, "modified": true, "today": true, "yesterday": true, "est": true, "gmt": true, "am": true, "pm": true,
	"views": true, "via": true, "leave": true, "tweet": true, "print": true, "facebook": true, "twitter": true, "political": true, "business": true,
	"science": true, "health": true, "sports": true, "chief": true, "associate": true, "managing": true, "digital": true, "deputy": true,
}

// byline is the names of a line that begins with By and what else says so, or goes on so behind a date; nil if it is none.
func byline(text []byte) []byte {
	text = bytes.TrimSpace(text)
	if name := opened(text); name != nil || len(text) == 0 || !isDigit(text[0]) && !isLetter(text, 0) {
		return name
	}
	if _, start, end, ok := findDate(text, 0, false); ok && start < 16 { // 2 January 2020, by Jane Doe
		return opened(bytes.TrimLeft(text[end:], " ,|-·•"))
	}
	return nil
}

// opened is the names of a text that begins with By.
func opened(text []byte) []byte {
	for i, o := range openings {
		if !matchFold(text, 0, []byte(o)) {
			continue
		}
		name := capitals(bytes.TrimSpace(text[len(o):]))
		if i >= len(openings)-3 && bytes.IndexByte(name, ' ') < 0 { // in other languages the word has other meanings
			return nil
		}
		return name
	}
	return nil
}

// capitals is the names that a text begins with: words with a capital, and what stands between such.
func capitals(text []byte) []byte {
	end, count := 0, 0
	for i := 0; i < len(text) && count < 16; count++ {
		n := 0
		for i+n < len(text) && blanks(text, i+n, 1) == i+n && text[i+n] != ',' && text[i+n] != '|' && !isDigit(text[i+n]) {
			n++
		}
		w := bytes.Trim(text[i:i+n], ".;:()-")
		var buf [longestWord]byte
		folded := fold(&buf, w)
		switch {
		case len(w) == 0 && string(text[i:i+n]) != "&", closings[string(folded)], monthOf(w) != 0 && end > 0 && isDay(text, i+n), isWeekday(w):
			return bytes.TrimRight(text[:end], " ,;:")
		case w != nil && string(text[i:i+n]) == "&":
		case particles[string(folded)]:
		case w[0] >= 'A' && w[0] <= 'Z' || w[0] >= 0x80 && w[0] < 0xE0:
			end = i + n
		default:
			return bytes.TrimRight(text[:end], " ,;:")
		}
		i += n
		if i < len(text) && text[i] == ',' {
			i++
		}
		next := blanks(text, i, len(text))
		if next == i {
			break
		}
		i = next
	}
	return bytes.TrimRight(text[:end], " ,;:")
}

// isDay says whether the number of a day or of a year stands at i.
func isDay(text []byte, i int) bool {
	_, digits := number(text, gap(text, i))
	return digits > 0
}
