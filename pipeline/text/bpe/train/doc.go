// Package train makes tokenizers from counted pre-tokens: byte-level BPE (Sennrich et al., arXiv 1508.07909, over bytes as GPT-2 does) and
// WordPiece, as Hugging Face's tokenizers (0.23) trains them. Merges and ids are those of its trainers from the same pre-tokens; docs/decisions.md
// has the differences. It does not see texts: package pretoken cuts them, and somebody counts.
//
// Counts have 64 bits; what would not fit is an error. The result is a function of the pre-tokens and their counts alone: neither the order they
// are added in nor the number of goroutines changes it.
//
// Memory is 2 bytes a byte of the distinct pre-tokens (4 for vocabularies of more than 65 000 tokens), 20 for each pair of tokens that stand beside
// each other anywhere, and 4 for each word that a frequent pair is in: five bytes a byte of pre-tokens together.
package train
