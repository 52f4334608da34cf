package show

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
)

func TestLog(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	corpustest.Drop(t, c)
	l, err := Of(c).Log(t.Context())
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
	corpustest.Golden(t, "log.txt", corpustest.WithoutDigests(t, c, text.Bytes()))
	corpustest.Golden(t, "log.json", corpustest.WithoutDigests(t, c, data.Bytes()))
	if v := l.Versions; v[0].Committed != "2026-10-27T03:00:01Z" || v[1].Live || !slices.Equal(v[2].Drops, []int{2}) {
		t.Errorf("%+v", v)
	}
}

func TestLogNotes(t *testing.T) {
	for want, l := range map[string]LogLine{
		"compacts 1 to 5, 7, 8": {Live: true, Compacts: []int{1, 2, 3, 4, 5, 7, 8}},
		"drops 2":               {Drops: []int{2}},
		"dropped by 3":          {GoneBy: 3}, "compacted into 4": {Live: true, Place: 4},
		"makes the index anew": {Live: true, Kind: "reindex"},
		"":                     {Live: true},
	} {
		if got := l.Note(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestVocab(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	v, err := Of(c).Vocab(t.Context(), VocabOptions{Version: 1, Top: 3})
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
	corpustest.Golden(t, "vocab.txt", text.Bytes())
	corpustest.Golden(t, "vocab.json", data.Bytes())

	all, err := Of(c).Vocab(t.Context(), VocabOptions{})
	if err != nil || all.Version != 2 || int64(len(all.Tokens)) != all.Chars {
		t.Fatalf("%+v, %v", all, err)
	}
	sum := 0.0
	for i, token := range all.Tokens {
		sum += token.Share
		if token.Rank != int64(i+1) || i > 0 && token.Count > all.Tokens[i-1].Count {
			t.Errorf("%+v is out of order", token)
		}
	}
	if sum < 0.999999 || sum > 1.000001 {
		t.Errorf("the shares add up to %v", sum)
	}
	if _, err := Of(c).Vocab(t.Context(), VocabOptions{Version: 3}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such version: %v", err)
	}
	if _, err := Of(corpus.Open(corpustest.NewStore(t), corpustest.Tables)).Vocab(t.Context(), VocabOptions{}); !errors.Is(err, ErrNotFound) {
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
