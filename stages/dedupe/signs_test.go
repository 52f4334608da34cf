package dedupe

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// signFamilies are texts that are the same but for signs.
func signFamilies() map[string][]string {
	table := func(format string) string {
		var b strings.Builder
		for i := range 60 {
			fmt.Fprintf(&b, format+"\n", i, i%17, i%10)
		}
		return b.String()
	}
	exercises := func(sign string) string {
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, "%d %s %d = ____\n", i*7%50, sign, i*3%20)
		}
		return b.String()
	}
	code := func(sum, compare string) string {
		return strings.Repeat("def apply(x, y):\n    r = x "+sum+" y\n    if r "+compare+" z:\n        r = r "+sum+" x\n    return r "+sum+" y\n", 3)
	}
	formulas := func(signs ...any) string {
		return fmt.Sprintf(strings.Repeat("p %[1]s q %[2]s r %[1]s s; ", 12), signs...)
	}
	return map[string][]string{
		"code":      {code("+", ">"), code("-", "<"), code("*", "=="), code("/", "!="), code("%", ">="), code("&", "<=")},
		"tables":    {table("S%d,%d.%d"), table("S%d,-%d.%d"), table("S%d,%d%d"), table("S%d,%d:%d"), table("S%d,%d.%d%%")},
		"exercises": {exercises("+"), exercises("-"), exercises("×"), exercises("÷"), exercises("−  -")},
		"logic":     {formulas("∧", "∨"), formulas("∨", "∧"), formulas("→", "¬"), formulas("⊕", "∧")},
		"reviews":   {strings.Repeat("好👍棒👍", 20), strings.Repeat("好👎棒👎", 20), strings.Repeat("好:(棒:(", 20)},
		"money":     {strings.Repeat("价$5和$7；", 15), strings.Repeat("价€5和€7；", 15), strings.Repeat("价5和7；", 15)},
		"short":     {"1.5", "-1.5", "15", "1:5", "1.5%", "好👍", "好👎", "a+b", "a-b", "ab"},
	}
}

// Signs tell texts apart at every threshold, in one run and over nights.
func TestSignsAreText(t *testing.T) {
	for _, threshold := range []float64{.75, 1} {
		for name, texts := range signFamilies() {
			t.Run(fmt.Sprintf("%s, %v", name, threshold), func(t *testing.T) {
				cfg := Default()
				cfg.Threshold = threshold
				if out := newCorpus(cfg).run(t, 2, texts); slices.Contains(out.kept, false) {
					t.Errorf("in one run: kept %v", out.kept)
				}
				c := newCorpus(cfg)
				for i, s := range texts {
					if out := c.run(t, 1, []string{s}); !out.kept[0] {
						t.Errorf("night %d: %.40q is a duplicate", i+1, s)
					}
				}
			})
		}
	}
}

// Typesetting does not, at any threshold and however short a text is.
func TestTypesettingIsNoText(t *testing.T) {
	for _, texts := range [][]string{
		{"他说：“你好，世界！”——然后走了。", "他說:\"你好,世界!\"--然後走了.", "他说「你好、世界」—然后走了", "他 说\n你好 世界\n然后走了"},
		{"价１．５元", "价1.5元", "价 1.5 元。"},
		{"ｶﾞﾗｽ", "ガラス", "「ガラス」"},
		{"كِتَـابٌ", "كتاب"},
		{"Yes!", "yes", "“YES.”"},
	} {
		cfg := Default()
		cfg.Threshold, cfg.MinShingles = 1, 1000
		out := newCorpus(cfg).run(t, 2, texts)
		if !out.kept[0] || slices.Contains(out.kept[1:], true) || out.resolve.Counters["same_key"] != int64(len(texts)-1) {
			t.Errorf("%q: kept %v, %v", texts, out.kept, out.resolve.Counters)
		}
	}
}

// The case of the field notes: six documents, all kept.
func TestCaseOfSigns(t *testing.T) {
	data, err := os.ReadFile("../../../shared/cases/f21_signs.jsonl")
	if err != nil {
		t.Skip("../shared/cases is not at hand")
	}
	var texts []string
	for line := range strings.Lines(string(data)) {
		var document struct{ Text string }
		if err := json.Unmarshal([]byte(line), &document); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, document.Text)
	}
	for _, threshold := range []float64{.75, 1} {
		cfg := Default()
		cfg.Threshold = threshold
		if out := newCorpus(cfg).run(t, 2, texts); len(out.kept) != 6 || slices.Contains(out.kept, false) {
			t.Errorf("threshold %v: kept %v", threshold, out.kept)
		}
	}
}
