// Package segmented is the family of signals that are counted in words: how many there are and how long, how much of a text is stop words, and how
// much of it repeats itself, by runs of words, after the appendix of the Gopher paper (Rae et al., https://arxiv.org/abs/2112.11446, table A1).
//
// Words are those of package words: of jieba where there are ideographs, of UAX #29 elsewhere, without punctuation and blanks. All shares of
// repetition are of the code points of the words. An n-gram is n words that follow each other, whatever stands between them, and no character is
// counted twice:
//
//   - The top n-gram is the one that occurs most often, but at least twice; of several the one that covers most. Its share is the characters that
//     its occurrences cover.
//   - A duplicate n-gram is one that stood in the text before, at any earlier word. Their share is the characters that they cover, so the first
//     occurrence is not counted: it is what would go if a text said nothing twice.
//
// The words and n-grams are compared, not only their hashes, and nothing depends on the seed of a hash, which is random against texts that are
// made to collide.
package segmented
