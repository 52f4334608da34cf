package web

import (
	"math"
	"testing"
)

// Figures of words are those of evaluate.py of the benchmark.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		right, got        string
		chinese           bool
		precision, recall float64
		exact, empty      bool
	}{
		{"one two three four five six", "one two\nthree, four five six!", false, 1, 1, true, false},
		{"one two three four five six", "zero one two three four five six seven", false, .6, 1, false, false},
		{"one two three four five", "one two three", false, 0, 0, false, false}, // fewer than four are a shingle of their own
		{"a b c", "a b c", false, 1, 1, true, false},
		{"a b c d e", "x y z w", false, 0, 0, false, false},
		{"a b c a b c a b c", "a b c a b c", false, 1, .5, false, false}, // shingles are counted
		{"a b", "", false, 0, 0, false, true},
		{"", "", false, 1, 1, true, true},
		{"naïve_1 Größe", "naïve_1  Größe", false, 1, 1, true, false},
		{"甲乙丙丁戊己", "甲乙 丙丁\n\n\u3000戊己", true, 1, 1, true, false},
		{"甲乙丙丁戊己", "甲乙丙丁戊己。庚", true, .6, 1, false, false},
		{"甲乙丙丁戊己", "丙丁戊己", true, 1, 1. / 3, false, false},
		{"甲乙丙丁", "甲乙丙丁", false, 1, 1, true, false}, // one word
	} {
		s := Compare(c.right, c.got, c.chinese)
		if !near(s.Precision, c.precision) || !near(s.Recall, c.recall) || s.Exact != c.exact || s.Empty != c.empty {
			t.Errorf("%q beside %q: %+v", c.got, c.right, s)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestAverage(t *testing.T) {
	m := Average([]Score{{Precision: 1, Recall: 1, Exact: true}, {Precision: .5, Recall: .5}, {Empty: true}})
	if m.Pages != 3 || m.Empty != 1 || !near(m.Precision, .75) || !near(m.Recall, .5) || !near(m.Exact, 1./3) || !near(m.F1(), .6) {
		t.Errorf("%+v, F1 %v", m, m.F1())
	}
	if m := Average(nil); m.F1() != 0 || m.Precision != 0 {
		t.Errorf("of nothing: %+v", m)
	}
}
