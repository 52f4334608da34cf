package pii

import "slices"

// middle stands for the middle dots of plates, which are no ASCII.
const middle = 0xB7

// fold is the character at t[i] as one byte of ASCII, and how many bytes it has: a full-width one, a wide blank, a dash, a middle dot are what
// they look like. It is 0 where there is nothing that a number or address could have.
func fold(t []byte, i int) (c byte, size int) {
	c = t[i]
	if c < 0x80 {
		return c, 1
	}
	if c == 0xC2 && i+1 < len(t) {
		switch t[i+1] {
		case 0xA0:
			return ' ', 2
		case middle:
			return middle, 2
		}
		return 0, 2
	}
	if i+2 >= len(t) {
		return 0, 1
	}
	second, third := t[i+1], t[i+2]
	switch {
	case c == 0xEF && second == 0xBC && third >= 0x81:
		return third - 0x81 + '!', 3
	case c == 0xEF && second == 0xBD && third <= 0x9E:
		return third - 0x80 + '`', 3
	case c == 0xE3 && second == 0x80 && third == 0x80:
		return ' ', 3
	case c == 0xE2 && second == 0x80 && third >= 0x90 && third <= 0x95, c == 0xE2 && second == 0x88 && third == 0x92:
		return '-', 3
	case c == 0xE2 && second == 0x80 && third == 0xA2, c == 0xE3 && second == 0x83 && third == 0xBB:
		return middle, 3
	}
	return 0, 1
}

// foldBefore is fold of the character that ends at t[i].
func foldBefore(t []byte, i int) (c byte, size int) {
	if i == 0 {
		return 0, 0
	}
	if t[i-1] < 0x80 {
		return t[i-1], 1
	}
	for size := 2; size <= 3 && size <= i; size++ {
		if c, n := fold(t[:i], i-size); n == size && c != 0 {
			return c, n
		}
	}
	return 0, 1
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return c|0x20-'a' <= 'z'-'a' }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }
func lower(c byte) byte {
	if c-'A' <= 'Z'-'A' {
		return c | 0x20
	}
	return c
}

func upper(c byte) byte {
	if c-'a' <= 'z'-'a' {
		return c &^ 0x20
	}
	return c
}

// hasSuffixFold says whether t ends with a word, which is in lower case; where the word begins with a letter of ASCII, no letter or digit is before it.
func hasSuffixFold(t []byte, word string) bool {
	at := len(t) - len(word)
	if at < 0 {
		return false
	}
	for i := range len(word) {
		if lower(t[at+i]) != word[i] {
			return false
		}
	}
	return !isLetter(word[0]) || at == 0 || !isAlnum(t[at-1])
}

// hasPrefixOf says whether t begins with one of the words.
func hasPrefixOf(t []byte, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return len(t) >= len(w) && string(t[:len(w)]) == w })
}

// hasSuffixOf says whether t ends with one of the words.
func hasSuffixOf(t []byte, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return len(t) >= len(w) && string(t[len(t)-len(w):]) == w })
}
