package facts

// clock is a time of day, or a zone alone.
type clock struct {
	hour, minute, second int
	offset               int
	precision            precision // unknown for a zone alone, toSecond or toZone
	summer               bool      // the zone has summer time as in the United States, and the offset is that of winter
}

// on is the time on a day; a zone alone is that of the time which the day has.
func (c clock) on(d date) date {
	if c.precision != unknown {
		d.hour, d.minute, d.second = c.hour, c.minute, c.second
	}
	d.precision = toSecond
	if c.precision != toSecond {
		d.precision, d.offset = toZone, c.offset
		if c.summer && inSummer(d) {
			d.offset += 60
		}
	}
	return d
}

// withTime adds the time that stands behind a day, if one does.
func withTime(s []byte, d date, i int) (whole date, end int, ok bool) {
	c, next, ok := timeAt(s, between(s, i))
	if !ok {
		return d, i, endsHere(s, i)
	}
	return c.on(d), next, true
}

// endsHere says whether a number may end at i: 2020-01-023 and 1.12.2020.5 are no dates.
func endsHere(s []byte, i int) bool {
	return !isDigit(byteAt(s, i)) && (byteAt(s, i) != '.' || !isDigit(byteAt(s, i+1)))
}

// clockAt reads a time that stands before its day: 15:04, 2 January 2020.
func clockAt(s []byte, i int) (d date, end int, ok bool) {
	c, next, ok := timeAt(s, i)
	if !ok {
		return d, i, false
	}
	next = between(s, next)
	switch n, digits := number(s, next); {
	case digits == 4:
		d, end, ok = yearAt(s, n, next+digits)
	case digits == 1 || digits == 2:
		d, end, ok = dayAt(s, n, next+digits)
	case digits == 0 && next < len(s):
		n := word(s, next)
		if d.month = monthOf(s[next : next+n]); d.month == 0 {
			return d, i, false
		}
		to := gap(s, next+n)
		d.day, digits = number(s, to)
		if digits == 0 || digits > 2 {
			return d, i, false
		}
		d.precision = toDay
		d.year, end, ok = yearBehind(s, to+digits)
	default:
		return d, i, false
	}
	if !ok || !d.valid() || !endsHere(s, end) {
		return date{}, i, false
	}
	return c.on(d), end, true
}

// between skips what may stand between a day and its time: white space, marks, the day of the week, a word.
func between(s []byte, i int) int {
	for range 8 {
		switch c := byteAt(s, i); {
		case c == ' ' || c == ',' || c == '-' || c == '|' || c == '@' || c == '(' || c == ')' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '/':
			i++
		case c == 'T' || c == 't':
			if isDigit(byteAt(s, i+1)) && i > 0 && isDigit(s[i-1]) {
				return i + 1
			}
			n := word(s, i)
			if !isWeekday(s[i : i+n]) {
				return i
			}
			i += n
		case c == 0:
			return i
		case isLetter(s, i):
			n := word(s, i)
			var buf [longestWord]byte
			if !isWeekday(s[i:i+n]) && !fillers[string(fold(&buf, s[i:i+n]))] {
				return i
			}
			i += n
		default:
			n := markAt(s, i)
			if n == 0 {
				return i
			}
			i += n
		}
	}
	return i
}

// fillers are words between a day and its time.
var fillers = map[string]bool{"at": true, "on": true, "um": true, "uhr": true, "klo": true, "kl": true}

// marks are what else may stand there, longer ones first.
var marks = []string{"\u00A0", "\u3000", "–", "—", "·", "•", "｜", "，", "（", "）", "星期", "周", "週"}

// markAt is the length of one of them, with the day of a week that stands in it.
func markAt(s []byte, i int) int {
	for _, m := range marks {
		if !has(s, i, m) {
			continue
		}
		n := len(m)
		if m == "星期" || m == "周" || m == "週" {
			for _, day := range []string{"一", "二", "三", "四", "五", "六", "日", "天", "末"} {
				if has(s, i+n, day) {
					return n + len(day)
				}
			}
			return 0
		}
		return n
	}
	return 0
}

// timeAt reads a time of day: 15:04, 15:04:05.678, 3:04 PM, 3pm, 15时04分, 下午3:04, with a zone behind it or not.
func timeAt(s []byte, i int) (c clock, end int, ok bool) {
	half, to := halfBefore(s, i)
	hour, digits := number(s, to)
	if digits == 0 || digits > 2 && (digits != 4 && digits != 6 || i == 0 || s[i-1] != 'T') {
		return c, i, false
	}
	if to += digits; digits > 2 { // T1504, T150405
		c.second = hour % 100
		if hour /= 100; digits == 4 {
			hour, c.second = hour*100+c.second, 0
		}
		c.minute, c.hour = hour%100, hour/100
		return c.check(s, to, i, false)
	}
	c.hour = hour
	bare := true // an hour alone is a time with am or pm only
	switch mark := hourMark(s, to); mark {
	case "":
	case "时", "時", "点", "點":
		bare = false
		to += len(mark)
		if n, digits := number(s, blanks(s, to, 1)); digits == 1 || digits == 2 {
			c.minute = n
			to = blanks(s, to, 1) + digits
			if has(s, to, "分") {
				to += len("分")
				if n, digits := number(s, to); (digits == 1 || digits == 2) && has(s, to+digits, "秒") {
					c.second = n
					to += digits + len("秒")
				}
			}
		}
	default:
		n, digits := number(s, to+len(mark))
		if digits != 2 && mark != "h" || digits > 2 {
			if mark == "." {
				break
			}
			return c, i, false
		}
		bare = mark == "."
		c.minute = n
		to += len(mark) + digits
		if n, digits := number(s, to+len(mark)); digits == 2 && mark != "." && has(s, to, mark) {
			c.second = n
			to += len(mark) + digits
			if byteAt(s, to) == '.' || byteAt(s, to) == ',' {
				if _, digits := number(s, to+1); digits > 0 && digits <= 9 {
					to += 1 + digits
				}
			}
		}
	}
	if half == 0 {
		half, to = halfBehind(s, to)
	}
	switch {
	case half == 0 && bare:
		return c, i, false
	case half > 0 && c.hour > 12 && !bare: // 15:04 PM
	case half == 'p' && c.hour < 12:
		c.hour += 12
	case half == 'a' && c.hour == 12:
		c.hour = 0
	}
	return c.check(s, to, i, half != 0)
}

// check ends a time that was read up to to, and reads its zone; half says that it had am or pm.
func (c clock) check(s []byte, to, start int, half bool) (clock, int, bool) {
	if c.hour > 23 || c.minute > 59 || c.second > 60 || isDigit(byteAt(s, to)) {
		return clock{}, start, false
	}
	c.second = min(c.second, 59) // a leap second, which not every reader of RFC 3339 knows
	c.precision = toSecond
	if zone, next, ok := zoneAt(s, to, half); ok {
		c.offset, c.summer, c.precision = zone.offset, zone.summer, toZone
		to = next
	}
	return c, to, true
}

// hourMark is what parts hours from minutes.
func hourMark(s []byte, i int) string {
	for _, mark := range []string{":", "：", "时", "時", "点", "點", ".", "h"} {
		if has(s, i, mark) {
			return mark
		}
	}
	return ""
}

// halves are words for the halves of a day that stand before the time.
var halves = []struct {
	word string
	half byte
}{
	{"上午", 'a'}, {"下午", 'p'}, {"凌晨", 'a'}, {"早上", 'a'}, {"早晨", 'a'}, {"清晨", 'a'}, {"中午", 'n'}, {"傍晚", 'p'}, {"晚上", 'p'}, {"晚间", 'p'},
}

// halfBefore reads one; of noon hours from 1 to 3 are those of the second half.
func halfBefore(s []byte, i int) (half byte, end int) {
	for _, h := range halves {
		if !has(s, i, h.word) {
			continue
		}
		end = blanks(s, i+len(h.word), 1)
		if half = h.half; half == 'n' {
			half = 'p'
			if hour, _ := number(s, end); hour > 9 && hour < 12 {
				half = 'a'
			}
		}
		return half, end
	}
	return 0, i
}

// halfBehind reads am or pm, as people write them.
func halfBehind(s []byte, i int) (half byte, end int) {
	to := blanks(s, i, 1)
	half = byteAt(s, to) | 0x20
	if half != 'a' && half != 'p' {
		return 0, i
	}
	if to++; byteAt(s, to) == '.' {
		to = blanks(s, to+1, 1)
	}
	if byteAt(s, to)|0x20 != 'm' {
		return 0, i
	}
	if to++; byteAt(s, to) == '.' {
		to++
	}
	if to < len(s) && isLetter(s, to) {
		return 0, i
	}
	return half, to
}
