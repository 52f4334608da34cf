package parse

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
)

// writtenKind recognises files of characters that are no texts, and have no fixed first bytes: mail, and bytes written as
// characters. It wants more of them than a text that quotes one has.
func writtenKind(s sample) *kind {
	switch {
	case isMailbox(s.head):
		return writtenOf("a mailbox (mbox)", adviceMail)
	case isMail(s):
		if bytes.Contains(s.head, []byte("multipart/related")) && bytes.Contains(s.head, []byte("Content-Location:")) ||
			s.ext == ".mht" || s.ext == ".mhtml" {
			return writtenOf("a web page saved as mail (MHTML)", "save it as HTML")
		}
		return writtenOf("a mail", adviceMail)
	case isBase64(s):
		return writtenOf("base64", "decode it first")
	case uuencoded.Match(s.head):
		return writtenOf("uuencoded", "decode it first")
	case isHash(s):
		return writtenOf("a hash alone, as a pointer of Mercurial's largefiles is", advicePointer)
	case isHex(s), isHexDump(s):
		return writtenOf("bytes written in hexadecimal", "decode it first")
	}
	return nil
}

func writtenOf(name, advice string) *kind {
	return &kind{what: name + ": " + advice, reason: ingest.ReasonUnsupported}
}

// mailDate is how the line in front of each mail of a mailbox ends.
var mailDate = regexp.MustCompile(`^From \S+ .*\d\d:\d\d(:\d\d)?.* \d{4}`)

func isMailbox(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("From ")) {
		return false
	}
	line, rest := cutLine(head)
	_, _, found := mailField(first(cutLine(rest)))
	return found && mailDate.Match(line)
}

func first(line, _ []byte) []byte { return line }

// routing are the fields of mail that programs write and people do not.
var routing = []string{
	"mime-version", "content-transfer-encoding", "received", "return-path", "delivered-to", "dkim-signature", "x-mailer",
	"x-originating-ip", "arc-seal", "authentication-results", "content-type",
}

// isMail wants fields from the first line on, one of which only programs write, and a sender or the name of a mail. The head of
// an article of a newsgroup is no mail.
func isMail(s sample) bool {
	called := slices.Contains([]string{".eml", ".mht", ".mhtml", ".emlx", ".mbox"}, s.ext)
	fields, routed, from, rest := 0, false, false, s.head
	if s.ext == ".emlx" { // a line with the length
		_, rest = cutLine(rest)
	}
	for len(rest) > 0 {
		var line []byte
		if line, rest = cutLine(rest); len(line) == 0 {
			break
		}
		if fields > 0 && (line[0] == ' ' || line[0] == '\t') {
			continue // the field goes on
		}
		name, value, ok := mailField(line)
		if !ok {
			return false
		}
		fields++
		lower := string(bytes.ToLower(name))
		routed = routed || slices.Contains(routing, lower)
		from = from || lower == "from" && (bytes.IndexByte(value, '@') >= 0 || bytes.HasPrefix(value, []byte("<"))) || lower == "return-path"
	}
	return from && fields >= 2 && (routed || called)
}

// mailField splits a line that is a field of mail: a name without spaces, a colon, a value.
func mailField(line []byte) (name, value []byte, ok bool) {
	const longest = 60
	name, value, ok = bytes.Cut(line, []byte(":"))
	if !ok || len(name) == 0 || len(name) > longest {
		return nil, nil, false
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return nil, nil, false
		}
	}
	return name, bytes.TrimLeft(value, " \t"), true
}

// uuencoded is how a file in uuencode begins.
var uuencoded = regexp.MustCompile(`^begin(-base64)? [0-7]{3,4} [^\n]+\n[!-` + "`" + `]{2,90}\r?\n`)

// isHash says whether a file is one line with a hash, of MD5, SHA-1 or SHA-256.
func isHash(s sample) bool {
	line := bytes.TrimSpace(s.head)
	if s.cut || len(line) != 32 && len(line) != 40 && len(line) != 64 {
		return false
	}
	digits := 0
	for _, c := range line {
		if hexValue(c) < 0 {
			return false
		}
		if isDigit(c) {
			digits++
		}
	}
	return digits > 0 && digits < len(line)
}

// leastWritten is how many characters must stand for bytes before a file is taken for that.
const leastWritten = 512

// isBase64 wants lines of nothing but the letters, digits and signs of base64, all but the last of one length, with as many
// capitals, small letters and digits as bytes give.
func isBase64(s sample) bool {
	var upper, lower, digit, all, width, odd, lines int
	fits := true
	s.lines(func(line []byte) bool {
		if len(line) == 0 {
			return true
		}
		lines++
		if width == 0 {
			width = len(line)
		} else if len(line) != width {
			odd++
		}
		for _, c := range line {
			switch {
			case c >= 'A' && c <= 'Z':
				upper++
			case c >= 'a' && c <= 'z':
				lower++
			case isDigit(c):
				digit++
			case c == '+', c == '/', c == '=', c == '-', c == '_':
			default:
				fits = false
				return false
			}
		}
		all += len(line)
		return true
	})
	if lines == 0 && s.cut { // a line that goes on behind the head
		return isBase64(sample{head: s.head})
	}
	return fits && all >= leastWritten && width >= 40 && odd <= 1+lines/50 && 5*upper >= all && 5*lower >= all && 20*digit >= all
}

// isHex wants lines of nothing but hexadecimal digits, as many of each as bytes give.
func isHex(s sample) bool {
	var counts [16]int
	all, lines := 0, 0
	fits := true
	s.lines(func(line []byte) bool {
		for _, c := range line {
			v := hexValue(c)
			if v < 0 {
				fits = false
				return false
			}
			counts[v]++
		}
		if len(line) > 0 {
			lines++
		}
		fits = len(line)%2 == 0
		all += len(line)
		return fits
	})
	if lines == 0 && s.cut {
		return isHex(sample{head: s.head[:len(s.head)&^1]})
	}
	return fits && all >= leastWritten && all >= 32*lines && slices.Min(counts[:]) > 0 && 100*slices.Max(counts[:]) < 60*all
}

func hexValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// hexLine is a line of xxd, hexdump or od: an address and bytes.
var hexLine = regexp.MustCompile(`^[0-9a-f]{6,16}:?( {1,2}[0-9a-f]{2,8}){1,16}( {1,}.*)?$`)

// isHexDump wants every line of the head to be one of a dump, of which the last may be an address alone.
func isHexDump(s sample) bool {
	const least = 8
	lines, odd := 0, 0
	s.lines(func(line []byte) bool {
		lines++
		if len(line) == 0 || hexValue(line[0]) < 0 || !hexLine.Match(line) {
			odd++
		}
		return odd <= 2
	})
	return lines >= least && odd <= 2
}
