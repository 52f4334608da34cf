// Package repetition is the family "repetition": how much of a text says again what it has said before, by lines, by paragraphs and by runs of
// characters, n-grams. The measures are those of Gopher (Rae et al., Scaling Language Models, arXiv 2112.11446, table A1), of whose words
// the characters take the place, and one of ChineseWebText (arXiv 2311.01149). docs/signals.md says what each of them is.
//
// n-grams are of the characters that are not blank (text.Blank), whatever blanks and line feeds lie between. They are counted exactly: no two
// different ones are taken for the same. A long text is measured in pieces of 1 048 576 such characters, as each n-gram takes memory: what is
// repeated is then what was in the same piece before, and the most frequent n-gram is that of each piece.
//
// Most of a text is looked at once: an n-gram occurs no more often than the 2-grams in it, of which a table of counters without names tells about
// how often each occurs. The most frequent n-grams are sought among the most frequent 2-grams (tops.go). A 5-gram can only be repeated where each of
// its four 2-grams is, and a longer n-gram only where both the runs are that it has with one character less: so what is looked at becomes less from
// one n to the next, and each level tells n-grams apart by the numbers that the one before gave to their beginning and end (table.go).
package repetition
