// Package unigram trains the unigram language models of sentencepiece (Kudo, arXiv 1804.10959) of counted pre-tokens, writes them as a tokenizer.json
// of Hugging Face's tokenizers and as a model of sentencepiece, and cuts texts by such files. It stands on packages tokenjson and spm.
//
// Training. A Trainer counts pre-tokens and makes a Model of them by sentencepiece's method: a first model of all characters and of up to a million runs of
// characters that are there again and again; expectation and maximization; pruning of the pieces that are least missed, to three quarters each time. What
// differs is how it is computed: pre-tokens are cut where no piece can reach over, and equal parts are counted once; sums of expected counts are whole
// numbers, and no function of a processor's own is used. So a model is the same, byte for byte, for any order of pre-tokens, number of goroutines and
// processor. Counts have 64 bits. Memory is some 50 bytes for each different part, its bytes and 4 more for each of its characters, and up to
// 600 MB beside, of which most is for what is remembered of the parts between passes.
//
// Cutting. An Encoder finds the cut of the greatest sum of scores. The ids are those of tokenizers.Tokenizer.encode without special tokens added (0.23) for a
// file that Read reads, and of sentencepiece for one that ReadModel reads, bit for bit in the sums of scores. What a file asks for and is
// not read here is an error that names it. Files are hostile: vocabularies and the lengths of pieces are bounded, so the time for a text is in proportion to its length times
// that of the longest piece. A Tokenizer does not change once it is read and may be used by many goroutines, each of which has an Encoder.
package unigram
