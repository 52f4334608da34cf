package vocab

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// everyKind is a text of every sort of character that JSON or a line may take for something else.
func everyKind() string {
	var b strings.Builder
	for r := range rune(0x3100) {
		if utf8.ValidRune(r) {
			b.WriteRune(r)
		}
	}
	for r := range unicode.White_Space.R16 {
		b.WriteRune(rune(unicode.White_Space.R16[r].Lo))
	}
	return b.String() + "荆楚\ufeff\ufffd\uffff\U0001F44D\U0001F3FD\U0010FFFF"
}

// tokenizerFile is tokenizer.json as JSON has it.
type tokenizerFile struct {
	Added []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	} `json:"added_tokens"`
	Model struct {
		Type    string         `json:"type"`
		Vocab   map[string]int `json:"vocab"`
		Unknown string         `json:"unk_token"`
	} `json:"model"`
}

// Every token of the table is in vocab.txt and in tokenizer.json, under its id, whatever character it is.
func TestTokenizerHasTheTable(t *testing.T) {
	m := pipelinetest.NewMemory()
	mustBuild(t, runOf([]string{everyKind(), "荆楚"}).Job(t, m))
	want := map[string]int{}
	for _, r := range readRows(t, m.Get("out/"+tablePath)) {
		want[r.Token] = int(r.ID)
	}
	var file tokenizerFile
	pipelinetest.Must(t, json.Unmarshal(m.Get("out/"+modelPath), &file))
	if diff := gocmp.Diff(want, file.Model.Vocab); diff != "" {
		t.Error(diff)
	}
	if file.Model.Type != "WordLevel" || file.Model.Unknown != "<UNK>" {
		t.Errorf("%s, unknown %s", file.Model.Type, file.Model.Unknown)
	}
	for i, a := range file.Added {
		if a.ID != i || a.Content != Default().Special[i] || !a.Special {
			t.Errorf("added token %+v", a)
		}
	}
	if len(file.Added) != len(Default().Special) {
		t.Errorf("%d added tokens", len(file.Added))
	}
	lines := strings.Split(string(m.Get("out/"+linesPath)), "\n")
	got := map[string]int{}
	for id, line := range lines[:len(lines)-1] {
		if escaped.MatchString(line) {
			r, err := strconv.ParseUint(line[2:], 16, 32)
			pipelinetest.Must(t, err)
			line = string(rune(r))
		}
		got[line] = id
	}
	if diff := gocmp.Diff(want, got); diff != "" || lines[len(lines)-1] != "" {
		t.Error(diff)
	}
	for _, line := range lines[:len(lines)-1] {
		if line == "" || strings.ContainsFunc(line, unicode.IsSpace) {
			t.Errorf("line %q has white space", line)
		}
	}
}

// The token of unknown characters is the one that is called so. Without one there is a name that no text gives.
func TestTokenizerUnknown(t *testing.T) {
	for _, test := range []struct {
		special []string
		want    string
	}{
		{Default().Special, "<UNK>"},
		{[]string{"<pad>", "<unk>"}, "<unk>"},
		{[]string{"[CLS]", "[UNK]", "<UNK>"}, "[UNK]"},
		{[]string{"<|UNK|>"}, "<|UNK|>"},
		{[]string{"<PAD>", "<UNKNOWN>"}, "<UNK>"},
		{nil, "<UNK>"},
	} {
		m := pipelinetest.NewMemory()
		job := runOf([]string{"荆楚"}).Job(t, m)
		mustBuild(t, job)
		pipelinetest.Must(t, job.Out.Remove(t.Context(), "vocab"))
		_, err := NewMerge(Config{Special: test.special}).Run(t.Context(), pipeline.Task{Stage: stageMerge}, job)
		pipelinetest.Must(t, err)
		var file tokenizerFile
		pipelinetest.Must(t, json.Unmarshal(m.Get("out/"+modelPath), &file))
		if _, there := file.Model.Vocab[file.Model.Unknown]; file.Model.Unknown != test.want || there != slices.Contains(test.special, test.want) {
			t.Errorf("%q: %s, %v", test.special, file.Model.Unknown, file.Model.Vocab)
		}
	}
}

func TestLineOfAToken(t *testing.T) {
	for text, want := range map[string]string{"\n": `\u000A`, " ": `\u0020`, "\u3000": `\u3000`, "\U0001F600": `\U0001F600`} {
		if got := (&token{text: text, kind: typeSpace}).line(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := (&token{text: `\`, kind: typeChar}).line(); got != `\` {
		t.Errorf("a backslash is %s", got)
	}
}
