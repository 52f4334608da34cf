package spm

import (
	"os"
	"strings"
	"testing"
)

// TestGiven: of pieces of users the longest that a text begins with is found; of equal ones it is the last.
func TestGiven(t *testing.T) {
	f := &Front{}
	if id, size := f.Given([]byte("ab")); f.HasGiven() || size != 0 {
		t.Errorf("without any: %d, %d bytes", id, size)
	}
	var err error
	if f.given, err = newGivens([]Piece{{Text: []byte("a"), Type: Normal}, {Text: []byte("ab"), Type: Given}, {Text: []byte("荆楚"), Type: Given}, {Type: Given}, {Text: []byte("荆楚"), Type: Given}, {Text: []byte("荆楚大"), Type: Given}}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][2]int{"a": {0, 0}, "abc": {1, 2}, "荆楚": {4, 6}, "荆楚大地": {5, 9}, "荆": {0, 0}, "": {0, 0}} {
		if id, size := f.Given([]byte(text)); int(id) != want[0] || size != want[1] {
			t.Errorf("%q: %d, %d bytes, want %v", text, id, size, want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for data, want := range map[string]string{
		"":                          "it has no pieces",
		"\x0a\x05":                  "no protocol buffer",
		"\x0a\x03\x0a\x01a":         "no piece is of type unknown",
		"\x0a\x05\x0a\x01a\x18\x09": "piece 0 is of type 9",
		"\x0a\x05\x0a\x01a\x18\x02\x0a\x05\x0a\x01b\x18\x02": "two pieces are of type unknown",
		"\x0a\x08\x0a\x01a\x15\x00\x00\xc0\x7f":              "the score NaN of piece 0",
		"\x1a\x04\x12\x02ab\x0a\x03\x0a\x01a":                "a map of characters",
	} {
		if _, err := Read([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", data, err, want)
		}
	}
}

// FuzzRead: whatever a file holds, it is read or refused, and its front takes any text.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"../charbpe/testdata/plain.model", "../unigram/testdata/spm.model"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "the tea house\u3000荆楚")
	}
	f.Fuzz(func(_ *testing.T, data []byte, text string) {
		if m, err := Read(data); err == nil {
			m.Front.Normalize(nil, []byte(text))
		}
	})
}
