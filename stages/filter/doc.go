// Package filter is the stage that drops documents by figures of their text: a list of entries that the user writes, empty
// by default. Nothing else in millrace drops a document for being short or odd. It never changes a text, and it looks at
// nothing but the text: not at metadata, other documents or their number.
//
//   - min_chars, max_chars: code points of the text.
//   - min_han_share: code points of the Han script (ideographs, 々, 〇; no punctuation) by code points that are not white
//     space; a text of white space alone has share 0.
//   - max_duplicate_line_share: code points in lines that repeat an earlier line of the same text by code points in all
//     lines. Blanks, tabs and CR at the edges of a line do not count, nor do lines of nothing else. The first of several
//     equal lines is not a repetition, so a text of two equal lines has share one half.
//
// A document that is exactly at a bound stays. Shares are whole millionths and compared in integers, so no platform rounds
// them differently (invariant 1). The entries are tried in their order, and the first that is not met gives the reason.
package filter
