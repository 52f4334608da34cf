// Package tokenjson reads what a tokenizer.json of Hugging Face's tokenizers does with a text before its model sees it: tokens that are sought in
// it, normalizers and pre-tokenizers. It is what models other than byte-level BPE (package bpe) share. It imports nothing of ours but bpe, whose
// patterns it takes.
//
// What comes out is what the library makes (0.23). What a file asks for and is not read here is an error that names it, never another result.
//
// A Front does not change once it is read and may be used by many goroutines; each cuts by its own Walker, which keeps scratch memory of a few times
// the longest text. Files are hostile: the time for a text is in proportion to its length, and a file takes a few times its size of memory, and
// what would make texts very much longer is refused. Characters that came to Unicode after version 15 are unassigned here.
package tokenjson
