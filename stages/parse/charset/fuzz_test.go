package charset

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// fuzz decodes arbitrary bytes in one encoding, at once and in pieces.
func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		want, counts := whole(name, in)
		want = strings.TrimPrefix(want, byteOrderMark)
		if !utf8.ValidString(want) {
			t.Fatalf("not valid: %q", want)
		}
		if strings.Count(want, "�") < int(counts.Replaced) {
			t.Fatalf("%d replaced in %q", counts.Replaced, want)
		}
		got, c := inSteps(t, name, iotest.OneByteReader(bytes.NewReader(in)), size&0xFF)
		if got != want || c != counts {
			t.Fatalf("in pieces %q %v, want %q %v", got, c, want, counts)
		}
	})
}

func FuzzUTF8(f *testing.F) { fuzz(f, UTF8, simplified, "\uFEFFa\xFF\xE4\xB8\xF0\x9F\x98") }

func FuzzUTF16(f *testing.F) { fuzz(f, UTF16LE, utf16Text(simplified+"😀", false), "\x3D\xD8\x3D") }

func FuzzUTF16BigEndian(f *testing.F) {
	fuzz(f, UTF16BE, utf16Text(simplified+"😀", true), "\xD8\x3D")
}

func FuzzGB18030(f *testing.F) {
	fuzz(f, GB18030, encoded(f, simplifiedchinese.GB18030, simplified+"😀\u0080"), "\xA3 \xFF\x80\xAA\xA1\x81\x30\x81")
}

func FuzzBig5(f *testing.F) {
	fuzz(f, Big5, encoded(f, traditionalchinese.Big5, traditional), "\x88\x62\x87\x45\x81\x40\xA4 \xFF\xA4")
}

func FuzzHZ(f *testing.F) { fuzz(f, HZ, "a~{VPND~}b~~c~\nd~{VP\nx~{V") }

func FuzzWindows1252(f *testing.F) { fuzz(f, Windows1252, "caf\xE9 \x81\x93") }

func FuzzEUCJP(f *testing.F) {
	fuzz(f, EUCJP, encoded(f, japanese.EUCJP, freedom), "\x8E\xB1\x8F\xB0\xA1\xA4 \xA4")
}

func FuzzShiftJIS(f *testing.F) {
	fuzz(f, ShiftJIS, encoded(f, japanese.ShiftJIS, freedom), "\x82 \xB1\xFD\x82")
}

func FuzzISO2022JP(f *testing.F) {
	fuzz(f, ISO2022JP, encoded(f, japanese.ISO2022JP, freedom), "\x1b$@F|\x1b(Ia\x1b(J\\\x1b", "\x1b$BF")
}

func FuzzEUCKR(f *testing.F) { fuzz(f, "euc-kr", "\xC7\xD1\xB1\xDB\xA4 \xFF\xC7") }

// FuzzDetect holds that there is an answer, of the list, the same twice.
func FuzzDetect(f *testing.F) {
	f.Add([]byte(simplified), true, "gbk")
	f.Add([]byte(utf16Text(simplified, true)), false, "")
	f.Add([]byte("~{VPND~}\x00\xFF"), false, "latin1")
	f.Fuzz(func(t *testing.T, head []byte, whole bool, hint string) {
		name, why := Detect(head, whole, hint)
		if !slices.Contains(append(Names(), UTF32LE, UTF32BE, Unknown), name) || why == "" {
			t.Fatalf("%q, %q", name, why)
		}
		if n, w := Detect(head, whole, hint); n != name || w != why {
			t.Fatalf("%s (%s), then %s (%s)", name, why, n, w)
		}
		if utf8.Valid(head) && bytes.IndexByte(head, 0) < 0 && bytes.ContainsFunc(head, func(r rune) bool { return r >= 0x80 }) && name != UTF8 && name != GB18030 {
			t.Fatalf("valid utf-8 taken for %s", name)
		}
	})
}
