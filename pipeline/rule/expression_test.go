package rule_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline/rule"
)

func document(t testing.TB, metadata string) *rule.Document {
	t.Helper()
	d := &rule.Document{ID: "0123", Source: "forum", Path: "2024/05/a.jsonl", Offset: 7, Chars: 12, Bytes: 36, Version: 3}
	if err := d.SetMetadata([]byte(metadata)); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestExpression(t *testing.T) {
	const metadata = `{"author": "老舍", "year": 1936, "score": 0.5, "tags": ["a", "b"], "deep": {"n": 9007199254740993}, "none": null}`
	for written, want := range map[string]bool{
		`source == "forum"`:                                            true,
		`source == 'news' or version > 3`:                              false,
		`path startsWith "2024/" and path endsWith ".jsonl"`:           true,
		`path matches "^20[0-9]{2}/0[1-5]/"`:                           true,
		`chars < 20 && bytes >= 36 && offset == 7`:                     true,
		`metadata.author == "老舍"`:                                      true,
		`metadata.author contains "舍" and metadata.year in 1900..1940`: true,
		`metadata.score > 0.4`:                                         true,
		`"b" in metadata.tags`:                                         true,
		`metadata.deep.n == 9007199254740993`:                          true,
		`metadata.missing == nil and metadata.none == nil`:             true,
		`metadata.missing == "x"`:                                      false,
		`metadata.missing contains "x"`:                                false,
		`(metadata.missing ?? "") contains "x"`:                        false,
		`"url" in metadata`:                                            false,
		`len(metadata.tags) == 2 and not (source == "x")`:              true,
	} {
		e, err := rule.ParseExpression(written)
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		if got, err := e.Evaluator().Meets(document(t, metadata)); got != want || err != nil {
			t.Errorf("%s: %v, %v", written, got, err)
		}
		if e.Metadata != strings.Contains(written, "metadata") {
			t.Errorf("%s: asks for metadata: %v", written, e.Metadata)
		}
	}
}

// TestExpressionRefuses what is no condition, names what there is not, or would differ from one time to the next.
func TestExpressionRefuses(t *testing.T) {
	for _, written := range []string{
		"", "  ", "source =", `sauce == "x"`, "chars", `source + 1`, `now() > 3`, `date("2024-01-01") != nil`, `duration("1h") != nil`,
		strings.Repeat("(", 70_000), `chars > "x"`,
	} {
		if _, err := rule.ParseExpression(written); err == nil {
			t.Errorf("%.40q: accepted", written)
		}
	}
}

// TestExpressionCannotTell: what cannot be told of a document is an error and no answer, and takes bounded memory.
func TestExpressionCannotTell(t *testing.T) {
	for _, written := range []string{
		`metadata.author > 3`, `metadata.missing.deeper == 1`, `len(map(1..1000000, # * 2)) > chars`,
	} {
		e, err := rule.ParseExpression(written)
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		if got, err := e.Evaluator().Meets(document(t, `{"author": "a"}`)); err == nil || got {
			t.Errorf("%s: %v without an error", written, got)
		}
	}
}

// TestExpressionAtOnce: goroutines share an expression.
func TestExpressionAtOnce(t *testing.T) {
	e, err := rule.ParseExpression(`metadata.n == chars`)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			v, d := e.Evaluator(), &rule.Document{Metadata: map[string]any{"n": n}}
			for i := range 1000 {
				d.Chars = i % 4
				if met, err := v.Meets(d); met != (d.Chars == n) || err != nil {
					t.Errorf("%d, %d: %v, %v", n, d.Chars, met, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestMetadataIsAnObject(t *testing.T) {
	d := &rule.Document{Metadata: map[string]any{"old": 1}}
	if err := d.SetMetadata(nil); err != nil || d.Metadata != nil {
		t.Error(d.Metadata, err)
	}
	for _, bad := range []string{"[1]", "{", `"x"`} {
		if err := d.SetMetadata([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{`source == "a"`, `metadata.x in [1, 2]`, `path matches "a*"`, `len(map(1..9, #)) > 3`, `sum(1..100000) > 3`} {
		f.Add(s, `{"x": 1}`)
	}
	f.Fuzz(func(t *testing.T, written, metadata string) {
		e, err := rule.ParseExpression(written)
		if err != nil {
			return
		}
		d := &rule.Document{Source: "s", Path: "p"}
		if d.SetMetadata([]byte(metadata)) != nil {
			return
		}
		first, err := e.Evaluator().Meets(d)
		again, other := e.Evaluator().Meets(d)
		if first != again || (err == nil) != (other == nil) {
			t.Errorf("%v, %v and then %v, %v", first, err, again, other)
		}
	})
}
