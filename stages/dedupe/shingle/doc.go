// Package shingle is the algorithm of resemblance: how much two texts say the same, as a number.
//
// Texts are compared by their key texts (package text), and these by their sets of shingles: all pieces of 5 code points in
// a row, and longer ones in stretches of few different characters (stretches.go). The resemblance of two texts is that of
// their sets: of the shingles that any of the two has, the share that both have (Jaccard). There are four ways to it:
//
//   - a Signer makes the sketch of a text: a signature of 256 bytes, of which two agree in as many as the texts resemble each
//     other, about (EqualBytes), and band keys, of which two texts that resemble each other share one (Bands);
//   - a Shingler makes the set of a text, and a Probe compares it with many others: exact;
//   - a LongText compares two texts without holding their sets: exact, and slow;
//   - a Family compares a set with thousands that have much in common with each other: exact, at next to no cost a pair.
//
// The package is pure: it knows texts, sets and numbers, neither documents nor files. What it computes is a function of the
// text alone (invariant 1). Nothing in it is safe for concurrent use: its types are scratch memory that one goroutine uses
// again and again.
package shingle
