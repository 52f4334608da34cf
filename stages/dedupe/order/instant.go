package order

import "time"

// instantLayout is how a time of day in UTC is written whose rank is compared; a day alone is its first 10 bytes.
const instantLayout = "2006-01-02T15:04:05"

// appendInstant appends a time of RFC 3339 as that time in UTC, without the zone and without zeros at the end of a fraction, so that times of
// different zones compare as what they are, and one without a zone as if it were of UTC. What is no such time is appended as it is.
func appendInstant(dst []byte, s string) []byte {
	if len(s) <= len(instantLayout) || s[10] != 'T' && s[10] != 't' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return append(dst, s...)
	}
	t, err := time.Parse(time.RFC3339Nano, s[:10]+"T"+s[11:])
	if err != nil {
		return append(dst, s...)
	}
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return append(dst, s...)
	}
	return t.AppendFormat(dst, instantLayout+".999999999")
}

// instant reads a time of RFC 3339, one without a zone as if it were of UTC, and a day as its beginning, of the years that nanoseconds can
// count (1678 to 2261).
func instant(s string) (t time.Time, ok bool) {
	for _, layout := range [...]string{time.RFC3339Nano, instantLayout, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, 1678 <= t.Year() && t.Year() <= 2261
		}
	}
	return time.Time{}, false
}
