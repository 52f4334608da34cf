// Package script says what documents are written in, by counting their characters: no model is asked. Its family is script.
package script

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/writing"
)

// columns are the signals of the family, each with how it follows from the counts.
var columns = []struct {
	name, note string
	unit       rule.Unit
	of         func(c *counts) int64
}{
	{"han_share", "of the code points that are not white space, Han", rule.Share, func(c *counts) int64 { return c.share(c.Han()) }},
	{"kana_share", "of the code points that are not white space, hiragana and katakana", rule.Share, func(c *counts) int64 { return c.share(c.Kana()) }},
	{"hangul_share", "of the code points that are not white space, hangul", rule.Share, func(c *counts) int64 { return c.share(c.Hangul()) }},
	{"latin_share", "of the code points that are not white space, Latin letters", rule.Share, func(c *counts) int64 { return c.share(c.Latin()) }},
	{"cyrillic_share", "of the code points that are not white space, Cyrillic letters", rule.Share, func(c *counts) int64 { return c.share(c.Cyrillic()) }},
	{"arabic_share", "of the code points that are not white space, Arabic letters", rule.Share, func(c *counts) int64 { return c.share(c.Arabic()) }},
	{
		"other_letter_share", "of the code points that are not white space, letters of other scripts", rule.Share,
		func(c *counts) int64 { return c.share(c.OtherLetters()) },
	},
	{
		"simplified_chars", "Han characters of simplified Chinese alone (many of them of Japan, too)", rule.Count,
		func(c *counts) int64 { return int64(c.Simplified()) },
	},
	{
		"traditional_chars", "Han characters of traditional Chinese alone (many of them of Japan, too)", rule.Count,
		func(c *counts) int64 { return int64(c.Traditional()) },
	},
	{
		"classical_share", "of the Han characters, particles of classical Chinese: 之乎者也矣焉哉兮曰", rule.Share,
		func(c *counts) int64 { return signal.Share(int64(c.Particles()), int64(c.Han())) },
	},
	{"script", "what most letters are written in, by ISO 15924", rule.Count, func(c *counts) int64 { return int64(c.script) }},
	{
		"script_share", "of the letters, those of that script; one of Chinese, Japanese and Korean counts as three", rule.Share,
		func(c *counts) int64 { return signal.Share(int64(c.part), int64(c.all)) },
	},
}

// counts are those of a document.
type counts struct {
	writing.Tally
	visible   int
	script    writing.Script
	part, all int
}

func (c *counts) share(n int) int64 { return signal.Share(int64(n), int64(c.visible)) }

// Family are the signals of scripts.
func Family() signal.Family {
	f := signal.Family{Name: "script", New: func() signal.Measurer { return &measurer{} }}
	for _, c := range columns {
		column := signal.Column{Name: c.name, Unit: c.unit, Note: c.note}
		if c.name == "script" {
			column.Labels = writing.Names()
		}
		f.Columns = append(f.Columns, column)
	}
	return f
}

type measurer struct{ counts }

// Measure counts the text once.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	m.Tally = writing.Of(d.Text)
	m.visible = m.Visible()
	m.script, m.part, m.all = m.Main()
	for i := range columns {
		out[i] = columns[i].of(&m.counts)
	}
}
