// Package spm reads the models of sentencepiece (sentencepiece_model.proto): their pieces, and what they do with a text before it is cut. What cuts
// is for who knows a model's kind: package unigram, and package charbpe for BPE.
//
// Files are hostile: pieces are bounded in number, scores are numbers, and the time for a text is in proportion to its length times that of the longest piece
// of a user and of the longest sequence that is replaced. A Front does not change once it is read, and may be used by many goroutines.
package spm
