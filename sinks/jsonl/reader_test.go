package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// packed is a file of the given content.
func packed(t testing.TB, content string) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
	if err != nil {
		t.Fatal(err)
	}
	return enc.EncodeAll([]byte(content), nil)
}

var all = columnar.Selection{Text: []string{"text", "meta"}, Int: []string{"n"}}

// texts reads a file, a string a row.
func texts(data []byte, s columnar.Selection) (rows []string, err error) {
	err = read(bytes.NewReader(data), int64(len(data)), s, nil, func(f *columnar.Frame) error {
		if f.First() != int64(len(rows)) {
			return fmt.Errorf("the frame begins with row %d, there were %d before", f.First(), len(rows))
		}
		for i := range f.Rows() {
			var row strings.Builder
			for _, name := range s.Text {
				fmt.Fprintf(&row, "%s|", f.Text(name).At(i))
			}
			for _, name := range s.Int {
				fmt.Fprintf(&row, "%d|", f.Int(name)[i])
			}
			rows = append(rows, row.String())
		}
		return nil
	})
	return rows, err
}

// Rows come in pieces; those that are not wanted are passed over, and reading ends where somebody has enough.
func TestReadPieces(t *testing.T) {
	var rows [][2]string
	for i := range 3*pieceRows + 5 {
		rows = append(rows, [2]string{fmt.Sprintf("第%d\n", i), "{}"})
	}
	huge := string(pipelinetest.Chinese(1, pieceBytes))
	rows[7][0] = huge
	data := write(t, 1, 1000, rows...)
	got, err := texts(data, all)
	if err != nil || len(got) != len(rows) || got[7] != huge+"|{}|7|" || got[len(got)-1] != fmt.Sprintf("第%d\n|{}|%d|", len(rows)-1, len(rows)-1) {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	var groups []columnar.RowGroup
	want := func(g *columnar.RowGroup) bool {
		groups = append(groups, *g)
		return len(groups) == 3
	}
	var seen []int64
	err = read(bytes.NewReader(data), int64(len(data)), all, want, func(f *columnar.Frame) error {
		seen = append(seen, f.First(), int64(f.Rows()), f.Int("n")[0])
		return nil
	})
	if err != nil || len(groups) < 4 || groups[0].First != 0 || groups[0].Rows != 8 || groups[1].First != 8 {
		t.Fatalf("row groups %+v, %v", groups, err)
	}
	if want := []int64{groups[2].First, groups[2].Rows, groups[2].First}; !slices.Equal(seen, want) {
		t.Errorf("read %v, want %v", seen, want)
	}
	enough := errors.New("enough")
	if err := read(bytes.NewReader(data), int64(len(data)), all, nil, func(*columnar.Frame) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}

// A column that a file lacks has the value that the selection gives; columns that nobody asks for are passed over.
func TestReadSelection(t *testing.T) {
	data := packed(t, `{"a":"x","b":{"k":"}\"]"},"c":-3}`+"\n"+`{"c":9223372036854775807,"new":{"x":[{}]},"a":"\u0001"}`+"\n")
	got, err := texts(data, columnar.Selection{Text: []string{"a"}, Int: []string{"c"}})
	if diff := cmp.Diff([]string{"x|-3|", "\x01|9223372036854775807|"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	s := columnar.Selection{Text: []string{"a"}, TextOr: map[string]string{"b": "none"}, IntOr: map[string]int64{"d": 7}}
	var rows []string
	err = read(bytes.NewReader(data), int64(len(data)), s, nil, func(f *columnar.Frame) error {
		for i := range f.Rows() {
			rows = append(rows, fmt.Sprintf("%s %s %d", f.Text("a").At(i), f.Text("b").At(i), f.Int("d")[i]))
		}
		return nil
	})
	if diff := cmp.Diff([]string{`x {"k":"}\"]"} 7`, "\x01 none 7"}, rows); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for want, s := range map[string]columnar.Selection{
		"no columns to read": {}, "no column d": {Int: []string{"d"}}, "column a: a value of another type": {Int: []string{"a"}},
		"column c: a value of another type": {Text: []string{"c"}}, "column b: a value of another type": {Int: []string{"b"}},
	} {
		if _, err := texts(data, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", s, err, want)
		}
	}
}

// What is no line of ours is an error that names the row.
func TestReadRefuses(t *testing.T) {
	const good = `{"text":"a","meta":{},"n":1}` + "\n"
	for _, line := range []string{
		"", "{}", "{", "x", "[]", "null", `{"text"}`, `{"text":}`, `{"text":"a","meta":{},"n":1`, `{"text":"a","meta":{},"n":1}}`,
		`{"text":"a","meta":{},"n":1,}`, `{"text":"a","meta":{},"n":1} `, ` {"text":"a","meta":{},"n":1}`, `{"text": "a","meta":{},"n":1}`,
		`{"text":"a","meta":{},"n":1.5}`, `{"text":"a","meta":{},"n":99999999999999999999}`, `{"text":"a","meta":{},"n":-}`,
		`{"text":"a","meta":{},"n":null}`, `{"text":null,"meta":{},"n":1}`, `{"text":"a","meta":{},"n":1,"more":true}`,
		`{"text":"a","meta":{"a"},"n":1}`, `{"text":"a","meta":{],"n":1}`, `{"text":"a","meta":{"a":1,"n":1}`, `{"text":"a","meta":{"a":"},"n":1}`,
		`{"text":"a","text":"a","meta":{},"n":1}`, `{"text":"a","meta":{},"n":1,"n":1}`, `{"text":"\x","meta":{},"n":1}`,
		`{"text":"\u0041","meta":{},"n":1}`, `{"text":"\u000a","meta":{},"n":1}`, `{"text":"\u00","meta":{},"n":1}`, "{\"text\":\"\x01\",\"meta\":{},\"n\":1}",
		`{"text":"a\`, `{"text":"\u0`, `{"te\"xt":"a","meta":{},"n":1}`, `{"text":"a","meta":{},"n":1}{"text":"a","meta":{},"n":1}`,
		`{"meta":` + strings.Repeat(`{"a":`, 20_000) + "{}" + strings.Repeat("}", 20_000) + `,"text":"a","n":1}`,
	} {
		_, err := texts(packed(t, good+line+"\n"), all)
		if err == nil || !strings.Contains(err.Error(), "row 1") {
			t.Errorf("%.80s: %v", line, err)
		}
	}
	if _, err := texts(packed(t, strings.TrimSuffix(good, "\n")), all); err == nil || !strings.Contains(err.Error(), "no end") {
		t.Errorf("a line without an end: %v", err)
	}
	if rows, err := texts(packed(t, ""), all); err != nil || len(rows) != 0 {
		t.Errorf("an empty file: %d rows, %v", len(rows), err)
	}
}

// object is a pipeline.Object in memory.
type object struct{ *bytes.Reader }

func (object) Close() error { return nil }

// Every byte that is another one, and every cut, is found, by whoever reads the file and by the check of one that was just written.
func TestDamage(t *testing.T) {
	data := write(t, 1, 10, [2]string{strings.Repeat("荆楚大地", 50), "{}"}, [2]string{string(pipelinetest.Chinese(3, 300)), `{"a":1}`})
	if err := check(object{bytes.NewReader(data)}, 2); err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int64{0, 1, 3} {
		if err := check(object{bytes.NewReader(data)}, rows); err == nil {
			t.Errorf("%d rows passed", rows)
		}
	}
	whole, _ := texts(data, all)
	damaged := func(what string, data []byte) {
		t.Helper()
		rows, err := texts(data, all)
		if err == nil && !slices.Equal(rows, whole) {
			t.Errorf("%s: read %d rows", what, len(rows))
		}
		if (check(object{bytes.NewReader(data)}, 2) == nil) != (err == nil) {
			t.Errorf("%s: it is read with %v, the check differs", what, err)
		}
	}
	for i := range data {
		flipped := bytes.Clone(data)
		flipped[i] ^= 0x10
		damaged(fmt.Sprintf("byte %d", i), flipped)
		if i > 0 {
			if _, err := texts(data[:i], all); err == nil {
				t.Errorf("cut at %d: no error", i)
			}
		}
	}
	for _, tail := range []string{"x", "{}\n", string(data[:20])} {
		damaged("a tail", append(bytes.Clone(data), tail...))
	}
	if err := check(object{bytes.NewReader(packed(t, "a\nb"))}, 1); err == nil {
		t.Error("a line without an end passed")
	}
}

// Little that becomes much takes no more memory than a piece.
func TestReadBomb(t *testing.T) {
	var lines bytes.Buffer
	enc, err := zstd.NewWriter(&lines)
	if err != nil {
		t.Fatal(err)
	}
	line := []byte(`{"text":"` + strings.Repeat("a", 1<<20) + `","meta":{},"n":1}` + "\n")
	for range 200 {
		if _, err := enc.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	rows, largest := 0, 0
	err = read(bytes.NewReader(lines.Bytes()), int64(lines.Len()), all, nil, func(f *columnar.Frame) error {
		rows += f.Rows()
		largest = max(largest, len(f.Text("text").Data))
		return nil
	})
	if err != nil || rows != 200 || largest > pieceBytes+len(line) {
		t.Errorf("%d rows, %d bytes at once, %v", rows, largest, err)
	}
}

// FuzzJSONLRead: whatever a file says, it is rows or an error, and both readings of it agree.
func FuzzJSONLRead(f *testing.F) {
	f.Add([]byte(`{"text":"a\n\"","meta":{"k":[1,{}]},"n":-1}` + "\n"))
	f.Add([]byte(`{"n":1,"x":"\\","meta":"{}","text":"\u0007"}` + "\n" + `{"text":"","meta":{},"n":0}` + "\n"))
	f.Add([]byte("{}\n{\n\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := texts(packed(t, string(content)), all)
		if err != nil {
			return
		}
		if !utf8.Valid(content) {
			return // which the other reader mends
		}
		for i, line := range slices.Collect(bytes.Lines(content)) {
			var row map[string]json.RawMessage
			if json.Unmarshal(line, &row) != nil {
				return // what was passed over is not looked at closely
			}
			want := string(row["text"]) // an object
			if want[0] == '"' {
				if err := json.Unmarshal(row["text"], &want); err != nil {
					t.Fatal(err)
				}
			}
			if !strings.HasPrefix(rows[i], want+"|") {
				t.Errorf("row %d is %q, its text is %q", i, rows[i], want)
			}
		}
	})
}

// FuzzJSONLFile: a file of any bytes is rows or an error.
func FuzzJSONLFile(f *testing.F) {
	f.Add(write(f, 1, 1, [2]string{"荆楚", "{}"}))
	f.Add(packed(f, ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := texts(data, all)
		checked := check(object{bytes.NewReader(data)}, int64(len(rows)))
		if err == nil && checked != nil {
			t.Errorf("%d rows, but %v", len(rows), checked)
		}
	})
}

// FuzzJSONLText: every text is written as JSON, and read as what it was.
func FuzzJSONLText(f *testing.F) {
	f.Add("a\"\\\n\x00\u2028</script>")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		line := appendString(nil, []byte(text))
		var got string
		if err := json.Unmarshal(line, &got); err != nil || got != text {
			t.Fatalf("%s: %q, %v", line, got, err)
		}
		if bytes.ContainsAny(line, "\n") {
			t.Errorf("%q has a line feed", line)
		}
		own, n, err := appendText(nil, append(slices.Clone(line), "rest"...))
		if err != nil || string(own) != text || n != len(line) {
			t.Errorf("%s: %q, %d, %v", line, own, n, err)
		}
		if n, err := skipText(line); err != nil || n != len(line) {
			t.Errorf("%s: %d, %v", line, n, err)
		}
	})
}
