package rule

import (
	"fmt"
	"math/bits"
)

// Op is the side of a bound that figures are to be on. The bound itself is on it.
type Op int

// The sides.
const (
	AtLeast Op = iota + 1
	AtMost
)

// Bound is what is asked of a figure: to be at least, or at most, a number.
type Bound struct {
	Unit   Unit
	Op     Op
	Number Number
}

// Meets says whether the figure is as asked by a bound that Check has nothing against.
func (b *Bound) Meets(f Figure) bool {
	// Part/All and Number/One compare as Part·One and Number·All do.
	high, low := bits.Mul64(uint64(f.Part), uint64(One))
	leastHigh, least := bits.Mul64(uint64(b.Number), uint64(max(f.All, 1)))
	if b.Op == AtMost {
		high, low, leastHigh, least = leastHigh, least, high, low
	}
	_, less := bits.Sub64(low, least, 0)
	_, less = bits.Sub64(high, leastHigh, less)
	return less == 0
}

// Check says why the bound is none: every figure would meet it, or none that a text can have.
func (b *Bound) Check() error {
	switch {
	case b.Unit == Count && b.Number%One != 0:
		return fmt.Errorf("%v must be a whole number", b.Number)
	case b.Unit == Count && b.Number < One:
		return fmt.Errorf("%v must be at least 1", b.Number)
	case b.Unit == Share && b.Op == AtLeast && (b.Number <= 0 || b.Number > One):
		return fmt.Errorf("%v must be above 0 and at most 1", b.Number)
	case b.Unit == Share && b.Op == AtMost && (b.Number < 0 || b.Number >= One):
		return fmt.Errorf("%v must be at least 0 and below 1", b.Number)
	}
	return nil
}

// Says is how a figure that does not meet the bound is told: "5 characters, fewer than 6", where of says what was counted.
func (b *Bound) Says(f Figure, of string) string {
	than := "more than"
	switch {
	case b.Op == AtMost:
	case b.Unit == Count:
		than = "fewer than"
	default:
		than = "less than"
	}
	if b.Unit == Count {
		return fmt.Sprintf("%d %s, %s %v", f.Part, of, than, b.Number)
	}
	return fmt.Sprintf("%d of %d %s, %s %v", f.Part, f.All, of, than, b.Number)
}
