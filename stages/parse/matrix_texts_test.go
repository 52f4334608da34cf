package parse

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/millrace/millrace/stages/parse/charset"
)

// Scripts of the texts of the matrix.
const (
	han   = "han"
	latin = "latin" // and others with spaces between words
)

// matrixText is documents, and what they can be written in.
type matrixText struct {
	name, script string
	documents    []string
	encodings    []textEncoding
}

// textEncoding writes text in an encoding that settings call name, "" for UTF-8; set says that only the setting can tell.
type textEncoding struct {
	label, name string
	set         bool
	of          func(t testing.TB, text string) string
}

var inUnicode = []textEncoding{
	{"utf-8", "", false, func(_ testing.TB, text string) string { return text }},
	{"utf-8 with mark", "", false, func(_ testing.TB, text string) string { return bom + text }},
	{"utf-16le", charset.UTF16LE, false, func(_ testing.TB, text string) string { return inUTF16(binary.LittleEndian, text) }},
	{"utf-16be", charset.UTF16BE, false, func(_ testing.TB, text string) string { return inUTF16(binary.BigEndian, text) }},
	{"utf-16le with mark", charset.UTF16LE, false, func(_ testing.TB, text string) string { return inUTF16(binary.LittleEndian, bom+text) }},
	{"utf-16be with mark", charset.UTF16BE, false, func(_ testing.TB, text string) string { return inUTF16(binary.BigEndian, bom+text) }},
}

func inUTF16(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

var (
	inGB18030 = textEncoding{"gb18030", charset.GB18030, false, gb18030Text}
	inGBK     = textEncoding{"gbk", charset.GB18030, false, func(t testing.TB, text string) string { return inEncoding(t, simplifiedchinese.GBK, text) }}
	inHZ      = textEncoding{"hz-gb-2312", charset.HZ, false, func(t testing.TB, text string) string { return inEncoding(t, simplifiedchinese.HZGB2312, text) }}
	inBig5    = textEncoding{"big5", charset.Big5, false, func(t testing.TB, text string) string { return inEncoding(t, traditionalchinese.Big5, text) }}
	inHKSCS   = textEncoding{"big5-hkscs", charset.Big5, false, hkscsText}
)

// gb18030Text writes the first private-use characters where fonts of the time had theirs, AAA1 and on, in two bytes.
func gb18030Text(t testing.TB, text string) string {
	t.Helper()
	const row = 94
	var b strings.Builder
	for _, r := range text {
		if r >= 0xE000 && r < 0xE000+6*row {
			b.Write([]byte{byte(0xAA + (r-0xE000)/row), byte(0xA1 + (r-0xE000)%row)})
			continue
		}
		b.WriteString(inEncoding(t, simplifiedchinese.GB18030, string(r)))
	}
	return b.String()
}

// hkscsText writes the characters of Hong Kong, which the library only reads.
func hkscsText(t testing.TB, text string) string {
	t.Helper()
	codes := map[string]string{}
	for lead := 0x87; lead < 0xFF; lead++ {
		for trail := 0x40; trail < 0xFF; trail++ {
			code := string([]byte{byte(lead), byte(trail)})
			if s, err := traditionalchinese.Big5.NewDecoder().String(code); err == nil && !strings.Contains(s, "\uFFFD") {
				codes[s] = code
			}
		}
	}
	var b strings.Builder
	for _, r := range text {
		switch code := codes[string(r)]; {
		case r < 0x80:
			b.WriteRune(r)
		case code == "":
			t.Fatalf("%q is not in Big5", r)
		default:
			b.WriteString(code)
		}
	}
	return b.String()
}

// matrixTexts are the documents: of Chinese for whatever can hold it, and of other scripts for the encodings of these, which
// a setting names.
func matrixTexts(t testing.TB) []matrixText {
	t.Helper()
	simplified := []string{
		"国家统计局今天发布的数据显示，去年全国粮食总产量比前年增加了百分之二，农民的收入也有所提高。\n" +
			"专家说：\"这是历史上最好的成绩之一\"，GDP增长5个百分点，R&D投入<3万亿元。\n有关部门表示，今年还要继续努力。",
		"他们在学校里认识，后来一起工作了三十年，从来没有红过脸，街坊邻居都说这是一对好夫妻。\n老人的儿子在北京读书，女儿已经结婚了。",
		"第一条 为了保护公民的合法权益，维护社会秩序，根据宪法，制定本法。",
	}
	for i := range simplified {
		simplified[i] = strings.ReplaceAll(simplified[i], " ", "")
	}
	traditional := []string{
		"國家統計局今天發布的數據顯示，去年全國糧食總產量比前年增加了百分之二，農民的收入也有所提高。\n" +
			"專家說：\"這是歷史上最好的成績之一\"，GDP增長5個百分點，R&D投入<3萬億元。\n有關部門表示，今年還要繼續努力。",
		"他們在學校裡認識，後來一起工作了三十年，從來沒有紅過臉，街坊鄰居都說這是一對好夫妻。\n老人的兒子在臺北讀書，女兒已經結婚了。",
		"第一條為了保護公民的合法權益，維護社會秩序，根據憲法，制定本法。",
	}
	hongKong := append(slices.Clone(traditional), "香港人在家中說的話和寫在報紙上的話不一樣，近來也有人照口語寫下來，例如這一段：\n佢哋噚日喺茶餐廳食咗個菠蘿油，啲嘢都幾好食㗎，下次仲會再嚟，搭𨋢上去就係。\n呢度嘅人個個都識佢。")
	rare := append(slices.Clone(simplified), "这里有几个少见的字：㐀㐁𠀀𠀁，还有造字区的\uE000和\uE05E，旁边是藏文ༀ和一般的汉字，都要原样留下来。")
	sets := []matrixText{
		{"simplified", han, simplified, append(slices.Clip(inUnicode), inGB18030, inGBK, inHZ)},
		{"rare", han, rare, append(slices.Clip(inUnicode[:3]), inGB18030)},
		{"traditional", han, traditional, append(slices.Clip(inUnicode[:3]), inGB18030, inGBK, inBig5)},
		{"hong kong", han, hongKong, append(slices.Clip(inUnicode[:3]), inHKSCS)},
	}
	const all = "Crème brûlée, fjørd, Łódź, žluťoučký kůň, Türkiye ğ, ελληνικά, русский язык, עברית, العربية, ภาษาไทย, tiếng Việt, ひらがなとカタカナ, 한국어"
	for _, name := range charset.Names() {
		if slices.Contains([]string{charset.UTF8, charset.UTF16LE, charset.UTF16BE, charset.HZ, charset.GB18030, charset.Big5}, name) {
			continue
		}
		e, err := htmlindex.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Map(func(r rune) rune {
			if _, err := e.NewEncoder().String(string(r)); err != nil {
				return -1
			}
			return r
		}, all)
		text = strings.Trim(strings.Join(strings.Fields(text), " "), " ,")
		sets = append(sets, matrixText{name, latin, []string{text, "3 & 4, " + text + "\n" + text}, []textEncoding{
			{name, name, true, func(t testing.TB, text string) string { return inEncoding(t, e, text) }},
		}})
	}
	return sets
}
