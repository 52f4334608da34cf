// Package signal is what is measured of documents: whole numbers, which say nothing of what is good. A Family is a group of signals that are
// measured together; those who compute and keep them, and those who decide by them, know families by this package alone, and each family is
// a package of its own.
//
// There is no float in a signal, and none is compared (invariant 1): counts are counts, shares and means are millionths. Share rounds so that
// comparing with a bound of at most five decimals gives what comparing the fraction itself would.
package signal
