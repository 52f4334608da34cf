package datatrove

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
)

// layout measures lines and paragraphs that line feeds part.
type layout struct {
	classes *classTable
	texts   texts
}

// shortLine is how many characters a short line has at most.
const shortLine = 30

// measure puts the figures of lines and paragraphs into out. A text has chars characters, of which inLines are no line feeds.
func (l *layout) measure(text []byte, chars, inLines int64, out []int64) {
	l.paragraphs(text, chars, out)
	l.texts.reset(int(chars-inLines) + 1)
	var lines, dup, dupAll, filled, ended, short, dupFilled int64
	var longest [3]int64
	for start := 0; ; {
		end := start
		if i := bytes.IndexByte(text[start:], '\n'); i >= 0 {
			end += i
		} else {
			end = len(text)
		}
		line := text[start:end]
		lines++
		n := int64(-1)
		if int64(len(line)) > longest[2] || len(line) <= shortLine*utf8.UTFMax {
			n = countRunes(line)
			longest = withLonger(longest, n)
		}
		_, before := l.texts.add(text, span{int32(start), int32(end)})
		if before {
			if n < 0 {
				n = countRunes(line)
			}
			dup++
			dupAll += n
		}
		if from, to := l.classes.strip(text, start, end); from < to {
			filled++
			if before {
				dupFilled += n
			}
			if n >= 0 && n <= shortLine {
				short++
			}
			if c, _ := l.classes.before(text, end); c&endMark != 0 {
				ended++
			}
		}
		if end == len(text) {
			break
		}
		for start = end; start < len(text) && text[start] == '\n'; {
			start++
		}
	}
	out[dupLines] = signal.Share(dup, lines)
	out[dupLineChars] = signal.Share(dupAll, chars)
	out[filledLines] = filled
	out[endedLines] = signal.Share(ended, filled)
	out[shortLines] = signal.Share(short, filled)
	out[dupFilledLineChars] = signal.Share(dupFilled, inLines)
	out[thirdLineChars] = longest[2]
}

// withLonger is the three longest of four.
func withLonger(longest [3]int64, n int64) [3]int64 {
	for i, l := range longest {
		if n > l {
			longest[i], n = n, l
		}
	}
	return longest
}

// paragraphs measures what two or more line feeds part.
func (l *layout) paragraphs(text []byte, chars int64, out []int64) {
	blank := []byte("\n\n")
	start, end := l.classes.strip(text, 0, len(text))
	l.texts.reset(bytes.Count(text[start:end], blank) + 1)
	var all, dup, dupChars int64
	for start < end {
		to := end
		if i := bytes.Index(text[start:end], blank); i >= 0 {
			to = start + i
		}
		all++
		if _, before := l.texts.add(text, span{int32(start), int32(to)}); before {
			dup++
			dupChars += countRunes(text[start:to])
		}
		for start = to; start < end && text[start] == '\n'; {
			start++
		}
	}
	out[dupParagraphs] = signal.Share(dup, all)
	out[dupParagraphChars] = signal.Share(dupChars, chars)
}
