// Package merges applies the merges of byte pair encoding: of the pairs of symbols that stand next to each other in a piece of text that of the least
// rank, of several the first, becomes one symbol, again and again until there is no such pair. It knows nothing of files, pre-tokens or normalizers.
//
// Merging takes many steps for each symbol that is left over. What it comes to can be found directly, as Hendrik van Antwerpen and Alexander Neubeck
// showed in "So many tokens, so little time" (GitHub, 2024; crate bpe of rust-gems):
//
//   - A sequence of symbols is what a text is merged into if, and only if, each two neighbours of it are what their own text is merged into.
//   - So what the beginnings of a text are merged into differs in its last symbol only by one symbol for each beginning, and can be found from left to
//     right: take the longest symbol that the rest begins with and that goes with the one before; if none does, that beginning is no part of the
//     whole, and the symbol before it was too long.
//   - Whether two symbols go with each other is told by undoing the merges that they are made of, the last one first, and asking whether a pair that
//     reaches across would have been merged before.
//
// This holds for all rules whose ranks do not fall from the parts of a symbol to the symbol. New brings each set of rules into that form, by leaving out
// those that can never come about, and checks that: each pair of symbols that is a rule and is left out must be one that is never there side by side. Rules of
// which this is not true are applied by merging, with a heap. So are pieces whose search takes too many steps, which takes a vocabulary made for
// it. The time for a piece is in proportion to its length but for a logarithm.
package merges
