// Package rule is bounds on figures of a text: at least 50, at most 0.3. It compares without rounding, reads and writes the numbers
// of bounds, and has the words for a figure that does not meet one. What the figures are is for those who measure.
//
// An Expression is a condition on what a document is and what its metadata say, in the language of a library.
//
// There is no float in the bounds, so no platform and no order of sums says otherwise (invariant 1): a Number is whole millionths, a
// Figure is two whole numbers, and their product is compared in 128 bits.
package rule
