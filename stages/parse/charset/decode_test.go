package charset

import (
	"bytes"
	"errors"
	"hash/fnv"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"pgregory.net/rapid"
)

// decodeAll decodes a stream to its end.
func decodeAll(t testing.TB, name string, src io.Reader) (string, Counts) {
	t.Helper()
	var r Reader
	if err := r.Reset(name, src); err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(&r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), r.Counts
}

func TestDecode(t *testing.T) {
	for _, tc := range []struct {
		name, in, want       string
		replaced, privateUse int64
	}{
		{name: UTF8, in: "\uFEFF中文a", want: "中文a"},
		{name: UTF8, in: "\uFEFF"},
		{name: UTF8, in: "\uFEFF\uFEFFa", want: "\uFEFFa"},
		{name: UTF8, in: "\xEF\xBB", want: "�", replaced: 1},
		{name: UTF8, in: "a\xE4\xB8b\xFF\xC0\x80\xED\xA0\x80", want: "a�b������", replaced: 7},
		{name: UTF8, in: "�中\xE4\xB8", want: "�中�", replaced: 1},
		{name: UTF8, in: "\uE000\uF8FF豈\U000F0000😀", want: "\uE000\uF8FF豈\U000F0000😀", privateUse: 3},

		{name: UTF16LE, in: "\xFF\xFE\x2D\x4E\x87\x65a\x00\n\x00", want: "中文a\n"},
		{name: UTF16BE, in: "\xFE\xFF\x4E\x2D\x65\x87\x00a", want: "中文a"},
		{name: UTF16BE, in: "\x00\xE9\xE0\x00\xD8\x3D\xDE\x00", want: "é\uE000😀", privateUse: 1},
		{name: UTF16BE, in: "\xD8\x3D\x00a\xDE\x00\xD8\x3D", want: "�a��", replaced: 3},
		{name: UTF16BE, in: "\xD8\x3D\xD8\x3D\xDE\x00\x4E", want: "�😀�", replaced: 2},
		{name: UTF16LE, in: "\x2D\x4E\x3D\xD8\x00", want: "中��", replaced: 2},

		{name: GB18030, in: "\xD6\xD0\xCE\xC4a\x80", want: "中文a€"},
		{name: GB18030, in: "\x84\x31\x95\x33\xD6\xD0", want: "中"},
		{name: GB18030, in: "a\xA3\x20\x8A\x20b", want: "a� � b", replaced: 2},
		{name: GB18030, in: "\xD6\xD0\xFF\xFF\xCE\xC4\xCE", want: "中��文�", replaced: 3},
		{name: GB18030, in: "\xAA\xA1\xAF\xFE\xF8\xA1\xFE\xFE\xA1\x40\xA7\xA0\xA1\x80", want: "\uE000\uE233\uE234\uE4C5\uE4C6\uE765\uE505", privateUse: 7},
		{name: GB18030, in: "\xA6\xD9\xA8\xBC\xFE\xA0", want: "\uE78D\uE7C7\uE864", privateUse: 3},
		{name: GB18030, in: "\x81\x30\x81\x30\x81\x35\xF4\x37\x84\x31\xA4\x37\x84\x31\xA4\x39", want: "\u0080ḿ�\uFFFF"},
		{name: GB18030, in: "\x90\x30\x81\x30\x95\x32\x82\x36\xE3\x32\x9A\x35", want: "\U00010000𠀀\U0010FFFF", privateUse: 1},
		{name: GB18030, in: "\xE3\x32\x9A\x36\x84\x32\x81\x30a", want: "��a", replaced: 2},
		{name: GB18030, in: "\x81\x30\x81\x20\x81\x30\x20\x81\x30\xFF", want: "�0� �0 �0�", replaced: 5},
		{name: GB18030, in: "a\x81\x30", want: "a�", replaced: 1},
		{name: GB18030, in: "a\x81\x30\x81", want: "a�", replaced: 1},
		{name: GB18030, in: "\xA1\xE4\xA7\xA1\xD6\xD0", want: "′А中"},

		{name: Big5, in: "\xA4\xA4\xA4\xE5a\xA1\x43", want: "中文a。"},
		{name: Big5, in: "\xA4\x20\xA4\xFF\xA4", want: "� ���", replaced: 4},
		{name: Big5, in: "\x88\x62\x88\xA5\x87\x45\xA3\xE1", want: "Ê̄ê̌𧉧€"},
		{name: Big5, in: "\x81\x40\x81\xFE\x86\xFE", want: "\uEEB8\uEF54\uF265", privateUse: 3},
		{name: Big5, in: "\x80a\xFF", want: "�a�", replaced: 2},

		{name: HZ, in: "a~{VPND~}b~~c", want: "a中文b~c"},
		{name: HZ, in: "~{VPND\nab~\ncd ~user", want: "中文\nabcd ~user"},
		{name: HZ, in: "~{V\x19P\x7F~}\xD6~", want: "�\x19���~", replaced: 4},

		{name: "iso-8859-2", in: "Za\xBF\xF3\xB3\xE6 \x9C", want: "Zażółć �", replaced: 1},
		{name: "windows-1250", in: "Za\xBF\xF3\xB3\xE6 \x9C\x81", want: "Zażółć ś�", replaced: 1},
		{name: "koi8-r", in: "\xED\xC9\xD2", want: "Мир"},
		{name: ShiftJIS, in: "\x93\xFA\x96{\xB1a\x93", want: "日本ｱa�", replaced: 1},
		{name: EUCJP, in: "\xC6\xFC\xCB\xDC\x8E\xB1a\xC6 ", want: "日本ｱa� ", replaced: 1},
		{name: ISO2022JP, in: "\x1b$BF|K\\\x1b(Ba\xC6", want: "日本a�", replaced: 1},
		{name: "euc-kr", in: "\xC7\xD1a\xC7", want: "한a�", replaced: 1},
		{name: Windows1252, in: "caf\xE9 \x93x\x94 \x81", want: "café “x” �", replaced: 1},
	} {
		got, counts := decodeAll(t, tc.name, strings.NewReader(tc.in))
		if got != tc.want || counts != (Counts{Replaced: tc.replaced, PrivateUse: tc.privateUse}) {
			t.Errorf("%s %q: %q, want %q; %v", tc.name, tc.in, got, tc.want, counts)
		}
	}
}

// TestGB18030Table compares all pairs with a checksum of what Python's gb18030 codec makes of them, and the characters of four
// bytes with the library.
func TestGB18030Table(t *testing.T) {
	sum := fnv.New64a()
	seen := map[rune]bool{}
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if trail == 0x7F {
				continue
			}
			s, _ := whole(GB18030, []byte{byte(lead), byte(trail)})
			r, size := utf8.DecodeRuneInString(s)
			if size != len(s) || r == utf8.RuneError || seen[r] {
				t.Fatalf("%02X%02X: %q", lead, trail, s)
			}
			seen[r] = true
			_, _ = sum.Write([]byte(s)) // never fails
		}
	}
	if got := sum.Sum64(); got != 0xd683c41ea925dc54 {
		t.Errorf("the pairs are not Python's: checksum %#x", got)
	}
	tables := gbTables()
	if len(tables.four) != 39420 {
		t.Fatalf("%d characters of four bytes", len(tables.four))
	}
	for i, r := range tables.four {
		b := []byte{0x81 + byte(i/12600), '0' + byte(i/1260%10), 0x81 + byte(i/10%126), '0' + byte(i%10)}
		want, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := whole(GB18030, b); got != string(want) || got != string(rune(r)) {
			t.Errorf("%X: %q, want %q", b, got, want)
		}
	}
}

// TestBig5Table compares all pairs with the library, where it knows them.
func TestBig5Table(t *testing.T) {
	known, private := 0, 0
	eachPair(traditionalchinese.Big5, func(pair int, s []rune) {
		got, counts := whole(Big5, []byte{byte(pair >> 8), byte(pair)})
		switch {
		case s[0] != utf8.RuneError:
			known++
			if got != string(s) {
				t.Errorf("%04X: %q, want %q", pair, got, string(s))
			}
		case counts.PrivateUse == 1:
			private++
		case counts.Replaced == 0:
			t.Errorf("%04X: %q", pair, got)
		}
	})
	if known != 18594 || private != 1159 {
		t.Errorf("%d pairs known, %d private use", known, private)
	}
}

// TestChunks reads the same bytes in all sizes, in and out: what comes out is the same.
func TestChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(Names()).Draw(t, "name")
		pieces := rapid.SliceOf(rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 5),
			rapid.Just([]byte("中文")), rapid.Just([]byte("\xD6\xD0\xCE\xC4")), rapid.Just([]byte("\x81\x30\x81\x30")),
			rapid.Just([]byte("~{VPND~}")), rapid.Just([]byte("\xD8\x3D\xDE\x00")), rapid.Just([]byte("\x88\x62\x87\x45")),
			rapid.Just([]byte("plain ascii text")), rapid.Just([]byte("\xFF\xFE")),
		)).Draw(t, "pieces")
		in := bytes.Join(pieces, nil)
		want, counts := whole(name, in)
		want = strings.TrimPrefix(want, byteOrderMark)
		if !utf8.ValidString(want) {
			t.Fatalf("not valid: %q", want)
		}
		for step := range 20 {
			got, c := inSteps(t, name, iotest.OneByteReader(bytes.NewReader(in)), step)
			if got != want || c != counts {
				t.Fatalf("byte by byte into %d: %q, want %q; %v, want %v", step, got, want, c, counts)
			}
		}
		if got, c := inSteps(t, name, iotest.DataErrReader(iotest.HalfReader(bytes.NewReader(in))), 7); got != want || c != counts {
			t.Fatalf("halves: %q, want %q", got, want)
		}
	})
}

// whole decodes without a Reader.
func whole(name string, in []byte) (string, Counts) {
	var c Counts
	out := make([]byte, 4*len(in)+64)
	n, _ := newDecoder(name).decode(out, in, true, &c)
	return string(out[:n]), c
}

type fatal interface {
	Fatalf(format string, args ...any)
}

// inSteps decodes with reads of that size, each after one of size 0.
func inSteps(t fatal, name string, src io.Reader, size int) (string, Counts) {
	var r Reader
	if err := r.Reset(name, src); err != nil {
		t.Fatalf("%v", err)
	}
	var out []byte
	p := make([]byte, size+1)
	for {
		if n, err := r.Read(p[:0]); n != 0 || err != nil {
			t.Fatalf("a read of nothing: %d, %v", n, err)
		}
		n, err := r.Read(p)
		out = append(out, p[:n]...)
		if errors.Is(err, io.EOF) {
			return string(out), r.Counts
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
}

// TestLongStream crosses the edges of the Reader's buffer in every alignment.
func TestLongStream(t *testing.T) {
	unit := "\xD6\xD0\x81\x30\x81\x30a\xA3\x20\x95\x32\x82\x36"
	want := "中\u0080a� 𠀀"
	for shift := range 8 {
		n := 3 * inputBuffer / len(unit)
		got, counts := decodeAll(t, GB18030, strings.NewReader(strings.Repeat("x", shift)+strings.Repeat(unit, n)))
		if got != strings.Repeat("x", shift)+strings.Repeat(want, n) || counts.Replaced != int64(n) {
			t.Errorf("shift %d: %v", shift, counts)
		}
	}
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

func TestReaderErrors(t *testing.T) {
	var r Reader
	if err := r.Reset("utf-7", nil); err == nil || !strings.Contains(err.Error(), `"utf-7"`) {
		t.Errorf("%v", err)
	}
	if err := r.Reset(GB18030, emptyReader{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 10)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("%v", err)
	}
	// A source that breaks: what it gave is decoded, half a character included, and then the error comes, every time.
	broken := errors.New("broken")
	if err := r.Reset(GB18030, io.MultiReader(strings.NewReader("\xD6\xD0\xCE"), iotest.ErrReader(broken))); err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(&r)
	if string(out) != "中�" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := r.Read(out); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestCanonical(t *testing.T) {
	got := map[string]string{}
	for _, label := range []string{"UTF-8", " utf8 ", "GB2312", "gb_2312-80", `"GBK"`, "Big5-HKSCS", "cp950", "UTF-16", "hz-gb-2312", "ISO-8859-1", "Shift_JIS", "latin2", "ISO-8859-9", "utf-7", "us-ascii", ""} {
		got[label], _ = Canonical(label)
	}
	want := map[string]string{
		"UTF-8": UTF8, " utf8 ": UTF8, "GB2312": GB18030, "gb_2312-80": GB18030, `"GBK"`: GB18030, "Big5-HKSCS": Big5,
		"cp950": Big5, "UTF-16": UTF16LE, "hz-gb-2312": HZ, "ISO-8859-1": Windows1252, "Shift_JIS": ShiftJIS, "latin2": "iso-8859-2", "ISO-8859-9": "windows-1254", "utf-7": "", "us-ascii": "", "": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestLabels: no label stands for two encodings.
func TestLabels(t *testing.T) {
	of := map[string]string{}
	see := func(name string, labels []string) {
		for _, label := range append(labels, name) {
			if other, found := of[label]; found {
				t.Errorf("%s: %s and %s", label, name, other)
			}
			of[label] = name
			if got, _ := Canonical(label); got != name {
				t.Errorf("%s: %q, want %s", label, got, name)
			}
		}
	}
	for name, labels := range aliases {
		see(name, labels)
	}
	for _, e := range named {
		see(e.name, e.aliases)
	}
}
