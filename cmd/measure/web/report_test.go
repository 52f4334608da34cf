package web

import (
	"bytes"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	pages := []Page{
		{Name: "a", HTML: make([]byte, 500_000), Text: "one two three four five", Date: "2024-05-20"},
		{Name: "b", HTML: make([]byte, 1_000_000), Text: strings.Repeat("长文章", 300), Chinese: true, Held: true, Date: Undated},
		{Name: "c", HTML: make([]byte, 1_000_000), Text: "短文章一篇", Chinese: true},
		{Name: "d", Chinese: true, None: true},
	}
	ours := newExtraction("ours")
	ours.texts = map[string]string{"a": "one two three four five", "b": pages[1].Text, "c": "短文章一篇，完", "d": "列表"}
	ours.none, ours.dates = map[string]bool{"d": true, "c": true}, map[string]string{"a": "2024-05-20", "b": "2024-05-20"}
	ours.cpu = map[bool]float64{false: .001, true: .01}
	other := newExtraction("other")
	other.texts["b"] = "别的文章"
	table := &Table{English: Repository{Name: "o/n", Commit: "0123456789"}, Sites: []Site{{Take: []string{"a"}}, {Take: []string{"a"}, Held: true}, {}}}
	var out bytes.Buffer
	if err := report(&out, "a machine", table, pages, []*extraction{ours, other}); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	said := strings.Join(lines, "\n")
	for _, want := range []string{
		"o/n at 01234567; Chinese: 2 sites, 1 of them held out", "\nEnglish 1 ours 1.000 1.000 1.000 1.00 0 0.0020\n",
		"\nChinese 2 ours 0.750 1.000 0.857 0.50 0 0.0050\n", "\nChinese 2 other 0.000 0.000 0.000 0.00 1 0.0000\n",
		"\nChinese, held out 1 ours 1.000 1.000 1.000 1.00 0 -\n", "\nChinese, short 1 ours 0.500 1.000 0.667 0.00 0 -\n",
		"no article: said of 1 of 1 pages that have none, and of 1 that have one",
		"\nEnglish ours 1 1 (100.0 %) 0 0 0 0\n", "\nChinese ours 0 0 (0.0 %) 0 0 1 1",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\nbut\n%s", want, said)
		}
	}
}

// TestTools: the script has what it is asked for, and what that needs is pinned.
func TestTools(t *testing.T) {
	for _, tool := range tools {
		if !bytes.Contains(script, []byte("\ndef "+tool.function+"(")) || len(Pins[tool.environment]) == 0 {
			t.Errorf("%s: no function %s in the script, or nothing pinned for %s", tool.name, tool.function, tool.environment)
		}
		for _, pin := range Pins[tool.environment] {
			if !strings.Contains(pin, "==") {
				t.Errorf("%s is not pinned", pin)
			}
		}
	}
}
