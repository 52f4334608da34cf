package facts

import "bytes"

// Bounds of a date that is written in several lines, in bytes.
const (
	maxPiece  = 16 // of a line
	maxPieces = 48
)

// splitDate takes a date that is written in several short lines near the text, as in a box: the day in large figures, the month beneath it.
func (c *Collector) splitDate(text []byte, place Place, plain origin) {
	if text = bytes.TrimSpace(text); place != Head || len(text) > maxPiece || len(c.pieces)+len(text) > maxPieces {
		c.pieces = c.pieces[:0]
		return
	}
	start := len(c.pieces)
	c.pieces = append(append(c.pieces, text...), ' ')
	if start == 0 {
		return
	}
	s := c.pieces[:len(c.pieces)-1]
	for i := 0; ; {
		d, _, end, ok := findDate(s, i, false)
		if !ok {
			break
		}
		if i = end; i > start && i == len(s) && d.precision >= c.published.of[plain].precision {
			c.published.of[plain] = d
			return
		}
	}
	// The day, then year and month.
	before := bytes.TrimSpace(s[:start])
	before = before[bytes.LastIndexByte(before, ' ')+1:]
	day, digits := number(before, 0)
	if digits == 0 || digits > 2 || digits != len(before) {
		return
	}
	d := date{day: day, precision: toDay}
	year, digits := number(text, 0)
	if digits != 4 {
		return
	}
	rest := text[4:]
	for _, mark := range []string{"年", "-", ".", "/"} {
		month, ok := bytes.CutPrefix(rest, []byte(mark))
		if !ok {
			continue
		}
		d.year = year
		if d.month, digits = number(month, 0); (digits == len(month) || mark == "年" && string(month[digits:]) == "月") && d.valid() {
			if c.published.of[plain].precision <= toDay {
				c.published.of[plain] = d
			}
		}
	}
}

// yearless takes the day of a publication that is printed without its year, 发布时间：10-08, or with two figures of it, 18-10-08. It is one
// where the page says elsewhere that it was changed on that day of a year.
func (c *Collector) yearless(text []byte, place Place) {
	at := bytes.IndexAny(text, "0123456789")
	if place != Head || at < 0 || len(text) > maxPlain || c.printed.day != 0 || labelOf(text[:at], labelReach) != labelPublished {
		return
	}
	d := date{precision: toDay}
	var digits int
	d.month, digits = number(text, at)
	at += digits
	switch {
	case digits > 2:
		return
	case has(text, at, "-"):
		at++
		if n, digits := number(text, at); digits == 2 && has(text, at+digits, "-") {
			d.year, d.month = d.month, n
			at += digits + 1
		}
	case has(text, at, "月"):
		at += len("月")
	default:
		return
	}
	d.day, digits = number(text, at)
	if digits == 4 && byteAt(text, at+digits) == ':' { // with the time, which stands beside it in an element of its own
		d.day, digits = d.day/100, 2
	}
	if digits == 1 || digits == 2 {
		c.printed = d
	}
}

// inYear is the day that yearless found, in the year of a change on that day.
func (c *Collector) inYear(modified date) date {
	if modified.precision == unknown || c.printed.month != modified.month || c.printed.day != modified.day ||
		c.printed.year != 0 && c.printed.year != modified.year%100 {
		return date{}
	}
	modified.precision = toDay
	return modified
}
