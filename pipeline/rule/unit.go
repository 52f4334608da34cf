package rule

import (
	"errors"
	"fmt"
)

// Unit says which numbers a figure can be.
type Unit int

// The units.
const (
	Count Unit = iota // a whole number
	Share             // a part of a whole, from 0 to 1
	Mean              // a decimal from 0 on
)

// Parse reads a number of the unit. A count may be negative here: that it is no bound is for Bound.Check to say.
func (u Unit) Parse(text string) (Number, error) {
	n, err := ParseNumber(text)
	switch {
	case u == Count && (err != nil || n%One != 0):
		return 0, fmt.Errorf("%q is not a whole number in range", text)
	case u == Share && !errors.Is(err, errDecimals) && (err != nil || n < 0 || n > One):
		return 0, fmt.Errorf("%q is no number from 0 to 1", text)
	case u == Mean && !errors.Is(err, errDecimals) && (err != nil || n < 0):
		return 0, fmt.Errorf("%q is no number from 0 on", text)
	}
	return n, err
}

// Plain is the number as files hold it: a whole number, or a decimal as text, which no reader takes for a float.
func (u Unit) Plain(n Number) any {
	if u == Count {
		return int64(n / One)
	}
	return n.String()
}

// String is the word for it.
func (u Unit) String() string {
	switch u {
	case Share:
		return "share"
	case Mean:
		return "mean"
	}
	return "count"
}
