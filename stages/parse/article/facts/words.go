package facts

// months are their names by all that is taken for one, in lower case: English, and what other languages of the West write.
var months = map[string]int{
	"january": 1, "jan": 1, "januar": 1, "jänner": 1, "janvier": 1, "janv": 1, "enero": 1, "ene": 1, "gennaio": 1, "janeiro": 1, "januari": 1,
	"february": 2, "feb": 2, "februar": 2, "février": 2, "févr": 2, "febrero": 2, "febbraio": 2, "fevereiro": 2, "februari": 2,
	"march": 3, "mar": 3, "märz": 3, "mars": 3, "marzo": 3, "março": 3, "maart": 3,
	"april": 4, "apr": 4, "avril": 4, "avr": 4, "abril": 4, "abr": 4, "aprile": 4,
	"may": 5, "mai": 5, "mayo": 5, "maggio": 5, "maio": 5, "mei": 5,
	"june": 6, "jun": 6, "juni": 6, "juin": 6, "junio": 6, "giugno": 6, "junho": 6,
	"july": 7, "jul": 7, "juli": 7, "juillet": 7, "juil": 7, "julio": 7, "luglio": 7, "julho": 7,
	"august": 8, "aug": 8, "août": 8, "agosto": 8, "ago": 8, "augustus": 8, "augusti": 8,
	"september": 9, "sept": 9, "sep": 9, "septembre": 9, "septiembre": 9, "settembre": 9, "setembro": 9,
	"october": 10, "oct": 10, "oktober": 10, "okt": 10, "octobre": 10, "octubre": 10, "ottobre": 10, "outubro": 10,
	"november": 11, "nov": 11, "novembre": 11, "noviembre": 11, "novembro": 11,
	"december": 12, "dec": 12, "dezember": 12, "dez": 12, "décembre": 12, "déc": 12, "diciembre": 12, "dic": 12, "dicembre": 12, "dezembro": 12,
}

// longestWord is that of the longest word that means something here, in bytes.
const longestWord = 16

// monthOf is the number of the month with this name, 0 if there is none.
func monthOf(name []byte) int {
	if len(name) < 3 {
		return 0
	}
	var buf [longestWord]byte
	return months[string(fold(&buf, name))]
}

// isWeekday says whether a word is the name of a day, in English.
func isWeekday(w []byte) bool {
	if len(w) < 3 {
		return false
	}
	var buf [longestWord]byte
	switch string(fold(&buf, w)) {
	case "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
		"mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun":
		return true
	}
	return false
}

// fold writes a short word in lower case to buf; of a long one it returns nothing.
func fold(buf *[longestWord]byte, w []byte) []byte {
	if len(w) > longestWord {
		return nil
	}
	n := copy(buf[:], w)
	for i, c := range buf[:n] {
		switch {
		case c >= 'A' && c <= 'Z':
			buf[i] = c | 0x20
		case i > 0 && buf[i-1] == 0xC3 && c >= 0x80 && c <= 0x9E: // É
			buf[i] = c | 0x20
		}
	}
	return buf[:n]
}
