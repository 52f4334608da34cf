package ingest_test

import (
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

func TestPageText(t *testing.T) {
	for want, p := range map[string]columnar.Page{
		"div#content > div.article: 34 of 210 blocks, 5,120 of 9,800 characters": {
			Article: true, Where: "div#content > div.article", Blocks: 210, Taken: 34, Chars: 9800, TakenChars: 5120,
		},
		"1 of 2 blocks, 3 of 4 characters":                                 {Article: true, Blocks: 2, Taken: 1, Chars: 4, TakenChars: 3},
		"the whole page: 1 block, 1 character":                             {Article: true, Where: "body", Blocks: 1, Taken: 1, Chars: 1, TakenChars: 1},
		"no article found: the whole page, 2,000 blocks, 1,234 characters": {Blocks: 2000, Taken: 2000, Chars: 1234, TakenChars: 1234},
	} {
		if got := ingest.PageText(&p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
