package tagged

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNext(t *testing.T) {
	for in, want := range map[string]string{
		"a < b <c>":             "c|",
		"<1> <2> <x:y-z.1 >":    "x:y-z.1| ",
		`<a href="x>y" b='>'>z`: `a| href="x>y" b='>'`,
		`<a href="x>y<b>`:       `a| href="x`,
		"<a <b/>":               "b|",
		"</a\n>":                "a|\n",
		"<b and c>":             "b| and c",
		"<名字>":                  "名字|",
		"<a":                    "none",
		"<!-- <a> -->":          "|",
		"<!-- <a>":              "a|",
		"<![CDATA[<a>]]>":       "|",
		"<![CDATA[<a>":          "a|",
		"<?xml <a> ?>":          "|",
		"<!DOCTYPE a>":          "none",
		"":                      "none",
	} {
		got := "none"
		if tag, ok := Next([]byte(in), 0); ok {
			got = string(tag.Name) + "|" + string(tag.Attrs)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestAttr(t *testing.T) {
	tag, _ := Next([]byte("<a one=1 two = \"2 &amp;\" three='3' four\nfive=\"\" six=>"), 0)
	for name, want := range map[string]string{"one": "1", "two": "2 &amp;", "three": "3", "four": "", "five": "", "seven": ""} {
		if got := string(tag.Attr(name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for in, want := range map[string]string{
		"&lt;&gt;&amp;&quot;&apos;":     "<>&\"'",
		"&#65;&#x4E66;&#X4e66;":         "A书书",
		"&#0;&#xD800;&#x110000;&#;&#x;": "&#0;&#xD800;&#x110000;&#;&#x;",
		"&nbsp;&hellip;&none;":          "\u00a0…&none;",
		"AT&T & a&copy=1;&amp;lt;":      "AT&T & a&copy=1;&lt;",
		"&":                             "&",
	} {
		if got := string(Decode([]byte("x"), []byte(in))); got != "x"+want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	for in, want := range map[string]string{
		"<a>1</a> <b x='y'>2 < 3</b>":         "a=1;b=2 < 3;",
		"<a><a>1</a>2</a>":                    "a=<a>1</a>2;",
		"<a><![CDATA[</a>]]></a>":             "a=<![CDATA[</a>]]>;",
		"x <a>1</a> y <b/> z":                 "[x ]a=1;[ y ]b=;[ z]",
		"<a>1<b>2</b>":                        "[<a>1]b=2;",
		"<p>1</p><a>2</a>":                    "[<p>1</p>]a=2;",
		"<TITLE>1</title>":                    "TITLE=1;",
		strings.Repeat("<u>", 9) + "<a>1</a>": "[" + strings.Repeat("<u>", 9) + "<a>1</a>]",
	} {
		var got strings.Builder
		Fields([]byte(in), func(tag Tag) bool { return string(tag.Name) != "p" },
			func(f Field) { got.WriteString(string(f.Name) + "=" + string(f.Value) + ";") },
			func(text []byte) { got.WriteString("[" + string(text) + "]") })
		if got.String() != want {
			t.Errorf("%q: %q, want %q", in, got.String(), want)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		in, want string
		all      bool
	}{
		{in: " \n一 &lt; 二\n三 ", want: "一 < 二\n三"},
		{in: "<P>\n一\n</P>\n\n<P>\n二\n</P>", want: "一\n二"},
		{in: "一<br/>二<b>三</b> vector<int> 1<2", want: "一\n二三 vector<int> 1<2"},
		{in: "一<!-- 注 --><![CDATA[<b>&amp;]]>二", want: "一<b>&amp;二"},
		{in: "<TURN>一<F P=105>二</F></TURN>", want: "一<F P=105>二</F>"},
		{in: "<TURN>一<F P=105>二</F></TURN>", want: "一\n二", all: true},
	} {
		if got := string(Text([]byte("前"), []byte(c.in), c.all)); got != "前"+c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	if got := string(Unwrap(nil, []byte("&lt;b&gt;&amp;amp;<![CDATA[<i>&]]><u>x</u><!-- c -->"))); got != "<b>&amp;<i>&<u>x</u>" {
		t.Errorf("unwrapped %q", got)
	}
}

// TestLinear holds that nothing costs more than its length.
func TestLinear(t *testing.T) {
	for _, unit := range []string{"<", "<a", "<a \"", "<a x=\"", "<a>", "</a>", "<![CDATA[", "<!--", "<?", "&", "&a", "<a><b>", "<a><![CDATA[</a>", "<a>1</a>", "<a/>", "<a x=\">"} {
		in := []byte(strings.Repeat(unit, (1<<20)/len(unit)))
		start := time.Now()
		Fields(in, func(Tag) bool { return true }, func(Field) {}, func([]byte) {})
		_ = Text(nil, in, true)
		_ = Unwrap(nil, in)
		Inside(in, "zz")
		if took := time.Since(start); took > 5*time.Second { // a quadratic one takes minutes
			t.Errorf("%q: %s", unit, took)
		}
	}
}

func FuzzTagged(f *testing.F) {
	f.Add([]byte("<a b=\"c\">&lt;<![CDATA[x]]><!-- y --><p>z</p></a><d/>"))
	f.Fuzz(func(t *testing.T, src []byte) {
		size := 0
		Fields(src, func(tag Tag) bool { return !IsProse(tag) }, func(f Field) { size += len(f.Value) }, func(text []byte) { size += len(text) })
		if size > len(src) {
			t.Fatalf("%d bytes in fields of %d", size, len(src))
		}
		for _, all := range []bool{false, true} {
			out := Text([]byte("x"), src, all)
			if !bytes.HasPrefix(out, []byte("x")) || len(out) > 2*len(src)+1 || utf8.Valid(src) && !utf8.Valid(out) {
				t.Fatalf("%q", out)
			}
		}
		if out := Unwrap(nil, src); len(out) > 2*len(src) || utf8.Valid(src) && !utf8.Valid(out) {
			t.Fatalf("%q", out)
		}
		for i := 0; i < len(src); {
			tag, ok := Next(src, i)
			if !ok {
				break
			}
			if tag.Start < i || tag.End <= tag.Start || tag.End > len(src) {
				t.Fatalf("%+v", tag)
			}
			tag.EachAttr(func(name, _ []byte) bool { return len(name) > 0 })
			i = tag.End
		}
	})
}
