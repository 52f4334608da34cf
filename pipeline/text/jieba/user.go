package jieba

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a dictionary of a user.
const (
	maxUserBytes = 64 << 20
	maxUserLine  = 4 << 10
	maxUserWords = 500_000
	maxWord      = 64 // characters: the longest of jieba has 16
)

// With is a new dictionary of the words of d and those of a user, as load_userdict of jieba reads them: a word a line, with its frequency and a
// tag behind it, each after one space; a byte order mark before it is no part of it. Without a frequency a word gets one with which it is cut out
// of text. A later frequency replaces an earlier one; with 0 a word is none, and the HMM does not make it either. Tags are not kept.
//
// An error names the line: text that is not UTF-8, a word of more than 64 characters, a frequency of 2^31 or more; and there may be at most 500 000
// words in 64 MiB. It takes some hundred milliseconds.
func (d *Dictionary) With(user io.Reader) (*Dictionary, error) {
	u := newDraft(d)
	limited := &io.LimitedReader{R: user, N: maxUserBytes + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, maxUserLine)
	n := 0
	for lines.Scan() {
		n++
		if err := u.line(lines.Bytes()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: it has more than %d bytes", n+1, maxUserLine)
	case err != nil:
		return nil, err
	case limited.N == 0:
		return nil, fmt.Errorf("it has more than %d bytes", maxUserBytes)
	}
	return u.dictionary()
}

// line adds the word of a line.
func (u *draft) line(raw []byte) error {
	raw = bytes.Trim(raw, " \t\n\r\v\f")
	if !utf8.Valid(raw) {
		return errors.New("it is not valid UTF-8")
	}
	text := strings.TrimLeft(string(raw), "\ufeff")
	if text == "" {
		return nil
	}
	if u.words++; u.words > maxUserWords {
		return fmt.Errorf("there are more than %d words", maxUserWords)
	}
	text, _ = cutField(text, 'a', 'z')
	text, digits := cutField(text, '0', '9')
	word := []rune(text)
	if len(word) > maxWord {
		return fmt.Errorf("a word of %d characters: it may have %d", len(word), maxWord)
	}
	if digits == "" {
		return u.add(word, u.suggest(word))
	}
	freq, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return fmt.Errorf("the frequency %s is not below 2147483648", digits)
	}
	return u.add(word, uint32(freq))
}

// cutField cuts off what stands behind the last space, if that is of characters from low to high only and something stands before the space.
func cutField(text string, low, high byte) (rest, field string) {
	space := strings.LastIndexByte(text, ' ')
	if space <= 0 || space == len(text)-1 {
		return text, ""
	}
	for _, c := range []byte(text[space+1:]) {
		if c < low || c > high {
			return text, ""
		}
	}
	return text[:space], text[space+1:]
}
