package textual

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// Family returns the family "text".
func Family() signal.Family {
	columns := make([]signal.Column, len(signals))
	for i, s := range signals {
		columns[i] = signal.Column{Name: s.name, Unit: s.unit, Note: s.note}
	}
	return signal.Family{Name: "text", Columns: columns, New: func() signal.Measurer { return newMeasurer() }}
}

// signals is the table of all signals of the family. What is counted on the way is in a measurer; each row says what becomes of it.
var signals = []struct {
	name string
	unit rule.Unit
	note string
	take func(m *measurer) int64
}{
	{"chars", rule.Count, "code points", func(m *measurer) int64 { return m.chars }},
	{"bytes", rule.Count, "bytes of UTF-8", func(m *measurer) int64 { return int64(len(m.text)) }},
	{"lines", rule.Count, "lines with anything visible on them", func(m *measurer) int64 { return m.lines.all }},
	{"line_breaks", rule.Count, "line feeds", func(m *measurer) int64 { return m.tally.of('\n') }},
	{"paragraphs", rule.Count, "runs of lines with no empty line between", func(m *measurer) int64 { return m.lines.paragraphs }},
	{"sentences", rule.Count, "ended by end marks of any script or by the end of the line", func(m *measurer) int64 { return m.marks.sentences }},
	{"mean_line_chars", rule.Mean, "code points of a line, without the blanks at its edges", func(m *measurer) int64 { return signal.Share(m.lines.chars, m.lines.all) }},
	{"longest_line_chars", rule.Count, "code points of the longest line", func(m *measurer) int64 { return m.lines.longest }},
	{"mean_sentence_chars", rule.Mean, "code points of lines, by sentences", func(m *measurer) int64 { return signal.Share(m.lines.chars, m.marks.sentences) }},
	{"punctuation_share", rule.Share, "of the code points, punctuation of any script (P)", func(m *measurer) int64 { return m.share(punctuation) }},
	{"symbol_share", rule.Share, "of the code points, symbols (S)", func(m *measurer) int64 { return m.share(symbol) }},
	{"digit_share", rule.Share, "of the code points, decimal digits of any script (Nd)", func(m *measurer) int64 { return m.share(digit) }},
	{"letter_share", rule.Share, "of the code points, letters and ideographs (L)", func(m *measurer) int64 { return m.share(letter) }},
	{"alphanumeric_share", rule.Share, "of the code points, letters, ideographs and numbers (L, N)", func(m *measurer) int64 { return m.share(letter | number) }},
	{"white_space_share", rule.Share, "of the code points, white space (White_Space)", func(m *measurer) int64 { return m.share(white) }},
	{"upper_case_share", rule.Share, "of the letters that have a case, upper or title case", func(m *measurer) int64 { return signal.Share(m.count(upper), m.count(upper|lower)) }},
	{"unique_chars", rule.Count, "different code points", func(m *measurer) int64 { return int64(len(m.tally.seen)) }},
	{"unique_char_share", rule.Share, "different code points, of all code points", func(m *measurer) int64 { return m.part(int64(len(m.tally.seen))) }},
	{"char_entropy", rule.Mean, "bits that a code point tells: 3 nats are 4.328085 bits", func(m *measurer) int64 { return m.tally.entropy(m.chars) }},
	{"end_mark_line_share", rule.Share, "of the lines, those that end with an end mark, quotes and brackets behind it aside", func(m *measurer) int64 { return m.ofLines(m.lines.ended) }},
	{"ellipsis_line_share", rule.Share, "of the lines, those that end with an ellipsis: …, ..., 。。。", func(m *measurer) int64 { return m.ofLines(m.lines.ellipsis) }},
	{"bullet_line_share", rule.Share, "of the lines, those that begin with a bullet", func(m *measurer) int64 { return m.ofLines(m.lines.bullet) }},
	{"read_more_line_share", rule.Share, "of the lines, those that end with readmore, 展开, 更多, 全文 or 。。。", func(m *measurer) int64 { return m.ofLines(m.lines.more) }},
	{"short_line_share", rule.Share, "of the lines, those of fewer than 30 code points", func(m *measurer) int64 { return m.ofLines(m.lines.short) }},
	{"long_lines", rule.Count, "lines of 200 code points and more", func(m *measurer) int64 { return m.lines.long }},
	{"c4_zh_lines", rule.Count, "lines that c4-zh keeps", func(m *measurer) int64 { return m.lines.kept }},
	{"url_share", rule.Share, "of the code points, those in web addresses", func(m *measurer) int64 { return m.part(m.marks.urls) }},
	{"ellipsis_share", rule.Share, "ellipses by code points", func(m *measurer) int64 { return m.part(m.marks.ellipses) }},
	{"hash_share", rule.Share, "runs of # by code points", func(m *measurer) int64 { return m.part(m.marks.hashes) }},
	{"bracketed_share", rule.Share, "of the code points, those between 【 and 】", func(m *measurer) int64 { return m.part(m.marks.bracketed) }},
	{"curly_brackets", rule.Count, "{", func(m *measurer) int64 { return m.tally.of('{') }},
	{"replacement_chars", rule.Count, "U+FFFD, what stands for a lost character", func(m *measurer) int64 { return m.tally.of('\uFFFD') }},
	{"private_use_chars", rule.Count, "code points for private use (Co)", func(m *measurer) int64 { return m.count(private) }},
	{"control_chars", rule.Count, "control characters (Cc) that are not white space", func(m *measurer) int64 { return m.count(control) }},
	{"mojibake_marks", rule.Count, "what text decoded in a wrong way shows: Ã©, â€œ, 锟斤拷, 烫烫烫", func(m *measurer) int64 { return m.mojibake() }},
	{"javascript_marks", rule.Count, "javascript, in any case", func(m *measurer) int64 { return m.phrase("javascript", 0) }},
	{"lorem_ipsum_marks", rule.Count, "lorem ipsum, in any case", func(m *measurer) int64 { return m.phrase("lorem ipsum", 7) }},
}
