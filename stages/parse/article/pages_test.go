package article

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/stages/parse/article/facts"
	"github.com/millrace/millrace/stages/parse/markup"
)

var update = flag.Bool("update", false, "write the list of pages that come out wrong; never what is right")

// pages is the folder of pages that were written for the project, each with what is right for it: NAME.html; NAME.json, what the
// page is and says of itself; NAME.txt, its text; NAME.comments.txt, the text with what readers wrote behind it; NAME.md, the text as
// Markdown. They were written, and marked, by hand: no program may change them to what it would rather have.
//
// The headline is no part of the text, unless there is nothing else on the page. What introduces the text is, and so are
// headings within it, lists, tables, code; captions are in a gallery alone. Who wrote it when, sources, tags, invitations to share and to read on are not.
const pages = "testdata/pages"

// expected is what a page is: NAME.json. A fact that is left out is not looked at, an empty one must not be found.
type expected struct {
	Outcome string // article, none

	Title, Author, Published, Modified, Site, Source, Editor, URL, Language *string
}

// facts says which facts are not as they should be; empty: none.
func (want *expected) facts(got facts.Facts) string {
	var out strings.Builder
	for _, f := range []struct {
		name string
		want *string
		got  string
	}{
		{"title", want.Title, got.Title},
		{"author", want.Author, got.Author},
		{"published", want.Published, got.Published},
		{"modified", want.Modified, got.Modified},
		{"site", want.Site, got.Site},
		{"source", want.Source, got.Source},
		{"editor", want.Editor, got.Editor},
		{"url", want.URL, got.URL},
		{"language", want.Language, got.Language},
	} {
		if f.want != nil && *f.want != f.got {
			fmt.Fprintf(&out, "  %s %q, right is %q\n", f.name, f.got, *f.want)
		}
	}
	return out.String()
}

// rights are what can be right or wrong of a page: by the ending of the file that says what is right.
var rights = []struct {
	ending  string
	options Options
}{
	{".json", Options{}},
	{".txt", Options{}},
	{".comments.txt", Options{Comments: true}},
	{".md", Options{Markdown: true}},
}

// TestPages: each page comes out as it is right. Those that do not yet are in wrong.txt; one that comes out right is to be taken
// off the list, which -update does.
func TestPages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pages, "*.html"))
	if err != nil || len(files) < 44 {
		t.Fatal(len(files), err)
	}
	list := filepath.Join(pages, "wrong.txt")
	known, err := os.ReadFile(list)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var wrong []string
	var e Extractor // used for all of them
	for _, file := range files {
		name := strings.TrimSuffix(file, ".html")
		src := read(t, file)
		var want expected
		if err := json.Unmarshal(read(t, name+".json"), &want); err != nil {
			t.Fatal(file, err)
		}
		for _, kind := range rights {
			entry := filepath.Base(name) + kind.ending
			text, p := e.Extract(nil, src, kind.options)
			problem := ""
			switch right, err := os.ReadFile(name + kind.ending); {
			case kind.ending == ".json":
				problem = want.facts(p.Facts)
			case kind.ending == ".txt" && p.None != (want.Outcome == "none"):
				problem = "outcome is not " + want.Outcome
			case err == nil:
				problem = difference(right, text)
			case want.Outcome == "none" && kind.ending == ".txt":
				whole, _ := markup.HTML(nil, src)
				problem = difference(whole, text)
			}
			expected := slices.Contains(strings.Fields(string(known)), entry)
			if problem != "" {
				wrong = append(wrong, entry)
			}
			switch {
			case *update:
			case problem != "" && !expected:
				t.Errorf("%s (-right +got), article in %s:\n%s", entry, p.Where, problem)
			case problem == "" && expected:
				t.Errorf("%s comes out right: take it off the list, with -update", entry)
			}
		}
	}
	if *update {
		if err := os.WriteFile(list, []byte(strings.Join(append(wrong, ""), "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// maxDifference is as much as anybody reads of one, in bytes.
const maxDifference = 2000

// difference says which lines of right are missing (-), and which lines are too many (+), with the line before; empty: none.
func difference(right, got []byte) string {
	a, b := lines(right), lines(got)
	same := make([][]int, len(a)+1) // longest common part of what begins at a line of each
	for i := range same {
		same[i] = make([]int, len(b)+1)
	}
	for i, line := range slices.Backward(a) {
		for j, other := range slices.Backward(b) {
			if line == other {
				same[i][j] = same[i+1][j+1] + 1
			} else {
				same[i][j] = max(same[i+1][j], same[i][j+1])
			}
		}
	}
	var out strings.Builder
	agreed := true
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			agreed = true
			i++
			j++
			continue
		}
		if agreed && i > 0 {
			fmt.Fprintf(&out, "    %.80q\n", a[i-1])
		}
		agreed = false
		if out.Len() > maxDifference {
			return out.String() + "  ..."
		}
		if i == len(a) || j < len(b) && same[i][j+1] >= same[i+1][j] {
			fmt.Fprintf(&out, "  + %.160q\n", b[j])
			j++
		} else {
			fmt.Fprintf(&out, "  - %.160q\n", a[i])
			i++
		}
	}
	return out.String()
}

func lines(text []byte) []string {
	return strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
}
