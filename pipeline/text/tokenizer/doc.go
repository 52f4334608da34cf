// Package tokenizer reads the files of tokenizers, whatever model they have, and cuts texts by them. It trains nothing; what a model does, its own
// package knows.
//
//	tokenizer.json, model BPE                     package bpe, over bytes, if it has ByteLevel, else package charbpe
//	tokenizer.json, model Unigram                 package unigram
//	tokenizer.json, model WordPiece, WordLevel    package wordpiece
//	tokenizer.model of sentencepiece, unigram     package unigram
//	tokenizer.model of sentencepiece, BPE         package charbpe
//	*.tiktoken, ranks of tiktoken                 package bpe
//
// A file of ranks says neither how texts are cut before pairs are merged nor which special tokens there are. Of known files (of GPT-2 to GPT-4o, Llama 3 and
// Qwen), which are told by the number of ranks, it is known here; of others Options say it, which may lie beside the file.
//
// Files are hostile input: none of more than MaxBytes is read, and what a file asks for that is not read is an error that names it, never another
// result.
package tokenizer
