// Package bpe cuts texts into the tokens of byte-level BPE (Sennrich et al., arXiv 1508.07909, over bytes as GPT-2 does), as a tokenizer.json of
// Hugging Face's tokenizers, or a file of tiktoken, describes them: those of GPT-2, GPT-4o, Llama 3, Qwen and DeepSeek, among others. It trains nothing.
//
// The ids are those of tokenizers.Tokenizer.encode without special tokens added (0.23), and by a file of ranks those of tiktoken (0.12). What a file asks for and is not read here is an error that
// names it, never another result: other models, normalizers and pre-tokenizers, patterns that need to look behind.
//
// Forms of Unicode are those of the library but for the order of marks that came after Unicode 12.
//
// A Tokenizer does not change once it is read and may be used by many goroutines; each cuts by its own Encoder, which allocates little once its
// scratch memory has grown to the longest text. A file takes some ten times its size of memory. The time for a text is in proportion to its length
// but for a logarithm, whatever patterns a file has: those of well-known models are package pretoken's, the others RE2's, and may read a text a
// bounded number of times.
package bpe
