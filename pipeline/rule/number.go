package rule

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Number is a decimal with at most six digits behind the point, in millionths.
type Number int64

// One is the number 1.
const One Number = 1_000_000

var (
	million     = new(big.Rat).SetInt64(int64(One))
	errDecimals = errors.New("has more than six decimals")
)

// ParseNumber reads a whole number as YAML writes it (50, 1_000_000, 0x32), or a decimal (0.3, 3e-1).
func ParseNumber(text string) (Number, error) {
	number := new(big.Rat)
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		number.SetInt64(n)
	} else if _, ok := number.SetString(text); !ok || strings.Contains(text, "/") { // 1/3 is one for package big
		return 0, fmt.Errorf("%q is no number", text)
	}
	number.Mul(number, million)
	switch {
	case !number.IsInt():
		return 0, fmt.Errorf("%q %w", text, errDecimals)
	case !number.Num().IsInt64():
		return 0, fmt.Errorf("%q is too large", text)
	}
	return Number(number.Num().Int64()), nil
}

// String is the shortest decimal that ParseNumber reads as n.
func (n Number) String() string {
	return strings.TrimRight(strings.TrimRight(big.NewRat(int64(n), int64(One)).FloatString(6), "0"), ".")
}

// MarshalText implements encoding.TextMarshaler with String.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler with ParseNumber.
func (n *Number) UnmarshalText(text []byte) (err error) {
	*n, err = ParseNumber(string(text))
	return err
}

// UnmarshalJSON implements json.Unmarshaler: a number, or a string with one in it.
func (n *Number) UnmarshalJSON(data []byte) error {
	return n.UnmarshalText([]byte(strings.Trim(string(data), `"`)))
}
