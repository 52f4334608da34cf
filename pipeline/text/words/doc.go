// Package words finds the words of text in any script: those of package jieba where there are ideographs, and those between the word boundaries of
// UAX #29 (https://unicode.org/reports/tr29/) elsewhere.
//
// A text is taken as jieba takes it: as blocks of the ideographs from U+4E00 to U+9FD5, of letters and digits of ASCII and of + # & . _ % -, and of what
// is between. Each block that has an ideograph is cut by jieba; each stretch between two such blocks is cut by UAX #29, as if it were a text
// of its own. So English in Chinese is cut as English where a blank or a sign keeps it apart, and "iPhone15手机" as jieba cuts it. By UAX #29 an
// ideograph that jieba does not know and a hiragana are a word each, a run of katakana or Hangul is one.
//
// Of the pieces of either, words are those with a letter or a number (the general categories L and N of Unicode): blanks, punctuation, emoji and other
// symbols are none, and neither are marks without a letter.
//
// A document may have come in words, as a corpus that people have segmented does. Its metadata says which then: see Given.
package words
