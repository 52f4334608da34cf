package charset

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

const (
	// mixedShare is the part of the bytes above 0x7F, one in so many, that must be UTF-8 for a file to be one of two
	// encodings. In 9 833 files of news in GB18030 that were measured it is never more than one in 13, but for scraps.
	mixedShare = 8
	// mixedBytes is how many of them there must be at least.
	mixedBytes = 60
)

// mixed says whether much of what is not ASCII in head is well-formed UTF-8, in characters of at least so many bytes, of
// which two in a row are rare in the encoding that was found.
func mixed(head []byte, size int) bool {
	high, formed := 0, 0
	if size == 3 {
		high, formed = countThrees(head)
		formed *= size
		head = nil
	}
	for i := 0; i < len(head); {
		b := head[i]
		if b < utf8.RuneSelf {
			i++
			continue
		}
		n := 1
		switch {
		case b >= 0xC2 && b < 0xE0:
			n = 2
		case b >= 0xE0 && b < 0xF0:
			n = 3
		}
		if n > 1 && i+n <= len(head) && continued(head[i+1:i+n]) {
			formed += n
		} else {
			n = 1
		}
		high += n
		i += n
	}
	return formed >= mixedBytes && formed*mixedShare > high
}

func continued(b []byte) bool {
	for _, c := range b {
		if c&0xC0 != 0x80 {
			return false
		}
	}
	return true
}

// stray says whether what is not UTF-8 in head is so little that it is damage to ASCII or UTF-8: a byte or two, one byte
// in 256, or less than half of the rest that is not ASCII.
func stray(head []byte) bool {
	invalid, formed := 0, 0
	for i := 0; i < len(head); {
		if head[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && size == 1 {
			invalid++
		} else {
			formed += size
		}
		i += size
	}
	return invalid <= max(2, len(head)/256) || 2*invalid <= formed
}

// mixedLines names the encoding beside UTF-8 of a head whose lines are in one or the other, by themselves, but for one in
// twenty; "" if there are none of UTF-8 or none of another that convince.
func mixedLines(head []byte, whole bool) (other string) {
	valid, known, unknown := 0, 0, 0
	for len(head) > 0 {
		size := bytes.IndexByte(head, '\n') + 1
		if size == 0 {
			if size = len(head); !whole {
				break // which may be cut anywhere
			}
		}
		line := head[:size]
		head = head[size:]
		high := firstHigh(line)
		switch {
		case high == size:
		case text.ValidPrefix(line) == size:
			if formed(line) > 0 {
				valid++
			}
		default:
			switch name := ofLine(line, high, true); name {
			case Unknown:
				unknown++
			case UTF8:
				valid++
			default:
				known++
				other = name
			}
		}
	}
	if valid == 0 || known == 0 || unknown*20 > valid+known {
		return ""
	}
	return other
}
