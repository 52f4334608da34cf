package corpusreport

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/report"
)

const (
	topChars = 100
	newChars = 200
)

// coverageAt are the numbers of characters that the curve of coverage is told at.
var coverageAt = []int64{10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 10_000, 15_000, 20_000, 50_000, 100_000, 200_000}

// vocabulary is what the newest table of characters says.
func (m *maker) vocabulary(ctx context.Context) error {
	v := &m.out.Vocabulary
	for _, one := range m.view.Versions {
		if one.Kind == manifest.KindRun || len(one.Below(pipeline.VocabFolder)) > 0 {
			v.Growth = append(v.Growth, report.Point{At: int64(one.Version), Value: one.Totals.VocabularyChars})
		}
	}
	f, ok := m.view.Find(pipeline.VocabFolder, corpus.CharsTable)
	if !ok {
		return nil
	}
	var counts []int64
	scripts := map[string]int64{}
	fresh := []report.Char{}
	columns := columnar.Selection{Text: []string{"token", "type"}, Int: []string{"count", "documents", "new_count"}}
	err := pipeline.ReadTable(ctx, m.store, f.Path, columns, func(t *columnar.Frame) error {
		tokens, types := t.Text("token"), t.Text("type")
		count, documents, fromThis := t.Int("count"), t.Int("documents"), t.Int("new_count")
		for i, n := range count {
			if string(types.At(i)) == "special" {
				continue
			}
			v.Chars++
			v.Total += n
			counts = append(counts, n)
			r, _ := utf8.DecodeRune(tokens.At(i))
			scripts[scriptOf(r)] += n
			c := report.Char{Char: visible(r), Count: n, Documents: documents[i]}
			if len(v.Top) < topChars {
				v.Top = append(v.Top, c)
			}
			if n > 0 && n == fromThis[i] && len(m.view.Live) > 1 {
				fresh = append(fresh, c)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.New = fresh[:min(len(fresh), newChars)]
	slices.SortFunc(counts, func(a, b int64) int { return cmp.Compare(b, a) })
	sum, next := int64(0), 0
	for i, n := range counts {
		sum += n
		if next < len(coverageAt) && int64(i+1) == coverageAt[next] {
			v.Coverage, next = append(v.Coverage, report.Point{At: int64(i + 1), Value: sum}), next+1
		}
	}
	if n := int64(len(counts)); n > 0 && (len(v.Coverage) == 0 || v.Coverage[len(v.Coverage)-1].At < n) {
		v.Coverage = append(v.Coverage, report.Point{At: n, Value: sum})
	}
	m.shares("scripts", "code points by script, as Unicode has it", report.Chars, scripts)
	return nil
}

// visible is a character as it can be seen: those that leave no ink by their number.
func visible(r rune) string {
	if unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return string(r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// scripts are those that have a name of their own here; the most frequent first.
var scripts = []string{
	"Han", "Latin", "Hiragana", "Katakana", "Hangul", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Bengali", "Tamil", "Telugu", "Thai", "Lao", "Khmer",
	"Myanmar", "Tibetan", "Mongolian", "Yi", "Bopomofo", "Georgian", "Armenian", "Ethiopic", "Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Sinhala",
}

// scriptOf names what a character is counted as.
func scriptOf(r rune) string {
	switch {
	case unicode.IsSpace(r):
		return "white space"
	case unicode.IsDigit(r):
		return "digits"
	}
	for _, name := range scripts {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	switch {
	case unicode.IsPunct(r):
		return "punctuation"
	case unicode.IsSymbol(r):
		return "symbols"
	case unicode.IsLetter(r), unicode.IsMark(r):
		return "other letters"
	}
	return "other"
}
