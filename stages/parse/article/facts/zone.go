package facts

// zones are those with one meaning, in minutes east of UTC.
var zones = map[string]int{
	"z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180,
	"est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600,
	"jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "bjt": 480, "awst": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}

// american are zones of the United States by what means something else elsewhere: they are so where hours are written with am and pm.
var american = map[string]int{"cst": -360, "et": -300, "ct": -360, "mt": -420, "pt": -480}

// zoneAt reads a zone behind a time; half says that this had am or pm.
func zoneAt(s []byte, i int, half bool) (c clock, end int, ok bool) {
	to := blanks(s, i, 1)
	if byteAt(s, to) == '(' {
		to++
	}
	if c.offset, end, ok = offsetAt(s, to, to == i); ok {
		return c, end, true
	}
	n := word(s, min(to, len(s)))
	if n == 0 || n > 4 {
		return c, i, false
	}
	var buf [longestWord]byte
	name := string(fold(&buf, s[to:to+n]))
	if c.offset, ok = zones[name]; !ok && half {
		if c.offset, ok = american[name]; ok {
			c.summer = len(name) == 2
		}
	}
	if !ok {
		return c, i, false
	}
	end = to + n
	if name == "gmt" || name == "utc" {
		if offset, next, ok := offsetAt(s, blanks(s, end, 1), true); ok {
			c.offset, end = offset, next
		}
	}
	return c, end, true
}

// offsetAt reads +08:00, +0800, +08 or +8. Where it does not follow what it belongs to at once, the minutes must be there: else it may be
// a dash before something else.
func offsetAt(s []byte, i int, adjacent bool) (offset, end int, ok bool) {
	var sign, to int
	switch {
	case byteAt(s, i) == '+':
		sign, to = 1, i+1
	case byteAt(s, i) == '-':
		sign, to = -1, i+1
	case has(s, i, "−"):
		sign, to = -1, i+len("−")
	default:
		return 0, i, false
	}
	n, digits := number(s, to)
	to += digits
	switch digits {
	case 4:
		offset = n/100*60 + n%100
	case 1, 2:
		offset = n * 60
		if minutes, digits := number(s, to+1); byteAt(s, to) == ':' && digits == 2 {
			offset += minutes
			to += 1 + digits
		} else if !adjacent {
			return 0, i, false
		}
	default:
		return 0, i, false
	}
	if offset > 14*60 || offset%15 != 0 {
		return 0, i, false
	}
	return sign * offset, to, true
}

// inSummer says whether summer time holds in the United States: from the second Sunday of March to the first one of November, until 2006 from
// the first one of April to the last one of October, 2:00 each.
func inSummer(d date) bool {
	begin, end := sunday(d.year, 3, 8), sunday(d.year, 11, 1)
	if d.year < 2007 {
		begin, end = sunday(d.year, 4, 1), sunday(d.year, 10, 25)
	}
	at := d.days()*24 + d.hour
	return at >= begin*24+2 && at < end*24+2
}

// sunday is the first Sunday from a day on.
func sunday(year, month, day int) int {
	days := date{year: year, month: month, day: day}.days()
	known := date{year: 2000, month: 1, day: 2}.days() // a Sunday
	return days + ((known-days)%7+7)%7
}
