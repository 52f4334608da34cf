package parse

import "bytes"

// taggedShare is the share of words, in percent, that have a tag in a tagged text.
const taggedShare = 60

// tagSample is how many words of a record decide whether it is tagged.
const tagSample = 256

// tagSeparator is the character between the words and the tags of a text: slash or low line, 0 if the words have no tags.
// It is one for the whole record, because in text without tags a word such as km/h may stand anywhere.
func tagSeparator(text []byte) byte {
	if id := articleID(text); len(id) > 0 && bytes.HasPrefix(text[len(articleLayout):], []byte("/")) {
		return '/'
	}
	words, slashes, lows := 0, 0, 0
	for i := 0; i < len(text) && words < tagSample; {
		if n := separator(text, i); n > 0 {
			i += n
			continue
		}
		if text[i] == '\n' || text[i] == '\r' {
			i++
			continue
		}
		start := i
		for i < len(text) && text[i] != '\n' && text[i] != '\r' && separator(text, i) == 0 {
			i++
		}
		words++
		switch word := text[start:i]; {
		case isTag(word, '/'):
			slashes++
		case isTag(word, '_'):
			lows++
		}
	}
	switch {
	case words == 0:
		return 0
	case 100*slashes >= taggedShare*words:
		return '/'
	case 100*lows >= taggedShare*words:
		return '_'
	}
	return 0
}

// isTag says whether a word ends in a tag: the last separator, and behind it up to eight letters, as in n, vshi, NR-SHORT,
// n]nt.
func isTag(word []byte, sep byte) bool {
	i := bytes.LastIndexByte(word, sep)
	if i < 0 || i+1 == len(word) || len(word)-i-1 > maxTag {
		return false
	}
	for _, c := range word[i+1:] {
		if letter := c | 0x20; (letter < 'a' || letter > 'z') && c != ']' && c != '-' && c != '%' && !isDigit(c) {
			return false
		}
	}
	return true
}

const maxTag = 10

// extraTag stands behind some words of the People's Daily corpus.
const extraTag = "/l/%"

// cutTag cuts a word at the last separator. It also drops the bracket that opens a compound, [中央/n, the tag that closes
// one, 电台/n]nt, and an extra tag; marks is how many of these there were. A bracket that is a word of its own stays.
func cutTag(token []byte, sep byte) (word []byte, marks int64) {
	word = token
	if rest, found := bytes.CutSuffix(word, []byte(extraTag)); found && sep == '/' {
		word = rest
		marks++
		if !isTag(word, sep) {
			return openBrackets(word, marks)
		}
	}
	i := bytes.LastIndexByte(word, sep)
	if i < 0 || !isTag(word, sep) {
		if isTagged(word) { // ]nt, with a space before it
			return nil, marks + 1
		}
		return word, marks
	}
	if bytes.IndexByte(word[i+1:], ']') >= 0 {
		marks++
	}
	return openBrackets(word[:i], marks)
}

func openBrackets(word []byte, marks int64) ([]byte, int64) {
	for len(word) > 1 && word[0] == '[' {
		word = word[1:]
		marks++
	}
	return word, marks
}
