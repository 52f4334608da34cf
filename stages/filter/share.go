package filter

import (
	"fmt"
	"math"
	"strconv"
)

// Share is a part of a whole, in millionths: 0 to 1 000 000. In settings it is a decimal number from 0 to 1.
type Share int64

const whole = 1_000_000

// UnmarshalText implements encoding.TextUnmarshaler: a decimal number from 0 to 1 with at most six decimals.
func (s *Share) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1 {
		return fmt.Errorf("%q is no number from 0 to 1", text)
	}
	v := Share(math.Round(f * whole))
	if float64(v)/whole != f {
		return fmt.Errorf("%q has more than six decimals", text)
	}
	*s = v
	return nil
}

// MarshalText implements encoding.TextMarshaler: the shortest text that UnmarshalText reads as s.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Share) String() string { return strconv.FormatFloat(float64(s)/whole, 'f', -1, 64) }

// above says whether part/all is more than s. Nothing is no part of anything: 0/0 is 0.
func (s Share) above(part, all int) bool { return int64(part)*whole > int64(s)*int64(all) }

// below says whether part/all is less than s; 0/0 is 0.
func (s Share) below(part, all int) bool {
	if all == 0 {
		return s > 0
	}
	return int64(part)*whole < int64(s)*int64(all)
}
