// Package text knows characters: the key text that documents are compared by (FoldKey, AppendKey), scripts (IsHan, CountHan),
// and the loops over UTF-8 that are hot in several stages (ValidPrefix, CountRunes, Span). It imports nothing of ours, keeps
// no state but tables, and allocates nothing beyond what a caller hands it to append to.
//
// Everything here is safe for concurrent use. Tables are built once, at their first use, in a few milliseconds; they follow
// the Unicode version of the standard library and of x/text, and the embedded list of simplified characters, so a change of either is a new
// code version (invariant 1).
package text
