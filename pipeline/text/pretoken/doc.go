// Package pretoken cuts texts into pre-tokens, the pieces that tokenizers merge pairs within, by the patterns of well-known models. The patterns
// are regular expressions of Oniguruma, as they stand in a tokenizer.json under a Split whose matches are pieces of their own; each has a scanner
// of its own here, which gives the same pieces some twenty times as fast as a regular expression does.
//
// Every pattern here matches at every place of a text, so that the pre-tokens follow each other and are the text. Texts are UTF-8; a byte that
// is none counts as U+FFFD, which is neither letter, mark, number nor white space. The classes of characters are those of the package unicode.
//
// A Cutter makes more cuts, for training.
package pretoken
