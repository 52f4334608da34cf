package dataset_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/dataset"
)

// toy is a small document.
type toy struct {
	Name     string         `json:"name"`
	Files    []dataset.File `json:"files"`
	Checksum string         `json:"checksum"`
}

var someToy = toy{Name: "一 < 二", Files: []dataset.File{{Path: "data/000001/a", Bytes: 3, Rows: 1, SHA256: strings.Repeat("0", 64)}}}

func TestDocument(t *testing.T) {
	data, sum, err := dataset.Encode(someToy)
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "name": "一 < 二",
  "files": [
    {
      "path": "data/000001/a",
      "bytes": 3,
      "rows": 1,
      "sha256": "` + strings.Repeat("0", 64) + `"
    }
  ],
  "checksum": ""
}
`
	of := sha256.Sum256([]byte(want))
	if sum != hex.EncodeToString(of[:]) {
		t.Errorf("checksum is %s", sum)
	}
	if want = strings.Replace(want, `"checksum": "`, `"checksum": "`+sum, 1); string(data) != want {
		t.Errorf("got %s\nwant %s", data, want)
	}
	var got toy
	if err := dataset.Decode(data, &got); err != nil || got.Checksum != sum || !slices.Equal(got.Files, someToy.Files) {
		t.Errorf("decoded %+v, %v", got, err)
	}
	got.Checksum = ""
	if again, _, err := dataset.Encode(&got); err != nil || !bytes.Equal(again, data) {
		t.Errorf("encoded again it differs, %v", err)
	}
}

// Every flipped bit and every cut is found, whatever it makes of the JSON.
func TestDocumentFindsEveryFlip(t *testing.T) {
	data, _, err := dataset.Encode(someToy)
	if err != nil {
		t.Fatal(err)
	}
	for at := range data {
		for bit := range 8 {
			b := slices.Clone(data)
			b[at] ^= 1 << bit
			if err := dataset.Decode(b, new(toy)); err == nil {
				t.Errorf("byte %d, bit %d: not found", at, bit)
			}
		}
		if err := dataset.Decode(data[:at], new(toy)); err == nil {
			t.Errorf("cut at %d: not found", at)
		}
	}
	if err := dataset.Decode(append(slices.Clone(data), '\n'), new(toy)); err == nil {
		t.Error("one byte more: not found")
	}
}

// What does not end in an empty checksum is no document.
func TestDocumentWithoutChecksum(t *testing.T) {
	filled := someToy
	filled.Checksum = "ab"
	for name, v := range map[string]any{
		"no field":            struct{ Name string }{"x"},
		"another one is last": struct{ Checksum, Name string }{"", ""},
		"it is set":           filled,
		"a value ends alike":  struct{ Name string }{`x "checksum": "`},
		"deeper":              struct{ In struct{ Checksum string } }{},
		"an empty object":     struct{}{},
		"no JSON":             func() {},
	} {
		if data, _, err := dataset.Encode(v); err == nil {
			t.Errorf("%s: %s", name, data)
		}
	}
}

func FuzzDecode(f *testing.F) {
	data, _, err := dataset.Encode(someToy)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"checksum": "` + strings.Repeat("a", 64) + "\"\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got toy
		if err := dataset.Decode(data, &got); err == nil && !bytes.HasSuffix(data, []byte(got.Checksum+"\"\n}\n")) {
			t.Errorf("decoded with the checksum %q", got.Checksum)
		}
	})
}
