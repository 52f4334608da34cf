package facts

import "strings"

// languages are the codes of ISO 639-1, and those of ISO 639-3 of languages that pages name by them, each with a space before and behind it.
const languages = " aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu " +
	"fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr " +
	"ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps " +
	"pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve " +
	"vi vo wa wo xh yi yo za zh zu yue cmn wuu nan hak gan hsn ast ceb fil gsw nds sco ckb haw mni kok mai bho tet "

// appendLanguage appends the tag of BCP 47 that a value stands for, of a language, a script and a region at most: en-US, zh-Hant-TW. It appends
// nothing if the language is none.
func appendLanguage(dst, value []byte) []byte {
	var buf [32]byte
	value = value[:min(len(value), len(buf))]
	n := copy(buf[:], value)
	tag := buf[:n]
	for i, c := range tag {
		switch {
		case c >= 'A' && c <= 'Z':
			tag[i] = c | 0x20
		case c == '_':
			tag[i] = '-'
		case c == ',' || c == ';' || c == '.' || c == '@': // en, de; en_US.UTF-8
			tag = tag[:i]
		}
		if len(tag) == i {
			break
		}
	}
	part := func() (p []byte) {
		end := 0
		for end < len(tag) && tag[end] != '-' {
			end++
		}
		p, tag = tag[:end], tag[min(end+1, len(tag)):]
		return p
	}
	for len(tag) > 0 && tag[0] == ' ' {
		tag = tag[1:]
	}
	for len(tag) > 0 && tag[len(tag)-1] == ' ' {
		tag = tag[:len(tag)-1]
	}
	primary := part()
	switch string(primary) {
	case "eng":
		primary = primary[:2]
	case "chi", "zho":
		primary = append(primary[:0], "zh"...)
	}
	if len(primary) < 2 || len(primary) > 3 || !isAlpha(primary) || !isLanguage(primary) {
		return dst
	}
	dst = append(dst, primary...)
	next := part()
	if len(next) == 3 && isAlpha(next) { // zh-cmn-Hans
		next = part()
	}
	if len(next) == 4 && isAlpha(next) {
		dst = append(append(dst, '-', next[0]-0x20), next[1:]...)
		next = part()
	}
	switch {
	case len(next) == 2 && isAlpha(next):
		dst = append(dst, '-', next[0]-0x20, next[1]-0x20)
	case len(next) == 3 && isDigit(next[0]) && isDigit(next[1]) && isDigit(next[2]):
		dst = append(append(dst, '-'), next...)
	}
	return dst
}

func isLanguage(code []byte) bool {
	var buf [8]byte
	key := append(append(append(buf[:0], ' '), code...), ' ')
	return strings.Contains(languages, string(key))
}

func isAlpha(s []byte) bool {
	for _, c := range s {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(s) > 0
}

// orderIn is the order in which the numbers of a date stand in a language, where people do not write both.
func orderIn(language string) order {
	primary, region, _ := strings.Cut(language, "-")
	switch primary {
	case "en":
		switch region {
		case "US":
			return monthFirst
		case "GB", "AU", "NZ", "IE", "IN", "ZA":
			return dayFirst
		}
	case "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "da", "nb", "no", "fi", "cs", "sk", "uk", "ro", "el", "tr":
		return dayFirst
	}
	return noOrder
}
