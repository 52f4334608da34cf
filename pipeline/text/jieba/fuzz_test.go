package jieba

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCut: the words cover any bytes, a word begins and ends where characters do, and a Cutter that has cut another text cuts the same.
func FuzzCut(f *testing.F) {
	for _, text := range []string{"", "我来到北京清华大学", "a.b 3.14% 中-文\r\n\xe4\xb8", "\xff中\xe4\xb8文\r", "龥鿕鿖𠮷😀"} {
		f.Add([]byte(text))
	}
	used := []*Cutter{Default().Cutter(true), Default().Cutter(false)}
	f.Fuzz(func(t *testing.T, text []byte) {
		for i, hmm := range []bool{true, false} {
			ends := Default().Cutter(hmm).Cut(nil, text)
			last := int32(0)
			for _, end := range ends {
				if end <= last || int(end) > len(text) || int(end) < len(text) && utf8.Valid(text) && !utf8.RuneStart(text[end]) {
					t.Fatalf("a word from %d to %d of %q", last, end, text)
				}
				last = end
			}
			if int(last) != len(text) {
				t.Fatalf("the words end at %d of %d", last, len(text))
			}
			again := used[i].Cut([]int32{7}, text)
			if again[0] != 7 || len(again) != len(ends)+1 || len(ends) > 0 && again[len(ends)] != last {
				t.Fatalf("cut again into %d words, not %d", len(again)-1, len(ends))
			}
		}
	})
}

// FuzzUser: words of a user, whatever they are, give a dictionary or an error. The base has a few words only, for it is made anew each time.
func FuzzUser(f *testing.F) {
	for _, user := range []string{"云计算 5 n\n中文", "一 二\n杭研 0\n\xef\xbb\xbfγ 3", "\xff", "字 99999999999", strings.Repeat("长", 65)} {
		f.Add([]byte(user), "在云计算中")
	}
	base := few(f)
	f.Fuzz(func(t *testing.T, user []byte, text string) {
		d, err := base.With(bytes.NewReader(user))
		if err != nil {
			return
		}
		if got := strings.Join(words(d.Cutter(true), text), ""); got != text {
			t.Fatalf("%q is cut into %q", text, got)
		}
		again, err := d.With(strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := words(d.Cutter(false), text), words(again.Cutter(false), text); strings.Join(a, "|") != strings.Join(b, "|") {
			t.Fatalf("%q is cut into %q, and with no more words into %q", text, a, b)
		}
	})
}

// few is a dictionary of a few words.
func few(t testing.TB) *Dictionary {
	t.Helper()
	d, err := decode(fewRaw)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fewRaw has the words 中, 中文 and 文 of the frequencies 7, 3 and 7, and an HMM that knows nothing of them.
var fewRaw = func() []byte {
	raw := []byte("jieba1\n\x11\x02\xad\x9c\x01\x87\xcb\x01\x02\x07\x03\x03\x02\x01\x00\x00\x01\x01\x02\x01\x01\x02")
	raw = append(raw, make([]byte, 20*8)...)
	return append(raw, make([]byte, 1+4*2)...)
}()

// FuzzDecode: damaged bytes of a dictionary give an error, or one that cuts.
func FuzzDecode(f *testing.F) {
	f.Add(fewRaw)
	f.Add(fewRaw[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := decode(raw)
		if err != nil {
			return
		}
		const text = "中文和英文 abc中"
		if got := strings.Join(words(d.Cutter(true), text), ""); got != text {
			t.Fatalf("cut into %q", got)
		}
	})
}
