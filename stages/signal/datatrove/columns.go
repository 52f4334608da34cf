package datatrove

import (
	"strconv"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// The columns, in their order.
const (
	dupParagraphs = iota
	dupParagraphChars
	dupLines
	dupLineChars
	top2 // 2 to 4
	_
	_
	dup5 // 5 to 10
	_
	_
	_
	_
	_
	wordCount
	contentWords
	meanWordChars
	hashes
	ellipses
	bulletLines
	ellipsisLines
	alphaWords
	stopWords
	filledLines
	endedLines
	shortLines
	dupFilledLineChars
	newLines
	loremIpsum
	curlyBracket
	keptLines
	keptSentences
	thirdLineChars
	columnCount
)

// columns are those of a language, whose names start with prefix.
func columns(prefix string) []signal.Column {
	out := make([]signal.Column, columnCount)
	for _, c := range [...]struct {
		at   int
		name string
		unit rule.Unit
		note string
	}{
		{dupParagraphs, "dup_paragraphs", rule.Share, "paragraphs that were there before"},
		{dupParagraphChars, "dup_paragraph_chars", rule.Share, "characters of paragraphs that were there before"},
		{dupLines, "dup_lines", rule.Share, "lines that were there before"},
		{dupLineChars, "dup_line_chars", rule.Share, "characters of lines that were there before"},
		{wordCount, "words", rule.Count, "words"},
		{contentWords, "content_words", rule.Count, "words that are not of punctuation alone"},
		{meanWordChars, "mean_word_chars", rule.Mean, "characters of a word that is not of punctuation alone"},
		{hashes, "hashes", rule.Mean, "# a word"},
		{ellipses, "ellipses", rule.Mean, "... and … a word"},
		{bulletLines, "bullet_lines", rule.Share, "lines that start with • or -"},
		{ellipsisLines, "ellipsis_lines", rule.Share, "lines that end in ... or …"},
		{alphaWords, "alpha_words", rule.Share, "words with a letter"},
		{stopWords, "stop_words", rule.Count, "different stop words"},
		{filledLines, "filled_lines", rule.Count, "lines that are not blank"},
		{endedLines, "ended_lines", rule.Share, "lines that are not blank which end in a mark that ends sentences"},
		{shortLines, "short_lines", rule.Share, "lines that are not blank of at most 30 characters"},
		{dupFilledLineChars, "dup_filled_line_chars", rule.Share, "characters but line ends that are in lines that were there before"},
		{newLines, "new_lines", rule.Mean, "line ends a word"},
		{loremIpsum, "lorem_ipsum", rule.Count, "1 if a line that C4 would keep has lorem ipsum, and none before it a curly bracket"},
		{curlyBracket, "curly_bracket", rule.Count, "1 if a line that C4 would keep has a curly bracket, and none before it lorem ipsum"},
		{keptLines, "c4_lines", rule.Count, "lines that C4 keeps"},
		{keptSentences, "c4_sentences", rule.Count, "sentences in the lines that C4 keeps"},
		{thirdLineChars, "third_line_chars", rule.Count, "characters of the third longest line, 0 if there are fewer than three"},
	} {
		out[c.at] = signal.Column{Name: prefix + c.name, Unit: c.unit, Note: c.note}
	}
	for n := 2; n <= 4; n++ {
		out[top2+n-2] = signal.Column{
			Name: prefix + "top_" + strconv.Itoa(n) + "_gram", Unit: rule.Mean,
			Note: "characters of the commonest " + strconv.Itoa(n) + " words in a row, of all times that they are there, by the characters of the text",
		}
	}
	for n := 5; n <= 10; n++ {
		out[dup5+n-5] = signal.Column{
			Name: prefix + "dup_" + strconv.Itoa(n) + "_grams", Unit: rule.Share,
			Note: "characters of " + strconv.Itoa(n) + " words in a row that were there before",
		}
	}
	return out
}
