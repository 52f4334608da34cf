package rule

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// toySignals are some of every unit.
var toySignals = Signals{
	{Name: "chars", Family: "text"},
	{Name: "words", Family: "text"},
	{Name: "han_share", Unit: Share, Family: "script"},
	{Name: "digit_share", Unit: Share, Family: "text"},
	{Name: "word_length", Unit: Mean, Family: "text"},
	{Name: "language", Labels: []string{"unknown", "zh", "en"}, Family: "language"},
	{Name: "edu_1a2b3c4d", Unit: Share, Family: "edu"},
	{Name: "adult_00000001", Family: "adult"},
	{Name: "adult_00000002", Family: "adult2"},
}

func toySubject() *Subject {
	s := &Subject{Values: []int64{120, 40, 333_334, 100_000, 2_500_000, 1, 900_000, 3, 0}}
	s.Next("forum", "2024/a.jsonl", []byte(`{"score": 3, "weight": 0.5, "tags": ["a", "b"], "author": "x"}`))
	return s
}

func TestCondition(t *testing.T) {
	for _, c := range []struct {
		text string
		met  bool
		says string // of one that is not met
	}{
		{"chars >= 120", true, ""},
		{"chars>120", false, "chars is 120, not > 120"},
		{" chars < 1_000 ", true, ""},
		{"chars == 0x78", true, ""},
		{"chars != 120", false, "chars is 120, not != 120"},
		{"han_share >= 0.33333", true, ""},
		{"han_share >= 0.33334", false, "han_share is 0.333334, not >= 0.33334"},
		{"word_length <= 2.5", true, ""},
		{"word_length <= 2.49999", false, "word_length is 2.5, not <= 2.49999"},
		{"language == 'zh'", true, ""},
		{`language != "zh"`, false, "language is zh, not != zh"},
		{"edu >= 0.9", true, ""},
		{"edu_1a2b3c4d > 0.9", false, "edu_1a2b3c4d is 0.9, not > 0.9"},

		{"han_share >= 0.3 and not (source == 'forum' and adult_00000001 > 2)", false, "han_share is 0.333334, adult_00000001 is 3"},
		{"han_share >= 0.3 and not (source == 'forum' and adult_00000001 > 3)", true, ""},
		{"0.33334 > han_share", true, ""},
		{"-0.1 + han_share > 0.23333", true, ""},
		{"han_share + digit_share >= 0.43333", true, ""},
		{"han_share * 3 > 1", true, ""},
		{"digit_share * chars == 12", true, ""},
		{"chars >= words * 3", true, ""},
		{"chars > words * 3", false, "chars is 120, words is 40"},
		{"chars * 2 == words * 6", true, ""},
		{"words != words", false, "words is 40"},
		{"chars % 7 == 1", true, ""},
		{"chars in [119, 120] and word_length in [2.5]", true, ""},
		{"language in ['zh', 'en'] && language != 'en'", true, ""},
		{"not (language in ['en'])", true, ""},
		{"max(han_share, digit_share, 0.2) < 0.4", true, ""},
		{"min(chars, 5) == 5 and abs(chars - 130) == 10", true, ""},
		{"(chars > 100 ? han_share : digit_share) > 0.3", true, ""},
		{"chars > 1024 * 1024", false, "chars is 120"},
		{"metadata.score >= 3 and metadata.weight < 0.6", true, ""},
		{"metadata.score <= words", true, ""},
		{"any(metadata.tags, # == 'b') and len(metadata.tags) == 2", true, ""},
		{"path startsWith '2023/'", false, "not path startsWith '2023/'"},
		{`path matches "^20[0-9]+/"`, true, ""},
		{"metadata.none == nil and metadata?.none?.more == nil", true, ""},
		{"source == 'forum'", true, ""},
		{"edu > 0.5 or edu_1a2b3c4d > 0.5", true, ""},
	} {
		one, err := ParseCondition(c.text, toySignals)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		s := toySubject()
		met, err := one.Tester().Meets(s)
		if err != nil || met != c.met {
			t.Errorf("%s: %v, %v", c.text, met, err)
		}
		if says := one.Says(s.Values); !met && says != c.says {
			t.Errorf("%s: %q, want %q", c.text, says, c.says)
		}
		if one.Plain() {
			columns := make([][]int64, len(s.Values))
			for i, v := range s.Values {
				columns[i] = []int64{v}
			}
			swept := []bool{!met}
			if one.Sweep(columns, swept); swept[0] != met {
				t.Errorf("%s: swept %v", c.text, swept[0])
			}
		}
		// In brackets it is for the library, which says the same.
		if by, err := ParseCondition("("+c.text+")", toySignals); err != nil && !strings.Contains(err.Error(), "parse number") {
			t.Errorf("(%s): %v", c.text, err)
		} else if err == nil {
			if again, err := by.Tester().Meets(s); by.Plain() || again != met || err != nil {
				t.Errorf("(%s): %v, %v", c.text, again, err)
			}
		}
	}
}

// What cannot be told of a document is an error.
func TestConditionOfDocument(t *testing.T) {
	for _, text := range []string{"metadata.none > 3", "metadata.author > 3", "metadata.author", "metadata.a.b.c == 1"} {
		c, err := ParseCondition(text, toySignals)
		if err != nil {
			t.Fatal(err)
		}
		if met, err := c.Tester().Meets(toySubject()); met || err == nil {
			t.Errorf("%s: %v, %v", text, met, err)
		}
	}
	c, err := ParseCondition("metadata.a == 1 or chars > 1", toySignals)
	if err != nil {
		t.Fatal(err)
	}
	s := toySubject()
	s.Next("", "", []byte("[]"))
	if _, err := c.Tester().Meets(s); err == nil {
		t.Error("metadata that are no object")
	}
}

// A condition says which fields it asks for, and does not take a text or a field of the metadata for one.
func TestConditionFields(t *testing.T) {
	for text, want := range map[string]string{
		"chars >= 5":                      "[]",
		"chars >= 5 and source != 'path'": "[source]",
		"metadata.source == path or path == '' or metadata.path > 3": "[metadata path]",
	} {
		c, err := ParseCondition(text, toySignals)
		if err != nil || fmt.Sprint(c.Fields) != want {
			t.Errorf("%s: %v, %v", text, c.Fields, err)
		}
	}
}

func TestConditionIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "a rule of 0 bytes",
		"char >= 5":                     `unknown signal "char" (did you mean chars?)`,
		"zzz >= 5":                      `unknown signal "zzz" (known are text: chars words digit_share word_length; script: han_share; language: language; edu: edu_1a2b3c4d; adult: adult_00000001; adult2: adult_00000002)`,
		"zzz >= 5 or chars > 3":         `unknown signal "zzz" (known are text:`,
		"share >= 0.5":                  `unknown signal "share" (did you mean han_share, digit_share?)`,
		"adult > 2":                     "adult is one of several models: write adult_00000001 or adult_00000002",
		"chars >= 50.5":                 `chars is a count: "50.5" is not a whole number in range`,
		"chars >= -1":                   "chars is a count: -1 is below 0",
		"chars >= x":                    `unknown signal "x"`,
		"han_share >= 30":               `han_share is a share: "30" is no number from 0 to 1`,
		"han_share >= 0.333333":         "han_share: 0.333333 has more than five decimals",
		"chars == 'zh'":                 "chars is a count: compare it with a number, and not with 'zh'",
		"language == 1":                 "language is a word: compare it with one, as in language == 'unknown'",
		"language == 'ZH'":              "language is never 'ZH': it may be zh",
		"language == 'xx'":              "language is never 'xx': it may be unknown, zh, en",
		"language >= 'zh'":              "language is a word: compare it with == or !=",
		"language == 'xx' or chars > 1": "language is never 'xx': it may be unknown, zh, en (character 13)",
		"language startsWith 'z'":       "a word cannot stand here",
		"language + 1 == 2":             "+ of a word (character 10)",
		"han_share / 2 > 0.1":           "/ gives a float: multiply the other side",
		"han_share > metadata.x":        "> of a share and no signal: shares and means are compared with numbers that are written out",
		"han_share + chars > 2":         "+ of a share and a count: they have other units",
		"han_share > words":             "> of a share and a count: they have other units",
		"han_share * digit_share > 0.1": "* of a share and a share: multiply by counts and by whole numbers",
		"han_share * 0.5 > 0.1":         "0.5 beside a count: a whole number is expected",
		"not (han_share > 30)":          "30 beside a share, which is from 0 to 1",
		"not (chars > 0.3)":             "0.3 beside a count: a whole number is expected",
		"chars > 0.1 + 0.2":             "write the number out that this comes to",
		"chars":                         "expected bool, but got int",
		"chars and true":                "a count cannot stand here",
		"chars >":                       "unexpected token EOF (character 7)",
		"now() == 1":                    "now is no function of rules",
		"keys(metadata) == []":          "keys is no function of rules",
		"let x = chars; x > 3":          "a rule has neither variables",
		"len(string(chars)) > 3":        "a count cannot stand here",
		"any(metadata.a, any(#, true))": "a condition inside of a condition over a list",
		"source matches metadata.p":     "a pattern is a text in quotes",
		"source matches '('":            "error parsing regexp",
		"[chars] == [1]":                "a count cannot stand here",
		"metadata[chars] == 1":          "a count cannot stand here",
		strings.Repeat("a", 70_000):     "a rule of 70000 bytes",
	} {
		_, err := ParseCondition(text, toySignals)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60s: several lines: %v", text, err)
		}
		_, isUnknown := errors.AsType[*UnknownSignalError](err)
		if want := strings.HasPrefix(want, "unknown signal"); isUnknown != want {
			t.Errorf("%.60s: an unknown signal: %v", text, !want)
		}
	}
}

// A rule that takes long, or much memory, ends with an error.
func TestConditionIsBounded(t *testing.T) {
	c, err := ParseCondition("any(1..100000000, # == 0)", toySignals)
	if err != nil {
		return // refused
	}
	if met, err := c.Tester().Meets(toySubject()); err == nil {
		t.Errorf("%v", met)
	}
}

func TestBoundsDoNotAllocate(t *testing.T) {
	c, err := ParseCondition("han_share >= 0.3", toySignals)
	if err != nil {
		t.Fatal(err)
	}
	tester, s := c.Tester(), toySubject()
	if n := testing.AllocsPerRun(100, func() { _, _ = tester.Meets(s) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever is written is a rule or is refused, and a rule gives one answer twice.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{
		"chars >= 50", "han_share >= 0.3 and not (source == 'forum' and adult_00000001 > 2)", "language in ['zh']", "max(1, chars) % 3 == 1",
		"any(metadata.tags, # matches 'a+')", "(chars ?? 1) > 2", "chars > 1 ? true : metadata.x", "-chars < +0.5", "metadata[0:3]", "#",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text, toySignals)
		if err != nil {
			return
		}
		s := toySubject()
		tester := c.Tester()
		a, errA := tester.Meets(s)
		b, errB := c.Tester().Meets(s)
		if a != b || (errA == nil) != (errB == nil) {
			t.Fatalf("%q: %v, %v, then %v, %v", text, a, errA, b, errB)
		}
		_ = c.Says(s.Values)
	})
}
