package strict

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// IsSize says whether the value of a key is a number of bytes, and may be written with a unit.
func IsSize(path string, t reflect.Type) bool {
	return t.Kind() == reflect.Int64 && (strings.HasSuffix(path, "_bytes") || path == "bytes" || strings.HasSuffix(path, ".bytes"))
}

// units of sizes, the ones that FormatSize prefers first.
var units = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40},
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"TB", 1e12},
	{"GB", 1e9},
	{"MB", 1e6},
	{"kB", 1e3},
	{"B", 1},
}

// ParseSize reads a number of bytes with its unit: 64MiB, 1.5 GB, 512B. A bare number is bytes. Units are not case
// sensitive.
func ParseSize(s string) (int64, error) {
	text := strings.TrimSpace(s)
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit := int64(1)
	if name := text[len(digits):]; name != "" {
		unit = 0
		for _, u := range units {
			if strings.EqualFold(u.name, name) {
				unit = u.bytes
			}
		}
		if unit == 0 {
			return 0, fmt.Errorf("%q is not a size: the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB", s)
		}
	}
	digits = strings.TrimSpace(digits)
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n >= 0 && n <= math.MaxInt64/unit {
		return n * unit, nil
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f*float64(unit) >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is not a size such as 64MiB", s)
	}
	return int64(f * float64(unit)), nil
}

// FormatSize writes a number of bytes in the largest unit that gives a whole number. ParseSize reads it back.
func FormatSize(n int64) string {
	if n > 0 {
		for _, u := range units[:4] {
			if n%u.bytes == 0 {
				return strconv.FormatInt(n/u.bytes, 10) + u.name
			}
		}
	}
	return strconv.FormatInt(n, 10)
}
