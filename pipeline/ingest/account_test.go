package ingest

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
)

// TestAccountLines: what the encoder writes comes back, with any field and among lines of any length.
func TestAccountLines(t *testing.T) {
	want := []AccountLine{
		{Account: &FileAccount{}},
		{Account: &FileAccount{File: math.MaxInt32, Bytes: 1 << 40, Documents: 7}},
		{Reject: &columnar.Reject{File: 3, Offset: 9, Bytes: 2, Reason: "too long", Detail: strings.Repeat("长", 100_000)}},
		{Account: &FileAccount{File: 1, Bytes: math.MaxInt64, Reason: "binary", Unread: 5}},
		{Page: &columnar.Page{File: 2, Offset: 8}},
	}
	for i := range reflect.TypeFor[FileAccount]().NumField() {
		a := &FileAccount{}
		if f := reflect.ValueOf(a).Elem().Field(i); f.CanInt() {
			f.SetInt(int64(1000 + i))
		}
		want = append(want, AccountLine{Account: a})
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for _, line := range want {
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	for _, end := range []string{"", "\n"} {
		file := strings.TrimSuffix(text.String(), "\n") + end
		lines := newAccountLines(strings.NewReader(file), int64(len(file)))
		for i := range want {
			got, err := lines.next()
			if err != nil || !reflect.DeepEqual(got, want[i]) {
				t.Fatalf("line %d: %+v, want %+v: %v", i, got.Account, want[i].Account, err)
			}
		}
		if _, err := lines.next(); err != io.EOF { //nolint:errorlint // readers return it as it is
			t.Errorf("behind the last line: %v", err)
		}
	}
}

// FuzzAccountLine: what is read without reflection is what a decoder of JSON reads.
func FuzzAccountLine(f *testing.F) {
	f.Add([]byte(`{"account":{"file":1,"bytes":20,"documents":3,"kept":19}}`))
	f.Add([]byte(`{"account":{"file":2147483648,"bytes":09}}`))
	f.Add([]byte(`{"account":{"file":-1,"bytes":1e3,"reason":"x"}}`))
	f.Add([]byte(`{"account":{"bytes":9223372036854775808}}`))
	f.Add([]byte(`{"account":{"lost":0,"mixed":1,"lost":2}} `))
	f.Fuzz(func(t *testing.T, line []byte) {
		var got FileAccount
		if !got.scan(line) {
			return
		}
		var want AccountLine
		if err := json.Unmarshal(line, &want); err != nil || want.Account == nil || *want.Account != got || want.Reject != nil || want.Page != nil {
			t.Errorf("%q: %+v, by JSON %+v: %v", line, got, want.Account, err)
		}
	})
}
