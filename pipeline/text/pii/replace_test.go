package pii

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func testKey(t testing.TB, secret string) *Key {
	t.Helper()
	k, err := NewKey([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// replaceAll replaces all spans of a text.
func replaceAll(text string, do func([]byte, Kind)) string {
	b := []byte(text)
	var f Finder
	for _, s := range f.Find(nil, b) {
		do(b[s.From:s.To], s.Kind)
	}
	return string(b)
}

// What is masked keeps its length and its characters but letters and digits, and is not found again. Of a pseudonym that holds too, but for the user
// information of URLs, which has no value that cannot be.
func TestReplaced(t *testing.T) {
	texts, want := cases(t)
	p := NewPseudonyms(testKey(t, "0123456789abcdef"))
	var f Finder
	for name, do := range map[string]func([]byte, Kind){"mask": func(b []byte, _ Kind) { Mask(b) }, "pseudonym": p.Replace} {
		for i, text := range texts {
			got := replaceAll(text, do)
			if len(got) != len(text) || utf8.RuneCountInString(got) != utf8.RuneCountInString(text) || !utf8.ValidString(got) {
				t.Errorf("%s of %q has another length: %q", name, text, got)
				continue
			}
			if len(want[i]) > 0 && got == text {
				t.Errorf("%s leaves %q", name, text)
			}
			for _, s := range want[i] {
				for k := s.From; k < s.To; k++ {
					if a, b := text[k], got[k]; a < 0x80 && s.Kind != IP && (isDigit(a) != isDigit(b) && !isLetter(a) || !isAlnum(a) && a != b) {
						t.Errorf("%s of %q has another shape: %q", name, text[s.From:s.To], got[s.From:s.To])
						break
					}
				}
			}
			for _, s := range f.Find(nil, []byte(got)) {
				if name == "mask" || s.Kind != URLUser {
					t.Errorf("%s of %q: %s is found in %q", name, text, s.Kind, got)
				}
			}
		}
	}
}

func TestPseudonyms(t *testing.T) {
	p, other := NewPseudonyms(testKey(t, "0123456789abcdef")), NewPseudonyms(testKey(t, "0123456789abcdeF"))
	digits := func(s string) string {
		var b strings.Builder
		each([]byte(s), func(_ int, c byte) { b.WriteByte(c) })
		return b.String()
	}
	one := digits(replaceAll("13800138000", p.Replace))
	if one == digits(replaceAll("13800138000", other.Replace)) || one == digits(replaceAll("13800138001", p.Replace)) {
		t.Error("another key or number has the same pseudonym")
	}
	for _, same := range []string{"138-0013-8000", "１３８００１３８０００", "一三八〇〇一三八〇〇〇", "138 0013 8000"} {
		if got := digits(replaceAll(same, p.Replace)); got != one {
			t.Errorf("%s becomes %s, 13800138000 %s", same, got, one)
		}
	}
	if got := digits(replaceAll("+86 138-0013-8000", p.Replace)); got != "86"+one {
		t.Errorf("with +86: %s, without %s", got, one)
	}
	a, b := digits(replaceAll("(010)65432100", p.Replace)), digits(replaceAll("+86 10 6543 2100", p.Replace))
	if strings.TrimLeft(a, "0") != strings.TrimLeft(b, "0") {
		t.Errorf("a landline becomes %s and %s", a, b)
	}
	// Fixed for all versions: what is in a corpus must be met by what comes to it.
	for text, want := range map[string]string{
		"13800138000":                 "11043835101",
		"Zhang.San@example.com":       "Iqkps.Pvh@odjmoyf.zzz",
		"身份证110101189003077759":       "身份证000258440974789574",
		"IP 163.44.107.25":            "IP 577.39.275.41",
		"http://anna:s3cret@host.com": "http://ibtf:l4lilu@host.com",
	} {
		got := replaceAll(text, p.Replace)
		if got != want {
			t.Errorf("%s becomes %s, not %s", text, got, want)
		}
	}
}

func TestKeyIsSecret(t *testing.T) {
	const secret = "a-very-secret-key-0123456789"
	k := testKey(t, secret)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %s %v", k, k, k, struct{ Key *Key }{k}), k.Digest()} {
		if strings.Contains(s, "secret-key") || strings.Contains(s, bytesOf(secret[:4])) {
			t.Errorf("shown: %s", s)
		}
	}
	if data, err := json.Marshal(k); err == nil {
		t.Errorf("encoded: %s", data)
	}
	if k.Digest() == testKey(t, secret+"x").Digest() || len(k.Digest()) != 16 {
		t.Error("digests do not tell keys apart")
	}
	if _, err := NewKey([]byte("short")); err == nil {
		t.Error("a short key")
	}
}

func TestReplaceDoesNotAllocate(t *testing.T) {
	p := NewPseudonyms(testKey(t, "0123456789abcdef"))
	in := []byte("zhang.san.with.a.long.name@department.of.example.com")
	b := append([]byte(nil), in...)
	p.Replace(b, Email)
	if n := testing.AllocsPerRun(100, func() {
		copy(b, in)
		p.Replace(b, Email)
		copy(b, in)
		Mask(b)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever a text is, masks and pseudonyms keep its length and leave it valid.
func FuzzReplace(f *testing.F) {
	texts, _ := cases(f)
	for _, text := range texts {
		f.Add(text)
	}
	p := NewPseudonyms(testKey(f, "0123456789abcdef"))
	f.Fuzz(func(t *testing.T, in string) {
		in = strings.ToValidUTF8(in, "�")
		mask := func(b []byte, _ Kind) { Mask(b) }
		once := replaceAll(in, mask)
		named := replaceAll(in, p.Replace)
		if !utf8.ValidString(once) || !utf8.ValidString(named) || len(once) != len(in) || len(named) != len(in) {
			t.Fatalf("%q becomes %q and %q", in, once, named)
		}
		if named != replaceAll(in, p.Replace) {
			t.Fatalf("%q has two pseudonyms", in)
		}
		fragments := []byte(in)
		MaskFragments(fragments)
		if !utf8.Valid(fragments) || len(fragments) != len(in) {
			t.Fatalf("%q becomes %q", in, fragments)
		}
	})
}

// bytesOf is how bytes are printed that nobody has made a text of.
func bytesOf(s string) string { return fmt.Sprintf("%v", []byte(s)) }
