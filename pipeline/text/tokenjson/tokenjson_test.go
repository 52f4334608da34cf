package tokenjson

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// TestClasses: the classes of characters are those of the library (cmd/goldens), of all characters that Unicode 15 knows.
func TestClasses(t *testing.T) {
	data, err := os.ReadFile("testdata/classes.json")
	if err != nil {
		t.Fatal(err)
	}
	var classes map[string][][2]rune
	if err := json.Unmarshal(data, &classes); err != nil {
		t.Fatal(err)
	}
	assigned := append([]*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Co}, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
	for name, is := range map[string]func(rune) bool{
		"control":     func(r rune) bool { return r == 0 || isControl(r) },
		"nonspacing":  isNonspacing,
		"mark":        isMark,
		"ideograph":   isIdeograph,
		"punctuation": isPunctuation,
		"space":       isSpace,
		"word":        isWord,
		"number":      unicode.IsNumber,
	} {
		want := make([]bool, unicode.MaxRune+1)
		for _, r := range classes[name] {
			for c := r[0]; c <= r[1]; c++ {
				want[c] = true
			}
		}
		n := 0
		for c := rune(0); c <= unicode.MaxRune; c++ {
			if !unicode.In(c, assigned...) {
				continue
			}
			if want[c] {
				n++
			}
			// White space cuts before anything else is asked.
			if is(c) != want[c] && (name != "punctuation" || !isSpace(c)) {
				t.Errorf("%s: %U is %v", name, c, is(c))
			}
		}
		if n < 10 {
			t.Errorf("%s has %d characters", name, n)
		}
	}
}

// front reads parts of a file.
func front(t *testing.T, parts string) *Front {
	t.Helper()
	f, err := Read([]byte(`{"model":{"type":"X"},` + parts + `}`))
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.Front()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWalk: what is cut, by hand.
func TestWalk(t *testing.T) {
	const added = `"added_tokens":[{"id":7,"content":"<m>","lstrip":true},{"id":8,"content":"<m><m>"},{"id":9,"content":"Ab","normalized":true,"single_word":true},{"id":10,"content":"<r>","rstrip":true}]`
	for _, c := range []struct{ parts, text, want string }{
		{added, "x  <m> y<m><m>", "x|#7| y|#8"},
		{added, "<r> \n <m>Ab", "#10|#7|#9"},
		{added, "Ab Abc xAb", "#9| Abc xAb"},
		{added + `,"normalizer":{"type":"Lowercase"}`, "X AB", "x |#9"},
		{`"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true}`, "a b  c", "_a|_b|_|_c"},
		{`"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}`, " a▁b ", "▁a|▁b|▁"},
		{`"pre_tokenizer":{"type":"Metaspace","replacement":"▁","split":false}`, "a b", "▁a▁b"},
		{`"pre_tokenizer":{"type":"Split","pattern":{"String":"e"},"behavior":"MergedWithPrevious","invert":false}`, "eebeee", "e|e|be|e|e"},
		{`"pre_tokenizer":{"type":"Split","pattern":{"String":"e"},"behavior":"MergedWithNext","invert":false}`, "eebeee", "e|eb|e|e|e"},
		{`"pre_tokenizer":{"type":"Split","pattern":{"String":"e"},"behavior":"Contiguous","invert":false}`, "eebeee", "ee|b|eee"},
		{`"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[0-9]+"},"behavior":"Removed","invert":true}`, "a12b3", "12|3"},
		{`"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}`, "a b", "▁a▁b"},
		{`"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}`, "É漢\u200b\tİ", "e 漢  i"},
		{`"normalizer":{"type":"Strip","strip_left":true,"strip_right":true}`, " \u3000", ""},
	} {
		var got []string
		w := front(t, c.parts).Walker()
		for range 2 { // the second time with what the first one left
			got = got[:0]
			w.Walk([]byte(c.text), func(id int32) { got = append(got, fmt.Sprintf("#%d", id)) }, func(piece []byte) { got = append(got, string(piece)) })
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s of %q: %s", c.parts, c.text, diff)
		}
	}
}

// TestUnread: what is not read is named.
func TestUnread(t *testing.T) {
	deep := strings.Repeat(`{"type":"Sequence","normalizers":[`, 20) + strings.Repeat("]}", 20)
	long := strings.Repeat("a", 200)
	for _, c := range []struct{ parts, want string }{
		{`"normalizer":{"type":"Nmt"}`, "normalizer: Nmt is not read"},
		{`"normalizer":{}`, "normalizer: it has no type"},
		{`"normalizer":` + deep, "too deep"},
		{`"normalizer":{"type":"Sequence","normalizers":[` + strings.Repeat(`{"type":"StripAccents"},`, 99) + `{"type":"StripAccents"}]}`, "more than 64"},
		{`"normalizer":{"type":"Sequence","normalizers":[` + strings.Repeat(`{"type":"Replace","pattern":{"String":"a"},"content":"`+long+`"},`, 2) + `{"type":"NFC"}]}`, "4096 times as long"},
		{`"normalizer":{"type":"Replace","pattern":{},"content":""}`, "no pattern"},
		{`"normalizer":{"type":"Replace","pattern":{"Regex":"(?<=a)b"},"content":""}`, "groups of other kinds"},
		{`"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAA="}`, "map of characters"},
		{`"normalizer":{"type":"Precompiled","precompiled_charsmap":"/////wAAAAA="}`, "map of characters"},
		{`"pre_tokenizer":{"type":"ByteLevel"}`, "pre_tokenizer: ByteLevel is not read"},
		{`"pre_tokenizer":{"type":"Metaspace","replacement":""}`, "no character"},
		{`"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"last"}`, `"last" of Metaspace`},
		{`"pre_tokenizer":{"type":"CharDelimiterSplit","delimiter":"ab"}`, "no character"},
		{`"pre_tokenizer":{"type":"Punctuation","behavior":"Sideways"}`, `"Sideways" of a split`},
		{`"pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Sideways"}`, `"Sideways" of a split`},
		{`"added_tokens":[{"id":-1,"content":"a"}]`, "the id -1"},
	} {
		f, err := Read([]byte(`{"model":{"type":"X"},` + c.parts + `}`))
		if err == nil {
			_, err = f.Front()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s: %v, want %s", c.parts, err, c.want)
		}
	}
}

// FuzzFront: whatever a file asks for, nothing blows up, and no piece is empty.
func FuzzFront(f *testing.F) {
	f.Add(`"pre_tokenizer":{"type":"Metaspace","replacement":"▁"},"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Strip"}]}`, " a  b\xff")
	f.Add(`"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"lowercase":true}`, "aÉ漢,b")
	f.Add(`"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Digits"}]},"added_tokens":[{"id":1,"content":" ","rstrip":true,"lstrip":true}]`, "a1   2 b")
	f.Add(`"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a*"},"behavior":"MergedWithNext","invert":true}`, "baab")
	f.Fuzz(func(t *testing.T, parts, text string) {
		file, err := Read([]byte(`{"model":{"type":"X"},` + parts + `}`))
		if err != nil {
			return
		}
		front, err := file.Front()
		if err != nil {
			return
		}
		front.Walker().Walk([]byte(text), func(int32) {}, func(piece []byte) {
			if len(piece) == 0 {
				t.Error("an empty piece")
			}
		})
	})
}

// FuzzCharsMap: no map leads out of itself.
func FuzzCharsMap(f *testing.F) {
	f.Add([]byte{8, 0, 0, 0, 0, 4, 0, 0, 'a', 1, 0, 0, 'x', 0}, "ab漢")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		m, err := ReadCharsMap(data)
		if err != nil {
			return
		}
		if size, by, ok := m.Longest([]byte(text)); ok && (size == 0 || size > len(text) || slices.Contains(by, 0)) {
			t.Errorf("%d bytes become %q", size, by)
		}
		m.appendGraphemes(nil, []byte(text))
	})
}
