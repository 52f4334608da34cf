// Package mixture is the arithmetic of what a release has of what: how much of each stratum, how often its documents, and which of them once
// more. It reads and writes nothing, and has no floats (invariant 1).
//
// A stratum has an amount: the sum over its documents of size times weight, the weight being how often a document is taken by how many copies the
// corpus had of it. Decide gives each stratum a target. That is so many whole times all documents, and a rest: as many of those with the lowest
// keys as fit. A key is a hash of the id, so the documents of a rest follow from the documents alone, whatever their order, and a larger target
// takes all that a smaller one took: sampling is nested.
//
// Where the rest ends is found in two passes over keys and sizes, in bounded memory: a Histogram finds the bucket of keys that it ends in, and
// Items the document in it. Several tasks may count; what they have is merged. Quantiles does the same for the borders of buckets of a signal.
//
// Targets by shares of a budget are whole numbers that add up to it, by the method of Webster and Sainte-Laguë: each is the share rounded to
// the next whole number, with what remains given to, or taken from, those that are nearest to the next one. With a larger budget no target is
// smaller, which the method of the largest remainder does not promise.
package mixture
