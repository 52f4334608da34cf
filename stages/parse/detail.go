package parse

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDetail bounds Reject.Detail, in bytes.
const maxDetail = 200

// clip makes a text fit for Reject.Detail: valid UTF-8 of bounded length.
func clip(s string) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if len(s) <= maxDetail {
		return s
	}
	const dots = "…"
	end := maxDetail - len(dots)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + dots
}

// excerpt quotes what stands at a place of a record.
func excerpt(rec []byte, at int) string {
	const length = 24
	if at >= len(rec) {
		return "the end"
	}
	return strconv.Quote(strings.ToValidUTF8(string(rec[at:min(at+length, len(rec))]), ""))
}

// recordHead is how much of a record stands in the detail of its reject.
const recordHead = 48

// withHead adds the beginning of a record to what is wrong with it: people find it by that.
func withHead(detail string, head []byte) string {
	if len(head) == 0 {
		return detail
	}
	text := strings.ToValidUTF8(string(head[:min(len(head), recordHead)]), string(utf8.RuneError))
	if len(head) >= recordHead {
		text = strings.TrimRight(text, string(utf8.RuneError)) + "…" // half a character, perhaps
	}
	if strconv.CanBackquote(text) {
		return detail + ", in `" + text + "`"
	}
	return detail + ", in " + strconv.Quote(text)
}
