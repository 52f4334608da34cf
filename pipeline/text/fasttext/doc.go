// Package fasttext reads models of fastText that classify texts, and asks them: .bin and .ftz, dense and quantized, of any loss. It trains
// nothing, and imports nothing of ours.
//
// Labels and probabilities are those of `fasttext predict-prob` for one line, as far as float32 gives equal sums everywhere: sums are made in
// the order of the file's rows, without fused multiplications, and the exponential function is this package's own, so that all processors give
// equal bits. The result is rounded to millionths once, at the end.
//
// A Model does not change once it is read and may be used by many goroutines; each asks it by its own Predictor, which allocates nothing once
// its scratch memory has grown to the longest text.
//
// The format has no description but the program's (version 12, and 11 before it); the way from a text to its rows is that of
// Bojanowski et al., "Enriching Word Vectors with Subword Information" (2017), and Joulin et al., "Bag of Tricks for Efficient Text
// Classification" and "FastText.zip" (2016).
package fasttext
