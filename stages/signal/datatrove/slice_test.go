package datatrove

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/signal"
)

// sliceEntry is a text with what datatrove counts and says of it. A figure is null where it stops before.
type sliceEntry struct {
	Text    string
	Reasons []string
	Figures map[string][]*int64
}

func readSlice(t testing.TB) []sliceEntry {
	data, err := os.ReadFile("testdata/verdicts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []sliceEntry
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e sliceEntry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// TestSlice: figures, verdicts and reasons of texts of our own are those of datatrove, and every reason is among them.
func TestSlice(t *testing.T) {
	f := newFigures(t)
	unseen := map[string]bool{}
	for _, p := range Presets {
		for _, b := range p.Bounds {
			unseen[p.Name+" "+b.Reason] = f.out[p.Language] != nil
		}
	}
	for _, e := range readSlice(t) {
		f.measure([]byte(e.Text))
		for name, figures := range f.out {
			for i, c := range columns("") {
				if want := e.Figures[name][i]; want != nil && *want != figures[i] {
					t.Errorf("%.60q in %s: %s is %d, not %d", e.Text, name, c.Name, figures[i], *want)
				}
			}
		}
		for i, p := range Presets {
			reason := e.Reasons[i]
			if f.out[p.Language] == nil || reason == "!" { // it divided by zero
				continue
			}
			if got, figure := Verdict(p, f.out[p.Language]); got != reason {
				t.Errorf("%.60q: preset %s says %q (%d), not %q", e.Text, p.Name, got, figure, reason)
			}
			delete(unseen, p.Name+" "+reason)
		}
	}
	// A document of 100 000 words is made below, and a word has a character.
	delete(unseen, "fineweb2-cmn_Hani gopher_below_avg_threshold")
	delete(unseen, "gopher gopher_long_doc")
	delete(unseen, "fineweb2-cmn_Hani gopher_long_doc")
	for reason, known := range unseen {
		if known {
			t.Errorf("no text is dropped for %s", reason)
		}
	}
}

// TestLongDocument: a text is too long with more than 100 000 words.
func TestLongDocument(t *testing.T) {
	for _, p := range Presets {
		column := slices.IndexFunc(columns(languages[p.Language].prefix), func(c signal.Column) bool { return strings.HasSuffix(c.Name, "content_words") })
		figures := make([]int64, columnCount)
		if i := slices.IndexFunc(p.Bounds, func(b Bound) bool { return b.Reason == "gopher_long_doc" }); i >= 0 {
			p.Bounds = p.Bounds[i : i+1]
			for n, want := range map[int64]string{100_000: "", 100_001: "gopher_long_doc"} {
				figures[column] = n
				if got, _ := Verdict(p, figures); got != want {
					t.Errorf("%s: %d words: %q", p.Name, n, got)
				}
			}
		}
	}
}
