package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestInspect(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	in, err := Of(c).Inspect(t.Context(), InspectOptions{Documents: 3, Tokens: 6, Groups: 2, Examples: 2})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := in.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	corpustest.Golden(t, "inspect.txt", corpustest.WithoutDigests(t, c, text.Bytes()))
	for i := range in.Versions {
		in.Versions[i].Bytes = 0 // they follow from the encoder
	}
	data, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	corpustest.Golden(t, "inspect.json", corpustest.WithoutDigests(t, c, append(data, '\n')))

	if len(in.Documents) != 3 || in.Documents[0].Path != "a/day1.jsonl" || in.Documents[2].Version != 2 {
		t.Errorf("samples %+v", in.Documents)
	}
	if g := in.Groups[0]; g.Size != 3 || g.Kinds["near"] != 2 || g.Winner == nil || !strings.HasPrefix(g.Winner.Text, "荆楚大地") {
		t.Errorf("largest group %+v", g)
	}
	none, err := Of(c).Inspect(t.Context(), InspectOptions{})
	if err != nil || len(none.Documents)+len(none.Tokens)+len(none.Groups) != 0 || len(none.Rejects) != 6 {
		t.Errorf("asked for nothing: %+v, %v", none, err)
	}
	empty, err := Of(corpus.Open(corpustest.NewStore(t), corpustest.Tables)).Inspect(t.Context(), InspectOptions{Documents: 1, Tokens: 1, Groups: 1, Examples: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := empty.WriteText(&text); err != nil {
		t.Error(err)
	}
}

// The samples are spread over all documents, whatever the shards, and there are as many as asked for.
func TestSamplesAreSpread(t *testing.T) {
	var spec []corpustest.File
	for i := range 40 {
		spec = append(spec, corpustest.File{Path: fmt.Sprintf("%02d", i), Docs: []corpustest.Doc{{Text: "文"}}, Bundled: i > 0})
	}
	local := corpustest.NewStore(t)
	for night := range 2 {
		for i := range spec {
			spec[i].Path = fmt.Sprintf("%d/%02d", night, i)
		}
		corpustest.MakeRun(t, local, spec, corpustest.Sabotage{}).MustCommit(t)
	}
	for n, want := range map[int][]string{1: {"1/00"}, 2: {"0/20", "1/20"}, 4: {"0/10", "0/30", "1/10", "1/30"}, 100: nil} {
		in, err := Of(corpus.Open(local, corpustest.Tables)).Inspect(t.Context(), InspectOptions{Documents: n})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range in.Documents {
			got = append(got, d.Path)
		}
		if want == nil {
			if len(got) != 80 {
				t.Errorf("%d samples of 80 documents", len(got))
			}
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d samples (-want +got):\n%s", n, diff)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text           string
		columns, lines int
		want           []string
	}{
		{"荆楚大地涌动", 6, 9, []string{"荆楚大", "地涌动"}},
		{"荆楚a大地", 6, 9, []string{"荆楚a", "大地"}},
		{"荆楚大地涌动", 6, 1, []string{"荆楚…"}},
		{"one\n\n  two\x1b[1m\n", 20, 9, []string{"one", "two·[1m"}},
		{"ab cd ef", 6, 9, []string{"ab cd", "ef"}},
		{"", 6, 9, nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, wrap(test.text, test.columns, test.lines)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text, columns, lines := rapid.String().Draw(t, "text"), rapid.IntRange(3, 20).Draw(t, "columns"), rapid.IntRange(1, 5).Draw(t, "lines")
		got := wrap(text, columns, lines)
		if len(got) > lines {
			t.Errorf("%d lines", len(got))
		}
		for _, line := range got {
			if displayWidth(line) > columns || strings.ContainsAny(line, "\n\x1b\u202e") {
				t.Errorf("line %q", line)
			}
		}
	})
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{"\n": "⏎", "\t": "⇥", " ": "␠", "a\tb": "a b", "\x07": "·", "\u202e": "·", "字": "字"} {
		if got := visible(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}
