// Package charbpe cuts texts into the tokens of byte pair encoding over characters: of a model of sentencepiece that is BPE, and of a tokenizer.json of
// Hugging Face's tokenizers whose model is BPE without ByteLevel, as that of Llama 2. Characters that are no token are bytes, where there are tokens for
// these, or unknown. It trains nothing. What merges, package bpe/merges does.
//
// The ids are those of sentencepiece (0.2), and of tokenizers.Tokenizer.encode without special tokens added (0.23). What a file asks for and is not
// read here is an error that names it, never another result.
//
// A Tokenizer does not change once it is read and may be used by many goroutines; each cuts by its own Encoder, which keeps scratch memory of a few times the
// longest text. The time for a text is in proportion to its length but for a logarithm.
package charbpe
