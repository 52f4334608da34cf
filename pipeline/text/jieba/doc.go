// Package jieba cuts Chinese text into words, and gives the very words that the Python package jieba 0.42.1 gives: jieba.cut with its HMM and
// without, with its dictionary and that of a user. The method and the tables are those of https://github.com/fxsjy/jieba, by Sun Junyi under the
// MIT licence: a text is cut into blocks, a block along the path of the most probable words of a dictionary, and what is left of it in single
// characters is cut by a hidden Markov model of four states: the beginning, the middle and the end of a word, and a word of one character.
//
// Which path wins is decided by sums of logarithms in float64, since jieba's own verdict between equally good paths hangs on how they are
// rounded. They are the same on every processor: logarithms are rounded correctly, as the C library that Python asks rounded each of the
// dictionary, and then only additions are made, in jieba's order, which no compiler may fuse. No float leaves the package (invariant 1).
//
// The dictionary is embedded, in a form that the tool in gen made of the files of the package from PyPI. It is read once, at its first use.
// Dictionaries are safe for concurrent use, a Cutter is for one goroutine.
package jieba

//go:generate go run ./gen ../../../.cache/oracles-*/lib/python3*/site-packages/jieba
