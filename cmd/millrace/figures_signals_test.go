package main

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"millrace/pipeline/signal"
	"millrace/stages/filter"
)

// TestSameSignals: what filters of the table go by is the same number as the signal that a corpus has of it.
func TestSameSignals(t *testing.T) {
	all, err := familyKinds().measurable(nil)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, filter.TableFamily())
	of := func(text string, names map[string]bool) map[string]int64 {
		d := &signal.Document{Text: []byte(text), Chars: utf8.RuneCountInString(text)}
		got := map[string]int64{}
		for _, f := range all {
			wanted := false
			for _, c := range f.Columns {
				wanted = wanted || names[c.Name]
			}
			if !wanted {
				continue
			}
			out := make([]int64, len(f.Columns))
			f.New().Measure(d, out)
			for i, c := range f.Columns {
				got[c.Name] = out[i]
			}
		}
		return got
	}
	names := map[string]bool{}
	for table, own := range sameSignals {
		names[table], names[own] = true, true
	}
	every := make([]rune, 0, utf8.MaxRune)
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if utf8.ValidRune(r) {
			every = append(every, r)
		}
	}
	check := func(t interface{ Fatalf(string, ...any) }, text string) {
		got := of(text, names)
		for table, own := range sameSignals {
			if got[table] != got[own] {
				t.Fatalf("%.40q: %s is %d, %s is %d", text, table, got[table], own, got[own])
			}
		}
	}
	for i := 0; i < len(every); i += 1 << 8 {
		check(t, string(every[i:min(i+1<<8, len(every))]))
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringOf(rapid.SampledFrom([]rune("汉字々〇⺀⼀a1１٣ 　\n，。é"))).Draw(t, "text"))
	})
}
