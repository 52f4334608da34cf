package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

var gbEncoding encoding.Encoding = simplifiedchinese.GB18030

func validUTF8(b []byte) bool { return utf8.Valid(b) }

// stutter hands out a stream a few bytes at a time.
type stutter struct {
	r io.Reader
	n int
}

func (s *stutter) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

func linesOf(t *testing.T, name string, src io.Reader, step int) (out []byte, c Counts) {
	t.Helper()
	r := new(Reader)
	if err := r.ResetLines(name, src, false); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, step)
	for {
		n, err := r.Read(p)
		out = append(out, p[:n]...)
		if errors.Is(err, io.EOF) {
			return out, r.Counts
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLines: lines in another encoding than their stream are read as what they are, long ones too.
func TestLines(t *testing.T) {
	gbk, big5, sjis := encoded(t, gbEncoding, simplified), encoded(t, traditionalchinese.Big5, traditional), encoded(t, japanese.ShiftJIS, freedom)
	const french = "Le café est déjà fermé; on espère qu'il rouvrira bientôt.\n"
	latin := encoded(t, charmap.Windows1252, french)
	long := strings.Repeat(strings.TrimSuffix(simplified, "\n"), 4000) + "\n"
	for _, tc := range []struct{ name, in, want string }{
		{GB18030, gbk + simplified + gbk, simplified + simplified + simplified},
		{GB18030, gbk + french, simplified + french},
		{GB18030, gbk + latin, simplified + french},
		{GB18030, gbk + big5, simplified + traditional},
		{GB18030, gbk + "un caf\xC3\xA9 noir\n", simplified + "un café noir\n"},
		{GB18030, gbk + long + encoded(t, gbEncoding, long) + long, simplified + long + long + long},
		{Big5, big5 + traditional + gbk, traditional + traditional + simplified},
		{ShiftJIS, sjis + freedom + simplified, freedom + freedom + simplified},
		{EUCJP, encoded(t, japanese.EUCJP, freedom) + freedom, freedom + freedom},
		{Windows1252, latin + french + simplified, french + french + simplified},
		{Windows1252, latin + gbk + sjis, french + simplified + freedom},
		{Windows1252, latin + "« CAF\xC9\xBB »\n", french + "« CAFÉ» »\n"[:0] + "\u00AB CAFÉ» \u00BB\n"},
		{"koi8-r", encoded(t, charmap.KOI8R, russian) + russian, russian + russian},
		{HZ, "~{VPND~}\n" + simplified, "中文\n" + simplified},
	} {
		if strings.Contains(tc.in, "«") { // a sign of UTF-8 in the middle makes it another line
			tc.in = strings.NewReplacer("«", "\xAB", "»", "\xBB").Replace(tc.in)
		}
		got, counts := linesOf(t, tc.name, strings.NewReader(tc.in), 1<<16)
		if string(got) != tc.want || counts.Replaced > 0 {
			t.Errorf("%s: %.200q, want %.200q, %+v", tc.name, got, tc.want, counts)
		}
		if again, c := linesOf(t, tc.name, &stutter{strings.NewReader(tc.in), 7}, 11); !bytes.Equal(again, got) || c != counts {
			t.Errorf("%s: in pieces %.200q, %+v", tc.name, again, c)
		}
	}
	// What is in no encoding that convinces comes out as it is.
	if got, _ := linesOf(t, GB18030, strings.NewReader(gbk+"na\xEFve, na\xEFve: \x81\n"), 1<<16); utf8.Valid(got) {
		t.Errorf("%q", got)
	}
	r := new(Reader)
	if err := r.ResetLines(GB18030, strings.NewReader(gbk+latin+simplified), true); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(got), simplified) || !utf8.Valid(got) {
		t.Errorf("as an order: %q, %v", got, err)
	}
}

// TestMend reads records that were taken for UTF-8.
func TestMend(t *testing.T) {
	gbk := encoded(t, gbEncoding, simplified)
	for _, tc := range []struct{ about, in, name, want string }{
		{about: "gbk", in: gbk, name: GB18030, want: simplified},
		{about: "lines of both", in: simplified + gbk + "ascii\n" + simplified, name: GB18030, want: simplified + simplified + "ascii\n" + simplified},
		{about: "windows-1252", in: `{"text": "caf` + "\xE9" + ` au lait, s'il vous pla` + "\xEE" + `t"}`, name: Windows1252, want: `{"text": "café au lait, s'il vous plaît"}`},
		{about: "damage", in: simplified + "\xFF" + simplified, name: UTF8},
		{about: "half a surrogate", in: "some words \xED\xA0\xBD\xED\xB8\x80 and more", name: UTF8},
		{about: "a byte that is nothing", in: "Nothing but words, \x81 and then more of them.", name: Unknown},
		{about: "polish", in: encoded(t, charmap.Windows1250, "Zażółć gęślą jaźń, wszyscy ludzie rodzą się wolni"), name: Unknown},
		{about: "half a character", in: "the menu of the caf\xC3", name: Unknown},
	} {
		var m Mender
		got, name, _ := m.Mend(nil, []byte(tc.in))
		if name != tc.name || string(got) != tc.want {
			t.Errorf("%s: %s %q, want %s %q", tc.about, name, got, tc.name, tc.want)
		}
	}
}

// TestMendLong holds records of very many lines to time that grows with their bytes, whichever byte ends their lines: what is looked
// for beyond the line in hand would be looked for again for each of them.
func TestMendLong(t *testing.T) {
	gbk := strings.TrimRight(encoded(t, gbEncoding, simplified), "\r\n")
	for _, end := range []string{"\n", "\r", "\r\n"} {
		lines, want := strings.Repeat("a"+end, 4<<20), simplified
		if end == "\r\n" {
			lines = lines[:len(lines)/2]
		}
		var m Mender
		got, name, _ := m.Mend(nil, []byte(lines+gbk+end+lines))
		want = lines + strings.TrimRight(want, "\r\n") + end + lines
		if name != GB18030 || string(got) != want {
			t.Errorf("%q: %s, %d bytes, want %s, %d", end, name, len(got), GB18030, len(want))
		}
	}
}
