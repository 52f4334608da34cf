package article

import (
	"os"
	"strings"
	"testing"
)

// docs/web.md has every word on why a block is left out.
func TestDocumentedWhy(t *testing.T) {
	page, err := os.ReadFile("../../../docs/web.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range whyNames {
		if word != "" && !strings.Contains(string(page), "`"+word+"`") {
			t.Errorf("docs/web.md does not say what `%s` is", word)
		}
	}
}
