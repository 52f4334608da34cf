package charset

import "unicode/utf8"

// western says whether the bytes above 0x7F are those of Western European text in Windows-1252: letters and a few signs,
// one or two at a time among ASCII, and hardly any byte that means something only in encodings for other languages, such as
// the z with dot of Poland between two letters. A hint in its favour leaves that last condition, and a milder one, in which signs
// that stand apart are western.
func western(sample []byte, declared bool) bool {
	var count [256]int
	letters, high, crowded, strange := 0, 0, 0, 0
	run := 0 // of bytes above 0x7F, up to here
	before := byte(0)
	for i, b := range sample {
		count[b]++
		switch {
		case b >= utf8.RuneSelf:
			high++
			if run++; run > 2 {
				crowded++
			}
			next := byte(' ')
			if i+1 < len(sample) {
				next = sample[i+1]
			}
			if !westernByte(b) && (!declared || !apart(before, b, next)) || isLower(before) && isUpper(b) && isLower(next) || isLetter(before) && isLetter(next) && isSign(b) {
				strange++
			}
		case isLetter(b):
			letters++
			run = 0
		default:
			run = 0
		}
		before = b
	}
	strange += foreign(&count)
	if declared {
		return strange*5 <= high
	}
	// A slip of the pen in thousands of letters proves nothing.
	return strange <= max(high/30, letters/2000) && crowded*20 <= high && letters >= 2*high && latin(sample)
}

// foreign is how many of the letters counted are those of languages that are not written in Windows-1252, whose words look
// western in it: no western language has both the one and the other.
func foreign(count *[256]int) (strange int) {
	sum := func(letters string) (n int) {
		for i := range len(letters) {
			n += count[letters[i]]
		}
		return n
	}
	// Those of Iceland are those of Turkey in Windows-1254, which has no accents on the others, and those of Vietnam and
	// of Latvian fonts, which have others with them.
	icelandic := sum("\xD0\xDD\xDE\xF0\xFD\xFE")    // ÐÝÞðýþ
	if 2*sum("\xE1\xE6\xED\xF3\xFA") < icelandic || // áæíóú
		sum("\xE0\xE2\xE3\xEA\xEC\xF4\xFB")*4 > icelandic { // àâãêìôû
		strange += icelandic
	}
	// The c with acute of Croatia is the Danish æ.
	strange += min(sum("\xC6\xE6"), sum("\x8A\x9A")) // Ææ, Šš
	// The long umlauts of Hungary are õ and û, which in the west stand beside ã or ä.
	if tilde := sum("\xD5\xF5"); sum("\xD6\xDC\xF6\xFC") > tilde && sum("\xC3\xC4\xE3\xE4")*4 < tilde { // Õõ, ÖÜöü, ÃÄãä
		strange += tilde + sum("\xDB\xFB") // Ûû
	}
	return strange
}

func isLower(b byte) bool { return 'a' <= b && b <= 'z' }

// isUpper says whether b is a capital letter beyond ASCII in Windows-1252.
func isUpper(b byte) bool { return 0xC0 <= b && b <= 0xDE && b != 0xD7 }

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// isSign says whether b is in Windows-1252 what does not stand between two letters.
func isSign(b byte) bool {
	switch b {
	case 0x8A, 0x8C, 0x9A, 0x9C, 0x9F, 0x91, 0x92, 0xA0, 0xAD, 0xB4, 0xB7: // ŠŒšœŸ‘’ nbsp shy ´·
		return false
	}
	return b < 0xC0
}

// apart says whether b is a sign of Windows-1252 that stands as such signs do in 10×20, 5 ± 2, 30¢ or 20 m²: not where a word
// has a letter.
func apart(before, b, next byte) bool {
	switch b {
	case 0x81, 0x8D, 0x8F, 0x90, 0x9D: // no characters
		return false
	case 0xB2, 0xB3: // ²³
		return (before == 'm' || !isLetter(before) && before < utf8.RuneSelf) && !isLetter(next) && next < utf8.RuneSelf
	}
	return !isLetter(before) && before < utf8.RuneSelf && next < utf8.RuneSelf
}

// westernByte says whether b is ordinary in Western European text.
func westernByte(b byte) bool {
	switch b {
	case 0x80, 0x82, 0x84, 0x85, 0x8A, 0x8B, 0x8C, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0x9A, 0x9B, 0x9C, // €‚„…Š‹Œ‘’“”•–—™š›œ
		0x9F, 0xA0, 0xA1, 0xA3, 0xA7, 0xA9, 0xAA, 0xAB, 0xAD, 0xAE, 0xB0, 0xB4, 0xB7, 0xBA, 0xBB, 0xBD, 0xBF: // Ÿ nbsp¡£§©ª«shy®°´·º»½¿
		return true
	case 0xD7, 0xF7: // ×÷, which are letters of Cyrillic, Greek, Hebrew
		return false
	}
	return b >= 0xC0
}
