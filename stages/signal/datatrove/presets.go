package datatrove

import (
	"slices"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// Preset is what one filter of datatrove, or some in a row, ask of a text: bounds of which the first that is not met is the reason.
type Preset struct {
	Name     string
	Language string // of the words that it is measured in
	Bounds   []Bound
}

// Bound is what is asked of a signal: to be at least a number, or at most. Reason is datatrove's word for what is not.
type Bound struct {
	Signal string
	Op     string // ">=" or "<="
	Number string // whole, or a decimal of at most five digits
	Reason string
}

// Presets are those of datatrove 0.10.0 with its defaults, and that of FineWeb-2 for Chinese (configs/cmn_Hani.yml and fineweb-2-pipeline.py of
// https://github.com/huggingface/fineweb-2) but for the score of the language.
var Presets = []Preset{
	{Name: "gopher", Language: English, Bounds: []Bound{
		{"dt_dup_paragraphs", "<=", "0.3", "dup_para_frac"},
		{"dt_dup_paragraph_chars", "<=", "0.2", "dup_para_char_frac"},
		{"dt_dup_lines", "<=", "0.3", "dup_line_frac"},
		{"dt_dup_line_chars", "<=", "0.2", "dup_line_char_frac"},
		{"dt_top_2_gram", "<=", "0.2", "top_2_gram"},
		{"dt_top_3_gram", "<=", "0.18", "top_3_gram"},
		{"dt_top_4_gram", "<=", "0.16", "top_4_gram"},
		{"dt_dup_5_grams", "<=", "0.15", "duplicated_5_n_grams"},
		{"dt_dup_6_grams", "<=", "0.14", "duplicated_6_n_grams"},
		{"dt_dup_7_grams", "<=", "0.13", "duplicated_7_n_grams"},
		{"dt_dup_8_grams", "<=", "0.12", "duplicated_8_n_grams"},
		{"dt_dup_9_grams", "<=", "0.11", "duplicated_9_n_grams"},
		{"dt_dup_10_grams", "<=", "0.1", "duplicated_10_n_grams"},
		{"dt_content_words", ">=", "50", "gopher_short_doc"},
		{"dt_content_words", "<=", "100000", "gopher_long_doc"},
		{"dt_mean_word_chars", ">=", "3", "gopher_below_avg_threshold"},
		{"dt_mean_word_chars", "<=", "10", "gopher_above_avg_threshold"},
		{"dt_hashes", "<=", "0.1", "gopher_too_many_hashes"},
		{"dt_ellipses", "<=", "0.1", "gopher_too_many_ellipsis"},
		{"dt_bullet_lines", "<=", "0.9", "gopher_too_many_bullets"},
		{"dt_ellipsis_lines", "<=", "0.3", "gopher_too_many_end_ellipsis"},
		{"dt_alpha_words", ">=", "0.8", "gopher_below_alpha_threshold"},
		{"dt_stop_words", ">=", "2", "gopher_enough_stop_words"},
	}},
	{Name: "c4", Language: English, Bounds: []Bound{
		{"dt_lorem_ipsum", "<=", "0", "lorem_ipsum"},
		{"dt_curly_bracket", "<=", "0", "curly_bracket"},
		{"dt_c4_sentences", ">=", "5", "too_few_sentences"},
	}},
	{Name: "c4-paragraphs", Language: English, Bounds: []Bound{
		{"dt_third_line_chars", ">=", "200", "< 3 paragraphs"},
	}},
	{Name: "fineweb", Language: English, Bounds: []Bound{
		{"dt_filled_lines", ">=", "1", "empty"},
		{"dt_ended_lines", ">=", "0.12", "line_punct_ratio"},
		{"dt_short_lines", "<=", "0.67", "short_line_ratio"},
		{"dt_dup_filled_line_chars", "<=", "0.01", "char_dup_ratio"},
		{"dt_new_lines", "<=", "0.3", "list_ratio"},
	}},
	{Name: "fineweb2-cmn_Hani", Language: Chinese, Bounds: []Bound{
		{"dt_cmn_dup_lines", "<=", "0.287", "dup_line_frac"},
		{"dt_cmn_top_2_gram", "<=", "0.256", "top_2_gram"},
		{"dt_cmn_top_3_gram", "<=", "0.201", "top_3_gram"},
		{"dt_cmn_top_4_gram", "<=", "0.171", "top_4_gram"},
		{"dt_cmn_dup_5_grams", "<=", "0.198", "duplicated_5_n_grams"},
		{"dt_cmn_dup_6_grams", "<=", "0.182", "duplicated_6_n_grams"},
		{"dt_cmn_dup_7_grams", "<=", "0.167", "duplicated_7_n_grams"},
		{"dt_cmn_dup_8_grams", "<=", "0.154", "duplicated_8_n_grams"},
		{"dt_cmn_dup_9_grams", "<=", "0.14", "duplicated_9_n_grams"},
		{"dt_cmn_dup_10_grams", "<=", "0.127", "duplicated_10_n_grams"},
		{"dt_cmn_filled_lines", ">=", "1", "empty"},
		{"dt_cmn_ended_lines", ">=", "0.106", "line_punct_ratio"},
		{"dt_cmn_dup_filled_line_chars", "<=", "0.1", "char_dup_ratio"},
		{"dt_cmn_new_lines", "<=", "0.178", "list_ratio"},
		{"dt_cmn_content_words", ">=", "50", "gopher_short_doc"},
		{"dt_cmn_content_words", "<=", "100000", "gopher_long_doc"},
		{"dt_cmn_mean_word_chars", ">=", "1", "gopher_below_avg_threshold"},
		{"dt_cmn_mean_word_chars", "<=", "5", "gopher_above_avg_threshold"},
		{"dt_cmn_hashes", "<=", "0.1", "gopher_too_many_hashes"},
		{"dt_cmn_ellipses", "<=", "0.1", "gopher_too_many_ellipsis"},
		{"dt_cmn_bullet_lines", "<=", "0.9", "gopher_too_many_bullets"},
		{"dt_cmn_ellipsis_lines", "<=", "0.3", "gopher_too_many_end_ellipsis"},
		{"dt_cmn_alpha_words", ">=", "0.735", "gopher_below_alpha_threshold"},
		{"dt_cmn_stop_words", ">=", "2", "gopher_enough_stop_words"},
	}},
}

// Verdict is the reason why a preset drops a text and the figure that is out of bounds, or no reason. The figures are those of the family of its
// language.
func Verdict(p Preset, figures []int64) (reason string, figure int64) {
	all := columns(languages[p.Language].prefix)
	for _, b := range p.Bounds {
		i := slices.IndexFunc(all, func(c signal.Column) bool { return c.Name == b.Signal })
		number, err := all[i].Unit.Parse(b.Number)
		if err != nil {
			panic(p.Name + ": " + err.Error())
		}
		bound := int64(number)
		if all[i].Unit == rule.Count {
			bound /= int64(rule.One)
		}
		if b.Op == ">=" && figures[i] < bound || b.Op == "<=" && figures[i] > bound {
			return b.Reason, figures[i]
		}
	}
	return "", 0
}
