package rows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// readAll returns the rows of a file, one a line; refused ones by their error.
func readAll(t testing.TB, name string, file []byte, limits Limits) (rows []string, err error) {
	t.Helper()
	f, err := Open(name, bytes.NewReader(file), int64(len(file)), limits)
	if err != nil {
		return nil, err
	}
	for g := range f.Groups() {
		err := f.Read(t.Context(), g, func(row int64, object []byte, err error) error {
			switch {
			case row != int64(len(rows)):
				t.Errorf("row %d after %d rows", row, len(rows))
			case err != nil:
				rows = append(rows, "error: "+err.Error())
			default:
				if !json.Valid(object) {
					t.Errorf("row %d is not JSON: %s", row, object)
				}
				rows = append(rows, string(object))
			}
			return nil
		})
		if err != nil {
			return rows, err
		}
	}
	return rows, f.Damage()
}

func wantRows(t *testing.T, name string, file []byte, want ...string) {
	t.Helper()
	got, err := readAll(t, name, file, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows differ (-want +got):\n%s", d)
	}
}

func TestText(t *testing.T) {
	long := strings.Repeat("漢字", 5)
	for _, s := range []string{
		"", "a", "漢字", "\"", "\\", "\x00\x01\x1f\x20\x7f", "\n\r\t\b\f", "0123456\"", "01234567\"", long + "\"" + long + "\n" + long,
		"\u2028 \U0001F600", "1234567\x1f12345678\x80",
	} {
		if strings.ContainsRune(s, '\x80') {
			continue
		}
		var got string
		if err := json.Unmarshal(appendText(nil, []byte(s)), &got); err != nil || got != strings.ToValidUTF8(s, "\uFFFD") {
			t.Errorf("%q became %q, %v", s, got, err)
		}
	}
	broken := map[string]string{
		"a\xffb":              "a\uFFFDb",
		"\xe6\xbc":            "\uFFFD",
		"\xe6\xbcx\xe6\xbc\"": "\uFFFDx\uFFFD\"",
		"\xed\xa0\x80":        "\uFFFD\uFFFD\uFFFD",
		"\xf0\x9f\x98漢":       "\uFFFD漢",
		"\xc0\xaf":            "\uFFFD\uFFFD",
	}
	for s, want := range broken {
		var got string
		if err := json.Unmarshal(appendText(nil, []byte(s)), &got); err != nil || got != want {
			t.Errorf("%q became %q, %v, want %q", s, got, err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct{ format, file, want string }{
		"format":  {"csv", "a,b", `"csv" is neither`},
		"parquet": {Parquet, "PAR1", "too few"},
		"arrow":   {Arrow, "ARROW1", "too few"},
		"feather": {Arrow, "FEA1\x00\x00\x00\x00", "version 1 of Feather"},
		"text":    {Arrow, "some text and more of it", "where"},
		"zeros":   {Arrow, strings.Repeat("\x00", 100), "unexpected EOF"},
	} {
		if _, err := Open(test.format, strings.NewReader(test.file), int64(len(test.file)), Limits{}); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// failingReader stands for a disk that fails behind an offset.
type failingReader struct {
	file []byte
	from int64
}

var errDisk = errors.New("disk on fire")

func (r failingReader) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > r.from && at < r.from+1000 {
		return 0, errDisk
	}
	return bytes.NewReader(r.file).ReadAt(p, at)
}

// An error of the disk is not damage: the file may be tried again.
func TestReadError(t *testing.T) {
	for name, file := range map[string][]byte{Parquet: parquetSample(t, 3000), Arrow: arrowSample(t, 3000)} {
		f, err := Open(name, failingReader{file, int64(len(file)) / 2}, int64(len(file)), Limits{})
		for g := 0; err == nil && g < len(f.Groups()); g++ {
			err = f.Read(t.Context(), g, func(int64, []byte, error) error { return nil })
		}
		if _, ok := errors.AsType[*DamageError](err); ok || !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadStops(t *testing.T) {
	for name, file := range map[string][]byte{Parquet: parquetSample(t, 3000), Arrow: arrowSample(t, 3000)} {
		f, err := Open(name, bytes.NewReader(file), int64(len(file)), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		enough := errors.New("enough")
		rows := 0
		err = f.Read(t.Context(), 1, func(int64, []byte, error) error {
			if rows++; rows == 5 {
				return enough
			}
			return nil
		})
		if err != enough || rows != 5 { //nolint:errorlint // The error must come back as it is.
			t.Errorf("%s: %d rows, %v", name, rows, err)
		}
		rows = 0
		if err = f.Read(t.Context(), 0, func(int64, []byte, error) error { rows++; return nil }); err != nil || rows != int(f.Groups()[0].Rows) {
			t.Errorf("%s: %d rows the second time, %v", name, rows, err)
		}
		if err := f.Read(t.Context(), len(f.Groups()), nil); err == nil {
			t.Errorf("%s: a group too many was read", name)
		}
	}
}

// Groups lie one behind the other, so that every range of bytes has its own.
func TestGroups(t *testing.T) {
	for name, file := range map[string][]byte{Parquet: parquetSample(t, 3000), Arrow: arrowSample(t, 3000)} {
		f, err := Open(name, bytes.NewReader(file), int64(len(file)), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		at, rows := int64(0), int64(0)
		for i, g := range f.Groups() {
			if g.Offset < at || g.Bytes <= 0 || g.First != rows {
				t.Errorf("%s: group %d is %+v, behind %d bytes and %d rows", name, i, g, at, rows)
			}
			at, rows = g.Offset+g.Bytes, rows+g.Rows
		}
		if at > int64(len(file)) || rows != 3000 || len(f.Groups()) != 3 {
			t.Errorf("%s: %d groups, %d rows, %d of %d bytes", name, len(f.Groups()), rows, at, len(file))
		}
	}
}

func sampleText(i int) string {
	return fmt.Sprintf("第%d篇 “文章” %s\n", i, strings.Repeat(string(rune(0x4E00+i*7%20000)), i%50))
}
