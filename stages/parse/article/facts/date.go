package facts

// Years that a page may be of. The web has none before, and there is no clock here that would know a better end.
const (
	firstYear = 1990
	lastYear  = 2100
)

// precision is how much of a time is stated.
type precision uint8

const (
	unknown  precision = iota
	toDay              // a day
	toSecond           // a time of a day, in a zone that is not stated
	toZone             // a time
)

// date is a day or a time as a page states it. Its zero value is none.
type date struct {
	year, month, day     int
	hour, minute, second int
	offset               int // of the zone, in minutes east of UTC
	precision            precision
	either               bool // day and month may be the other way round, as in 03/04/2020
	order                order
}

// order is that of day and month, where dates are numbers.
type order uint8

const (
	noOrder order = iota
	monthFirst
	dayFirst
)

// valid says whether there is such a day.
func (d date) valid() bool {
	return d.year >= firstYear && d.year <= lastYear && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= daysOf(d.year, d.month)
}

func daysOf(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// sameDay says whether two dates are of one day, each in its zone.
func (d date) sameDay(o date) bool { return d.year == o.year && d.month == o.month && d.day == o.day }

// swapped is the date with day and month the other way round.
func (d date) swapped() date {
	d.month, d.day = d.day, d.month
	return d
}

// days counts days, from any fixed one on: the algorithm is Howard Hinnant's days_from_civil.
func (d date) days() int {
	y, m := d.year, d.month
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d.day
}

// append writes a time as RFC 3339 has it, a day as 2006-01-02, and a time without a zone as 2006-01-02T15:04:05.
func (d date) append(dst []byte) []byte {
	dst = append(dst, byte('0'+d.year/1000), byte('0'+d.year/100%10))
	dst = append(two(dst, d.year%100), '-')
	dst = append(two(dst, d.month), '-')
	dst = two(dst, d.day)
	if d.precision < toSecond {
		return dst
	}
	dst = append(two(append(dst, 'T'), d.hour), ':')
	dst = append(two(dst, d.minute), ':')
	dst = two(dst, d.second)
	if d.precision < toZone {
		return dst
	}
	offset := d.offset
	switch {
	case offset == 0:
		return append(dst, 'Z')
	case offset < 0:
		dst, offset = append(dst, '-'), -offset
	default:
		dst = append(dst, '+')
	}
	dst = append(two(dst, offset/60), ':')
	return two(dst, offset%60)
}

func two(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// fromUnix is the time of a number of seconds since 1970.
func fromUnix(seconds int64) (d date, ok bool) {
	if seconds < 0 || seconds > 1<<33 {
		return d, false
	}
	epoch := date{year: 1970, month: 1, day: 1}.days()
	rest := int(seconds / (24 * 60 * 60))
	d = date{year: 1970, month: 1, day: 1, precision: toZone}
	d.year += rest / 366 // never beyond the year that is looked for
	for d.year < lastYear && (date{year: d.year + 1, month: 1, day: 1}).days() <= epoch+rest {
		d.year++
	}
	for d.month < 12 && (date{year: d.year, month: d.month + 1, day: 1}).days() <= epoch+rest {
		d.month++
	}
	d.day = epoch + rest - d.days() + 1
	clock := int(seconds % (24 * 60 * 60))
	d.hour, d.minute, d.second = clock/3600, clock/60%60, clock%60
	return d, d.valid()
}
