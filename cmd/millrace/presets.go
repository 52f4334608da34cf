package main

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/stages/signal/datatrove"
)

// presets is the table of the lists of rules that have a name: our own, those over our signals with the numbers of their authors, and those
// of datatrove, which give its verdicts. What of an author's rules is no bound on a document is said in docs/filters.md.
func presets() []rule.Preset {
	list := []rule.Preset{presetZh, presetC4Zh, presetMapCC, presetCasiaZh}
	for _, p := range datatrove.Presets {
		one := rule.Preset{Name: p.Name, Note: "verdicts of datatrove 0.10, in words of " + p.Language}
		for _, b := range p.Bounds {
			one.Rules = append(one.Rules, rule.Named{Name: b.Reason, Rule: b.Signal + " " + b.Op + " " + b.Number})
		}
		list = append(list, one)
	}
	return list
}

// presetZh is ours: by characters, for where a word of Chinese begins is a question; its end marks have closing quotes behind them.
var presetZh = rule.Preset{
	Name: "zh", Note: "Chinese prose of any kind: by characters, with Chinese end marks and what may close behind them",
	Rules: []rule.Named{
		{Name: "short", Rule: "chars >= 50"},
		{Name: "not_han", Rule: "han_share >= 0.3"},
		{Name: "digits", Rule: "digit_share <= 0.3"},
		{Name: "symbols", Rule: "symbol_share <= 0.1"},
		{Name: "blanks", Rule: "white_space_share <= 0.3"},
		{Name: "urls", Rule: "url_share <= 0.4"},
		{Name: "lost_chars", Rule: "replacement_chars * 200 <= chars"},
		{Name: "private_chars", Rule: "private_use_chars * 200 <= chars"},
		{Name: "mojibake", Rule: "mojibake_marks * 200 <= chars"},
		{Name: "no_end_marks", Rule: "end_mark_line_share >= 0.1"},
		{Name: "bullets", Rule: "bullet_line_share <= 0.9"},
		{Name: "ellipses", Rule: "ellipsis_line_share <= 0.3"},
		{Name: "read_more", Rule: "read_more_line_share <= 0.3"},
		{Name: "few_chars", Rule: "char_entropy >= 4.5"},
		{Name: "repeated_lines", Rule: "duplicate_line_char_share <= 0.3"},
		{Name: "repeated_paragraphs", Rule: "duplicate_paragraph_char_share <= 0.3"},
		{Name: "top_2_gram", Rule: "top_char_2_gram_share <= 0.2"},
		{Name: "top_3_gram", Rule: "top_char_3_gram_share <= 0.18"},
		{Name: "top_4_gram", Rule: "top_char_4_gram_share <= 0.16"},
		{Name: "repeated_10_grams", Rule: "duplicate_char_10_gram_share <= 0.5"},
	},
}

// presetC4Zh: c4-dataset-script keeps lines, and documents with more than five of them; Gopher's numbers on words of jieba follow.
var presetC4Zh = rule.Preset{
	Name: "c4-zh", Note: "c4-dataset-script for Chinese: more than 5 lines that it keeps, then Gopher's repetition on words of jieba",
	Rules: []rule.Named{
		{Name: "few_lines", Rule: "c4_zh_lines > 5"},
		{Name: "dup_line_frac", Rule: "duplicate_line_share <= 0.3"},
		{Name: "dup_para_frac", Rule: "duplicate_paragraph_share <= 0.3"},
		{Name: "dup_line_char_frac", Rule: "duplicate_line_char_share <= 0.2"},
		{Name: "dup_para_char_frac", Rule: "duplicate_paragraph_char_share <= 0.2"},
		{Name: "top_2_gram", Rule: "word_top_2gram_share <= 0.2"},
		{Name: "top_3_gram", Rule: "word_top_3gram_share <= 0.18"},
		{Name: "top_4_gram", Rule: "word_top_4gram_share <= 0.16"},
		{Name: "dup_5_gram", Rule: "word_dup_5gram_share <= 0.15"},
		{Name: "dup_6_gram", Rule: "word_dup_6gram_share <= 0.14"},
		{Name: "dup_7_gram", Rule: "word_dup_7gram_share <= 0.13"},
		{Name: "dup_8_gram", Rule: "word_dup_8gram_share <= 0.12"},
		{Name: "dup_9_gram", Rule: "word_dup_9gram_share <= 0.11"},
		{Name: "dup_10_gram", Rule: "word_dup_10gram_share <= 0.1"},
	},
}

// presetMapCC has the numbers of MAP-NEO's pipeline for Chinese. 3 nats are 4.328085 bits.
var presetMapCC = rule.Preset{
	Name: "map-cc", Note: "MAP-NEO's Chinese pipeline (MAP-CC), by our signals",
	Rules: []rule.Named{
		{Name: "brackets", Rule: "bracketed_share <= 0.1"},
		{Name: "one_sentence", Rule: "sentences > 1"},
		{Name: "short", Rule: "chars >= 50"},
		{Name: "long", Rule: "chars <= 10000"},
		{Name: "short_words", Rule: "mean_word_chars >= 1.3"},
		{Name: "long_words", Rule: "mean_word_chars <= 10"},
		{Name: "hashes", Rule: "hash_share <= 0.1"},
		{Name: "ellipses", Rule: "ellipsis_share <= 0.1"},
		{Name: "digits", Rule: "digit_share <= 0.3"},
		{Name: "read_more", Rule: "read_more_line_share <= 0.3"},
		{Name: "bullets", Rule: "bullet_line_share <= 0.9"},
		{Name: "no_punctuation", Rule: "punctuation_share > 0"},
		{Name: "unique_chars", Rule: "unique_char_share > 0.1"},
		{Name: "entropy", Rule: "char_entropy >= 4.32809"},
		{Name: "top_2_gram", Rule: "top_char_2_gram_share <= 0.2"},
		{Name: "top_3_gram", Rule: "top_char_3_gram_share <= 0.18"},
		{Name: "top_4_gram", Rule: "top_char_4_gram_share <= 0.16"},
		{Name: "dup_5_gram", Rule: "duplicate_char_5_gram_share <= 0.6"},
		{Name: "dup_6_gram", Rule: "duplicate_char_6_gram_share <= 0.6"},
		{Name: "dup_7_gram", Rule: "duplicate_char_7_gram_share <= 0.6"},
		{Name: "dup_8_gram", Rule: "duplicate_char_8_gram_share <= 0.6"},
		{Name: "dup_9_gram", Rule: "duplicate_char_9_gram_share <= 0.6"},
		{Name: "dup_10_gram", Rule: "duplicate_char_10_gram_share <= 0.6"},
	},
}

// presetCasiaZh has the numbers of ChineseWebText.
var presetCasiaZh = rule.Preset{
	Name: "casia-zh", Note: "ChineseWebText of CASIA, by our signals",
	Rules: []rule.Named{
		{Name: "short", Rule: "chars > 200"},
		{Name: "short_lines", Rule: "mean_line_chars >= 10"},
		{Name: "not_han", Rule: "han_share >= 0.3"},
		{Name: "traditional", Rule: "traditional_chars == 0"},
		{Name: "repeated_13_grams", Rule: "repeated_char_13_gram_share <= 0.5"},
	},
}
