// Package tokenizer reads the files of tokenizers, whatever model they have, and cuts texts by them. It trains nothing; what a model does, its own
// package knows.
//
//	tokenizer.json, model BPE                     package bpe, over bytes
//	tokenizer.json, model Unigram                 package unigram
//	tokenizer.json, model WordPiece, WordLevel    package wordpiece
//	tokenizer.model of sentencepiece, unigram     package unigram
//
// Files are hostile input: none of more than MaxBytes is read, and what a file asks for that is not read is an error that names it, never another
// result.
package tokenizer
