package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
)

func TestLog(t *testing.T) {
	_, c := twoNights(t)
	drop(t, c)
	l, err := c.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Versions {
		l.Versions[i].Bytes = 0 // they follow from the encoder
	}
	var text, data bytes.Buffer
	if err := l.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(&data)
	enc.SetIndent("", "  ")
	if err := enc.Encode(l); err != nil {
		t.Fatal(err)
	}
	golden(t, "log.txt", withoutDigests(t, c, text.Bytes()))
	golden(t, "log.json", withoutDigests(t, c, data.Bytes()))
	if v := l.Versions; v[0].Committed != "2026-10-27T03:00:01Z" || v[1].Live || !slices.Equal(v[2].Drops, []int{2}) {
		t.Errorf("%+v", v)
	}
}

func TestLogNotes(t *testing.T) {
	for want, l := range map[string]LogLine{
		"compacts 1 to 5, 7, 8": {Live: true, Compacts: []int{1, 2, 3, 4, 5, 7, 8}},
		"drops 2":               {Drops: []int{2}},
		"dropped by 3":          {GoneBy: 3}, "compacted into 4": {Live: true, Place: 4},
		"": {Live: true},
	} {
		if got := l.note(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestVocab(t *testing.T) {
	_, c := twoNights(t)
	v, err := c.Vocab(t.Context(), VocabOptions{Version: 1, Top: 3})
	if err != nil {
		t.Fatal(err)
	}
	var text, data bytes.Buffer
	if err := v.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(&data)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	golden(t, "vocab.txt", text.Bytes())
	golden(t, "vocab.json", data.Bytes())

	all, err := c.Vocab(t.Context(), VocabOptions{})
	if err != nil || all.Version != 2 || int64(len(all.Tokens)) != all.Chars {
		t.Fatalf("%+v, %v", all, err)
	}
	sum := 0.0
	for i, token := range all.Tokens {
		sum += token.Share
		if token.Rank != i+1 || i > 0 && token.Count > all.Tokens[i-1].Count {
			t.Errorf("%+v is out of order", token)
		}
	}
	if sum < 0.999999 || sum > 1.000001 {
		t.Errorf("the shares add up to %v", sum)
	}
	if _, err := c.Vocab(t.Context(), VocabOptions{Version: 3}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such version: %v", err)
	}
	if _, err := Open(newStore(t)).Vocab(t.Context(), VocabOptions{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty corpus: %v", err)
	}
}

func TestVocabCharIsNew(t *testing.T) {
	for want, list := range map[bool][]VocabChar{
		true:  {{Count: 3, NewCount: 3}},
		false: {{Count: 3, NewCount: 2}, {Count: 3}, {}},
	} {
		for _, c := range list {
			if c.isNew() != want {
				t.Errorf("%+v", c)
			}
		}
	}
}

// TestVersionRange: numbers of versions are written as commands take them.
func TestVersionRange(t *testing.T) {
	for want, list := range map[string][]int{
		"": nil, "7": {7}, "1, 2": {1, 2}, "1 to 3, 5": {1, 2, 3, 5}, "998 to 1001, 2000": {998, 999, 1000, 1001, 2000},
	} {
		if got := VersionRange(list); got != want {
			t.Errorf("%v: %q, want %q", list, got, want)
		}
	}
}
