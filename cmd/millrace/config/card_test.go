package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// What is said for the card is no part of what is stored, and is nothing if nobody says anything.
func TestCard(t *testing.T) {
	c, err := Load("a.yaml", []byte("card: {name: n, license: CC-BY-4.0, languages: [zh, zh-Hant], tags: [a], citation: c, publisher: p, description: d}\n"+
		"sources: [{name: laws, license: other, homepage: https://e.org}, {name: news}]"), []string{asReference})
	if err != nil {
		t.Fatal(err)
	}
	if settings, err := c.Settings(); string(settings) != "{}" || err != nil {
		t.Errorf("stored is %s, %v", settings, err)
	}
	want := &manifest.About{
		Name: "n", Description: "d", License: "CC-BY-4.0", Languages: []string{"zh", "zh-Hant"}, Tags: []string{"a"}, Citation: "c", Publisher: "p",
		Sources: []manifest.AboutSource{{Name: "laws", License: "other", Homepage: "https://e.org"}},
	}
	if diff := cmp.Diff(want, c.About()); diff != "" {
		t.Error(diff)
	}
	if a := Default().About(); a != nil {
		t.Errorf("the default says %+v", a)
	}
	for file, word := range map[string]string{
		"card: {languages: [zh, Chinese]}": "card.languages[1]", "card: {license: all mine}": "card.license",
		"sources: [{name: a, license: <b>}]": "sources[0].license", "sources: [{name: a, homepage: 'javascript:x'}]": "sources[0].homepage",
	} {
		if _, err := Load("a.yaml", []byte(file), nil); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %s is not named: %v", file, word, err)
		}
	}
}
