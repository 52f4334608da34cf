package charset

import (
	"math"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

const (
	simplified  = "今天天气很好，我们去公园散步。他说：“明年的计划已经决定了。”\n"
	freedom     = "すべての人間は、生まれながらにして自由であり\n"
	russian     = "Все люди рождаются свободными и равными в своем достоинстве\n"
	traditional = "今天天氣很好，我們去公園散步。他說：「明年的計劃已經決定了。」\n"
)

// encoded is text in an encoding, which has all of its characters.
func encoded(t testing.TB, e encoding.Encoding, text string) string {
	t.Helper()
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// utf16Text is text in UTF-16 without a mark.
func utf16Text(text string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		low, high := byte(u), byte(u>>8)
		if big {
			low, high = high, low
		}
		b.Write([]byte{low, high})
	}
	return b.String()
}

func TestDetect(t *testing.T) {
	gb := encoded(t, simplifiedchinese.GB18030, simplified)
	big5 := encoded(t, traditionalchinese.Big5, traditional)
	markup := strings.Repeat("<li class=item><a href=/a/b>", 60)
	latin := "Le café est déjà fermé; on espère qu'il rouvrira bientôt, peut-être à Noël.\n"
	for _, tc := range []struct {
		about, head, hint, want string
		cut                     bool
	}{
		{about: "nothing", want: UTF8},
		{about: "ascii", head: "plain text\n", hint: "gbk", want: UTF8},
		{about: "ascii so far, declared", head: "plain text\n", hint: "gbk", cut: true, want: GB18030},
		{about: "ascii so far, declared utf-16", head: "plain text\n", hint: "utf-16", cut: true, want: UTF8},
		{about: "mark", head: "\uFEFF" + gb, want: UTF8},
		{about: "mark of utf-16le", head: "\xFF\xFEa\x00", want: UTF16LE},
		{about: "mark of utf-16be", head: "\xFE\xFF\x00a", want: UTF16BE},
		{about: "mark of utf-32le", head: "\xFF\xFE\x00\x00a\x00\x00\x00", want: UTF32LE},
		{about: "mark of utf-32be", head: "\x00\x00\xFE\xFF\x00\x00\x00a", want: UTF32BE},
		{about: "mark of gb18030", head: "\x84\x31\x95\x33abc", want: GB18030},
		{about: "utf-8", head: simplified, hint: "gbk", want: UTF8},
		{about: "utf-8, cut in a character", head: simplified + "\xE4\xB8", cut: true, want: UTF8},
		{about: "utf-8, ending in a character", head: simplified + "\xE4\xB8", want: UTF8},
		{about: "utf-8 with damage", head: simplified + "\xFF\xFE" + simplified + "\xE4\xB8\n" + simplified, hint: "gbk", want: UTF8},
		{about: "utf-8 with NUL", head: simplified + "\x00\n" + simplified, want: UTF8},
		{about: "utf-16le", head: utf16Text(simplified, false), want: UTF16LE},
		{about: "utf-16be", head: utf16Text(traditional, true), want: UTF16BE},
		{about: "utf-16le of english", head: utf16Text(strings.Repeat("Nothing but words. ", 5), false), want: UTF16LE},
		{about: "utf-16be of russian", head: utf16Text(strings.Repeat("Все люди рождаются свободными. ", 5), true), want: UTF16BE},
		{about: "hz", head: "An article\n~{=qLlLlFx:\\:C~}\n", want: HZ},
		{about: "no hz", head: "H~{2}~} is not ~{}, and ~{a b}\n", want: UTF8},
		{about: "gb18030", head: gb, want: GB18030},
		{about: "gb18030, declared big5", head: gb, hint: "big5", want: GB18030},
		{about: "gb18030, traditional", head: encoded(t, simplifiedchinese.GBK, traditional), want: GB18030},
		{about: "gb18030, four characters", head: "\xC4\xE3\xBA\xC3", want: GB18030},
		{about: "gb18030 among ascii", head: strings.Repeat("<td class=a>", 300) + "\xD6\xD0\xB9\xFA</td>\n", want: GB18030},
		{about: "gb18030 with damage", head: gb + "\xA3 \xFF\xAA\xA1\x00" + gb, want: GB18030},
		{about: "gb18030, cut in a character", head: gb + "\xD6", cut: true, want: GB18030},
		{about: "big5", head: big5, want: Big5},
		{about: "big5 of cantonese", head: encoded(t, traditionalchinese.Big5, "佢哋噚日喺茶餐廳食咗個菠蘿油，啲嘢都幾好食㗎，下次仲會再嚟，搭𨋢上去就係。\n"), want: Big5},
		{about: "little gb18030 among markup, declared big5", head: markup + gb[:24] + markup, hint: "big5", want: GB18030},
		{about: "little big5 among markup, declared gbk", head: markup + big5[:24] + markup, hint: "gbk", want: Big5},
		{about: "big5, declared gbk", head: big5, hint: "GBK", want: Big5},
		{about: "big5 with damage", head: big5 + "\xFF\xA4 " + big5, want: Big5},
		{about: "windows-1252", head: encoded(t, charmap.Windows1252, latin), want: Windows1252},
		{about: "windows-1252, declared gbk", head: encoded(t, charmap.Windows1252, latin), hint: "gbk", want: Windows1252},
		{about: "signs, declared windows-1252", head: encoded(t, charmap.Windows1252, "Format 10×20 cm, 20 m², 5 ± 2 µm, ¥500, 30¢, † 1999\n"), hint: "ISO-8859-1", want: Windows1252},
		{about: "one sign, declared windows-1252", head: encoded(t, charmap.Windows1252, "Format 10×20 cm\n"), hint: "windows-1252", want: Windows1252},
		{about: "polish, declared windows-1252", head: encoded(t, charmap.Windows1250, "Zażółć gęślą jaźń, wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw\n"), hint: "iso-8859-1", want: Unknown},
		{about: "polish", head: encoded(t, charmap.ISO8859_2, "Zażółć gęślą jaźń, wszyscy ludzie rodzą się wolni\n"), want: Unknown},
		{about: "turkish", head: encoded(t, charmap.Windows1254, "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar\n"), want: Unknown},
		{about: "russian", head: encoded(t, charmap.KOI8R, russian), want: Unknown},
		{about: "greek", head: encoded(t, charmap.ISO8859_7, "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι\n"), want: Unknown},
		{about: "japanese", head: encoded(t, japanese.EUCJP, freedom), want: EUCJP},
		{about: "japanese, shift jis", head: encoded(t, japanese.ShiftJIS, freedom), want: ShiftJIS},
		{about: "japanese, seven bits", head: encoded(t, japanese.ISO2022JP, freedom), want: ISO2022JP},
		{about: "chinese on kana", head: encoded(t, simplifiedchinese.GBK, "日语的平假名有あいうえおかきくけこ，我们今天学习这些字母。\n"), want: GB18030},
		{about: "a terminal's colours", head: "\x1b[1mbold\x1b(B, and \x1b$B alone\n", want: UTF8},
		{about: "russian, declared", head: encoded(t, charmap.KOI8R, russian), hint: "KOI8-R", want: "koi8-r"},
		{about: "korean, declared", head: encoded(t, korean.EUCKR, "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에\n"), hint: "ks_c_5601-1987", want: "euc-kr"},
		{about: "gb18030, declared korean", head: gb, hint: "euc-kr", want: GB18030},
		{about: "big5, declared shift_jis", head: big5, hint: "shift_jis", want: Big5},
		{about: "russian, declared shift_jis", head: encoded(t, charmap.Windows1251, russian), hint: "shift_jis", want: Unknown},
		{about: "ascii so far, declared koi8-r", head: "plain text\n", hint: "koi8-r", cut: true, want: "koi8-r"},
		{about: "hungarian", head: encoded(t, charmap.Windows1250, "őr, erdő, mező, eső, tető, jövő, nő, külső, belső, hűtő\n"), want: Unknown},
		{about: "croatian", head: encoded(t, charmap.Windows1250, "što će biti kuća, sreća, noć, već, našeg, više, ništa\n"), want: Unknown},
		{about: "vietnamese", head: encoded(t, charmap.Windows1258, "nhân dân, đâu, đông, công, nông dân, đi, đây, đêm, sông, không\n"), want: Unknown},
		{about: "accents before their letters", head: "la \xC3Generala Asembleo anta\xC6ukonsideroj, a\xC6ustro, e\xC3gon, anta\xC6u, \xC3guste\n", want: Unknown},
		{about: "english with a stray byte", head: "Nothing but words, \x81 and then more of them.\n", want: UTF8},
		{about: "ten bytes of gbk", head: gb[:10], want: GB18030},
		{about: "ten bytes of big5", head: big5[:10], want: Big5},
		{about: "gb18030 with 0x80 and half a character at its end", head: gb + "\x80100" + gb + "\xD6", want: GB18030},
		{about: "gb18030, then utf-8", head: strings.Repeat(gb, 80) + strings.Repeat(simplified, 40), want: UTF8},
		{about: "utf-8, then gb18030", head: strings.Repeat(simplified, 80) + strings.Repeat(gb, 40), want: UTF8},
		{about: "big5, then utf-8", head: strings.Repeat(big5, 80) + strings.Repeat(traditional, 40), want: UTF8},
		{about: "windows-1252, then utf-8", head: strings.Repeat(encoded(t, charmap.Windows1252, latin), 80) + strings.Repeat(latin, 40), want: UTF8},
		{about: "utf-16le, four characters", head: utf16Text("中文文本", false), want: UTF16LE},
		{about: "utf-16be, four characters", head: utf16Text("中文文本", true), want: UTF16BE},
		{about: "korean", head: encoded(t, korean.EUCKR, "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에\n"), want: Unknown},
	} {
		got, why := Detect([]byte(tc.head), !tc.cut, tc.hint)
		if got != tc.want || why == "" {
			t.Errorf("%s: %s (%s), want %s", tc.about, got, why, tc.want)
		}
	}
}

// TestDetectCut cuts heads everywhere: a file is what it is, wherever the head ends.
func TestDetectCut(t *testing.T) {
	for want, in := range map[string]string{
		UTF8:    simplified,
		GB18030: encoded(t, simplifiedchinese.GB18030, simplified),
		Big5:    encoded(t, traditionalchinese.Big5, traditional),
		UTF16BE: utf16Text(simplified, true),
	} {
		for n := 16; n <= len(in); n++ {
			if got, why := Detect([]byte(in[:n]), false, ""); got != want {
				t.Errorf("%s, the first %d bytes: %s (%s)", want, n, got, why)
			}
		}
	}
}

// A sample that is weighed up to a limit is on the same side of it as the whole.
func TestWeighStops(t *testing.T) {
	text := encoded(t, simplifiedchinese.GB18030, chinese(sampleBytes, func(rune) bool { return true }))
	for _, name := range []string{UTF8, UTF16LE, UTF16BE, GB18030, Big5, EUCJP} {
		full := weigh(name, []byte(text), true, math.MaxInt)
		full.cost += full.kana * kanaDiscount
		for _, most := range []int{0, 1000, full.cost / 2, full.cost - 1, full.cost, 2 * full.cost} {
			got := weigh(name, []byte(text), true, most)
			got.cost += got.kana * kanaDiscount
			if full.cost > most && got.cost <= most || full.cost <= most && got != full {
				t.Errorf("%s up to %d: %+v, the whole is %+v", name, most, got, full)
			}
		}
	}
}

// TestCharactersInColumns: a line with one character in a column of its own, as in annotated text of a character a line, is in the
// encoding of its file.
func TestCharactersInColumns(t *testing.T) {
	for name, of := range map[string]encoding.Encoding{Big5: traditionalchinese.Big5, GB18030: simplifiedchinese.GB18030} {
		l := newLines(name, newDecoder(name), false)
		for _, r := range "績坊鄰賽頭裡麗龍" {
			for _, line := range []string{"%c B-PER\n", "1\t%c\t_\tX\t_\t_\t0\troot\t_\tSpaceAfter=No\n", "%c\tNOUN noun NN\r\n"} {
				data, err := of.NewEncoder().Bytes([]byte(strings.Replace(line, "%c", string(r), 1)))
				if err != nil {
					t.Fatal(err)
				}
				high := firstHigh(data)
				if l.trust(data[high:]) {
					continue
				}
				var c Counts
				if dec := l.judge(data, high, false, &c); dec != l.own {
					t.Errorf("%s: %c in %q is read by %T", name, r, data, dec)
				}
			}
		}
	}
}
