package facts

import "bytes"

// findDate returns the first date in s that begins at or behind from, and where it begins and ends. It takes dates as people write them, in
// the order of the year (2020-01-02, 2020/1/2, 2020年1月2日), of the day (2 January 2020, 02-Jan-2020, 2.1.2020) or of the month
// (Jan 2, 2020, 1/2/2020), each with the time before or behind it, in words of English and some other languages. Of machine is known
// that it was written by one: a run of digits may be a date then. Years have four digits.
func findDate(s []byte, from int, machine bool) (d date, start, end int, ok bool) {
	for i := from; i < len(s); {
		switch c := s[i]; {
		case isDigit(c):
			if d, end, ok = dateAt(s, i, machine); ok {
				return d, i, end, true
			}
			for i < len(s) && (isDigit(s[i]) || s[i] == '.' || s[i] == '/' || s[i] == '-') { // no date begins within 1.2.3 or 2019-13-45
				i++
			}
		case isLetter(s, i):
			n := word(s, i)
			if d, end, ok = monthAt(s, i, n); ok {
				return d, i, end, true
			}
			i += n
			for i < len(s) && isDigit(s[i]) { // A20200102 is a name
				i++
			}
		default:
			i++
		}
	}
	return date{}, 0, 0, false
}

// dateAt reads a date that begins with the digits at i.
func dateAt(s []byte, i int, machine bool) (d date, end int, ok bool) {
	n, digits := number(s, i)
	next := i + digits
	switch {
	case digits == 4:
		d, next, ok = yearAt(s, n, next)
	case digits <= 2:
		if d, next, ok = dayAt(s, n, next); !ok {
			return clockAt(s, i)
		}
	case machine && (digits == 8 || digits == 12 || digits == 14):
		d, ok = compact(s[i:next])
		if digits > 8 {
			if zone, to, zoned := zoneAt(s, next, false); zoned && ok {
				return zone.on(d), to, true
			}
			return d, next, ok
		}
	case machine && (digits == 10 || digits == 13):
		if len(bytes.TrimSpace(s)) != digits {
			return d, i, false
		}
		seconds := int64(0)
		for _, c := range s[i : i+10] {
			seconds = seconds*10 + int64(c-'0')
		}
		d, ok = fromUnix(seconds)
		return d, next, ok
	}
	if !ok || !d.valid() {
		return date{}, i, false
	}
	return withTime(s, d, next)
}

// compact reads 20200102, with hours, minutes and seconds behind it or not.
func compact(digits []byte) (d date, ok bool) {
	at := func(i int) int { return int(digits[i]-'0')*10 + int(digits[i+1]-'0') }
	d = date{year: at(0)*100 + at(2), month: at(4), day: at(6), precision: toDay}
	if len(digits) >= 12 {
		d.hour, d.minute = at(8), at(10)
		if len(digits) >= 14 {
			d.second = at(12)
		}
		if d.hour > 23 || d.minute > 59 || d.second > 60 {
			return d, false
		}
		d.second = min(d.second, 59)
		d.precision = toSecond
	}
	return d, d.valid()
}

// yearAt goes on behind a year.
func yearAt(s []byte, year, i int) (d date, end int, ok bool) {
	d = date{year: year, precision: toDay}
	if to := blanks(s, i, 2); has(s, to, "年") {
		to = blanks(s, to+len("年"), 2)
		var digits int
		if d.month, digits = number(s, to); digits == 0 || digits > 2 {
			return d, i, false
		}
		if to = blanks(s, to+digits, 2); !has(s, to, "月") {
			return d, i, false
		}
		to = blanks(s, to+len("月"), 2)
		if d.day, digits = number(s, to); digits == 0 || digits > 2 {
			return d, i, false
		}
		end = to + digits
		for _, mark := range []string{"日", "号", "號"} {
			if to = blanks(s, end, 1); has(s, to, mark) {
				return d, to + len(mark), true
			}
		}
		return d, end, true
	}
	separator := byteAt(s, i)
	switch separator {
	case '-', '/', '.', ' ':
	default:
		return d, i, false
	}
	to := i + 1
	if separator == '.' {
		to = blanks(s, to, 1)
	}
	if n := word(s, to); n > 0 && separator != '/' { // 2020-Jan-02
		if d.month = monthOf(s[to : to+n]); d.month == 0 {
			return d, i, false
		}
		to += n
	} else {
		var digits int
		if d.month, digits = number(s, to); digits == 0 || digits > 2 || separator == ' ' {
			return d, i, false
		}
		to += digits
	}
	if byteAt(s, to) != separator {
		return d, i, false
	}
	if to++; separator == '.' {
		to = blanks(s, to, 1)
	}
	var digits int
	if d.day, digits = number(s, to); digits == 0 || digits > 2 {
		return d, i, false
	}
	return d, to + digits, true
}

// dayAt goes on behind the number of a day, or of a month.
func dayAt(s []byte, first, i int) (d date, end int, ok bool) {
	d = date{day: first, precision: toDay}
	if c := byteAt(s, i); c == '/' || c == '-' || c == '.' {
		if second, digits := number(s, i+1); digits == 1 || digits == 2 {
			to := i + 1 + digits
			year, digits := number(s, to+1)
			if byteAt(s, to) != c || digits != 4 {
				return d, i, false
			}
			d.year, d.month = year, second
			switch { // a full stop parts dates where days come first
			case second > 12 && first <= 12 && c != '.':
				d.day, d.month, d.order = second, first, monthFirst
			case second <= 12 && first <= 12 && second != first && c != '.':
				d.either = true
			case first > 12:
				d.order = dayFirst
			}
			return d, to + 1 + digits, true
		}
	}
	to := i
	for _, ordinal := range []string{"st", "nd", "rd", "th", "er", "º"} {
		if has(s, to, ordinal) {
			to += len(ordinal)
			break
		}
	}
	if to = gap(s, to); to == i {
		return d, i, false
	}
	n := word(s, to)
	if d.month = monthOf(s[to : to+n]); d.month == 0 {
		return d, i, false
	}
	d.year, end, ok = yearBehind(s, to+n)
	return d, end, ok
}

// monthAt reads a date that begins with the word of n bytes at i, the name of a month.
func monthAt(s []byte, i, n int) (d date, end int, ok bool) {
	to := gap(s, i+n)
	if !isDigit(byteAt(s, to)) {
		return d, i, false
	}
	d = date{month: monthOf(s[i : i+n]), precision: toDay}
	if d.month == 0 {
		return d, i, false
	}
	var digits int
	if d.day, digits = number(s, to); digits == 0 || digits > 2 {
		return d, i, false
	}
	to += digits
	for _, ordinal := range []string{"st", "nd", "rd", "th"} {
		if has(s, to, ordinal) {
			to += len(ordinal)
			break
		}
	}
	if year, next, ok := yearBehind(s, to); ok {
		if d.year = year; !d.valid() {
			return d, i, false
		}
		return withTime(s, d, next)
	}
	clock, next, ok := timeAt(s, gap(s, to)) // Thu Jan 02 15:04:05 CST 2020
	if !ok {
		return d, i, false
	}
	if to := gap(s, next); to > next { // a zone that says nothing
		if n := word(s, to); n >= 2 && n <= 4 {
			next = to + n
		}
	}
	if d.year, next, ok = yearBehind(s, next); !ok || !d.valid() {
		return d, i, false
	}
	return clock.on(d), next, true
}

// yearBehind reads the year behind a day and a month.
func yearBehind(s []byte, i int) (year, end int, ok bool) {
	to := gap(s, i)
	if to == i {
		return 0, i, false
	}
	if n := word(s, to); isWeekday(s[to : to+n]) {
		to = gap(s, to+n)
	}
	year, digits := number(s, to)
	return year, to + digits, digits == 4
}

// gap skips what may stand between the parts of a date that has a word in it.
func gap(s []byte, i int) int {
	for range 4 {
		switch c := byteAt(s, i); {
		case c == ' ' || c == ',' || c == '.' || c == '-' || c == '/' || c == '\t' || c == '\n' || c == '\r':
			i++
		case has(s, i, "\u00A0"):
			i += 2
		case (has(s, i, "of ") || has(s, i, "de ")) && i > 0 && s[i-1] == ' ':
			i += 3
		case has(s, i, "，"):
			i += len("，")
		default:
			return i
		}
	}
	return i
}

// blanks skips up to n characters of white space.
func blanks(s []byte, i, n int) int {
	for range n {
		switch {
		case byteAt(s, i) == ' ', byteAt(s, i) == '\t', byteAt(s, i) == '\n', byteAt(s, i) == '\r':
			i++
		case has(s, i, "\u00A0"):
			i += 2
		case has(s, i, "\u3000"):
			i += 3
		default:
			return i
		}
	}
	return i
}

// number reads digits; where there are more than 18 of them, the number means nothing.
func number(s []byte, i int) (n, digits int) {
	for i+digits < len(s) && isDigit(s[i+digits]) {
		if digits < 18 {
			n = n*10 + int(s[i+digits]-'0')
		}
		digits++
	}
	return n, digits
}

// word is the length of the word of Latin letters at i.
func word(s []byte, i int) int {
	n := 0
	for i+n < len(s) && isLetter(s, i+n) {
		if s[i+n] >= 0x80 {
			n++
		}
		n++
	}
	return n
}

// isLetter says whether a Latin letter begins at i.
func isLetter(s []byte, i int) bool {
	c := s[i]
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0xC3 && c <= 0xC5 && i+1 < len(s)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// byteAt is the byte at i, 0 behind the end.
func byteAt(s []byte, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// has says whether what stands at i begins so.
func has(s []byte, i int, prefix string) bool {
	return i+len(prefix) <= len(s) && string(s[i:i+len(prefix)]) == prefix
}
