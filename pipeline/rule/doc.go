// Package rule is bounds on figures of a text: at least 50, at most 0.3. It compares without rounding, reads and writes the numbers
// of bounds, and has the words for a figure that does not meet one. What the figures are is for those who measure.
//
// There is no float in it, so no platform and no order of sums says otherwise (invariant 1): a Number is whole millionths, a
// Figure is two whole numbers, and their product is compared in 128 bits.
package rule
