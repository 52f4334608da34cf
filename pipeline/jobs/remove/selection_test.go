package remove

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSelectionSettles(t *testing.T) {
	id := func(digit string) string { return strings.Repeat(digit, 32) }
	s := Selection{IDs: []string{id("B"), id("a"), id("b")}}
	if err := s.settle(); err != nil || !slices.Equal(s.IDs, []string{id("a"), id("b")}) {
		t.Errorf("%v, %v", s.IDs, err)
	}
	for what, s := range map[string]Selection{
		"none": {}, "two": {Path: "a", Like: "b"}, "short id": {IDs: []string{"abc"}}, "no id": {IDs: []string{id("x")}}, "pattern": {Path: "["},
		"absolute": {Path: "/a"}, "expression": {Where: "source ="}, "no condition": {Where: "chars"}, "too many": {IDs: make([]string, mostIDs+1)},
	} {
		if err := s.settle(); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

func TestMatcher(t *testing.T) {
	r := row{
		id: [16]byte{1, 2}, source: []byte("news"), path: []byte("2026/a.jsonl"), metadata: []byte(`{"author": "A", "tags": ["x"]}`),
		offset: 3, chars: 10, bytes: 30, version: 2,
	}
	for _, c := range []struct {
		s    Selection
		want bool
	}{
		{Selection{IDs: []string{"01020000000000000000000000000000"}}, true},
		{Selection{IDs: []string{"01020000000000000000000000000001"}}, false},
		{Selection{Path: "2026"}, true},
		{Selection{Path: "*.jsonl"}, false},
		{Selection{Path: "**/*.jsonl"}, true},
		{Selection{Path: "news/2026/*"}, true},
		{Selection{Path: "forum/**"}, false},
		{Selection{Where: `metadata.author == "A" and "x" in metadata.tags`}, true},
		{Selection{Where: `id startsWith "0102" and version == 2 and offset == 3`}, true},
		{Selection{Where: `bytes > 30`}, false},
	} {
		m, err := c.s.matcher()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // it keeps nothing of the row before
			if got, err := m.matches(&r); got != c.want || err != nil {
				t.Errorf("%+v: %v, %v", c.s, got, err)
			}
		}
	}
	m, err := (&Selection{Where: "metadata.author > 3"}).matcher()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.matches(&r); got || !errors.Is(err, errUntold) {
		t.Errorf("what cannot be told: %v, %v", got, err)
	}
	r.metadata = []byte("{")
	if _, err := m.matches(&r); err == nil || errors.Is(err, errUntold) {
		t.Errorf("damaged metadata: %v", err)
	}
	if m, err := (&Selection{Like: "x"}).matcher(); m != nil || err != nil {
		t.Errorf("resemblance is told by rows: %v, %v", m, err)
	}
}
