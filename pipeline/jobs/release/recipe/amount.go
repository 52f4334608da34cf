package recipe

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Amount is a whole number of tokens, characters or documents. It is read exactly: 1_000_000, 20e9, 1.5B.
type Amount int64

// scales are the letters that may stand behind an amount.
var scales = map[byte]int64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'B': 1e9, 'T': 1e12}

// ParseAmount reads a whole number that is not negative, as YAML writes it or with a letter for thousands (k), millions (M), billions (B), or
// trillions (T). It is read exactly: 1.5B is a whole number, 1.5 and 1e-3 are not.
func ParseAmount(text string) (Amount, error) {
	digits, scale := text, int64(1)
	if n := len(text); n > 1 && scales[text[n-1]] > 0 && !strings.HasPrefix(text, "0x") {
		digits, scale = text[:n-1], scales[text[n-1]]
	}
	number := new(big.Rat)
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
		number.SetInt64(n)
	} else if at := strings.IndexAny(digits, "eE"); strings.Contains(digits, "/") || at >= 0 && len(digits)-at > maxExponent {
		return 0, notAmount(text)
	} else if _, ok := number.SetString(digits); !ok {
		return 0, notAmount(text)
	}
	number.Mul(number, new(big.Rat).SetInt64(scale))
	switch {
	case number.Sign() < 0:
		return 0, fmt.Errorf("%q is below 0", text)
	case !number.IsInt():
		return 0, fmt.Errorf("%q is no whole number", text)
	case !number.Num().IsInt64():
		return 0, fmt.Errorf("%q is too large", text)
	}
	return Amount(number.Num().Int64()), nil
}

// maxExponent bounds the length of exponents: 1e999999999 would be a number of a billion digits.
const maxExponent = len("e+99")

func notAmount(text string) error {
	return fmt.Errorf("%q is no amount such as 1_000_000, 20e9 or 20B", text)
}

// UnmarshalText implements encoding.TextUnmarshaler with ParseAmount.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAmount(string(text))
	return err
}

// UnmarshalJSON implements json.Unmarshaler: a number, or a string with one in it.
func (a *Amount) UnmarshalJSON(data []byte) error {
	return a.UnmarshalText([]byte(strings.Trim(string(data), `"`)))
}
