package pipeline

import (
	"fmt"
	"strconv"
	"strings"
)

// Thousands writes a count for people: 1,234,567.
func Thousands[T ~int | ~int32 | ~int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted writes a count with its noun, whose plural ends in s, for people: 1 file, 2,000 files.
func Counted[T ~int | ~int32 | ~int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + noun + "s"
}

// TasksDone says how many tasks are done, for people: 3 of 20 tasks are done.
func TasksDone(done, total int) string {
	are := "are"
	if total == 1 {
		are = "is"
	}
	return fmt.Sprintf("%s of %s %s done", Thousands(done), Counted(total, "task"), are)
}

// ByteSize writes a size for people: 17 B, 1.2 MB.
func ByteSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, units := float64(n)/1000, "kMGTPE"
	for f >= 999.95 && len(units) > 1 {
		f, units = f/1000, units[1:]
	}
	return fmt.Sprintf("%.1f %cB", f, units[0])
}

// Excerpt is the beginning of a text, valid UTF-8 and at most n bytes.
func Excerpt(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// FirstChars are the first n characters of a text.
func FirstChars(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}
