package text

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// keptPunctuation is what Unicode calls punctuation and is a sign nevertheless: operators of code and of markup, percent and
// the like, primes (5′ is not 5″), and their forms of other widths.
const keptPunctuation = "#%&*/@\\_〜§‖‰‱′″‴‵‶‷⁗٪؉؊" + "＃％＆＊／＠＼＿" + "﹟﹠﹡﹨﹪﹫"

// contextual is what its neighbours decide about (see context.go), apart from digits.
const contextual = ".!:;" + hyphens + dashes + voicedMarks

const (
	hyphens     = "-‐‑‒–－﹣" // that may be a minus before a digit or an operand
	dashes      = "—―"
	voicedMarks = "\u3099\u309A\uFF9E\uFF9F"
)

// minus is what a hyphen or a dash that is a sign becomes.
const minus = '−'

// sameSign is the sign that another one is a variant of.
var sameSign = map[rune]rune{
	'﹢': '+', '﹤': '<', '﹥': '>', '﹦': '=', '﹩': '$', '﹟': '#', '﹠': '&', '﹡': '*', '﹨': '\\', '﹪': '%', '﹫': '@',
	'٪': '%', '⁄': '/', '∕': '/', '∗': '*', '∖': '\\', '∣': '|', '∼': '~', '〜': '~',
}

// plainSigns are symbols to Unicode that serve as a quotation mark, a colon, a dash or the frame of a table, are blank, or stand
// for a character that is lost.
var plainSigns = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: '`', Hi: '`', Stride: 1},
	{Lo: '´', Hi: '´', Stride: 1},
	{Lo: '∶', Hi: '∶', Stride: 1},
	{Lo: 0x2500, Hi: 0x257F, Stride: 1},
	{Lo: 0x2800, Hi: 0x2800, Stride: 1},
	{Lo: 0xFFFC, Hi: 0xFFFD, Stride: 1},
}}

// plainMarks are marks and a letter without which a text reads the same: tatweel, Arabic vowel signs and marks of recitation,
// Hebrew points and accents. The hamza and madda that make letters (U+0653 to U+0655) are not among them.
var plainMarks = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0591, Hi: 0x05BD, Stride: 1},
	{Lo: 0x05BF, Hi: 0x05BF, Stride: 1},
	{Lo: 0x05C1, Hi: 0x05C2, Stride: 1},
	{Lo: 0x05C4, Hi: 0x05C5, Stride: 1},
	{Lo: 0x05C7, Hi: 0x05C7, Stride: 1},
	{Lo: 0x0610, Hi: 0x061A, Stride: 1},
	{Lo: 0x0640, Hi: 0x0640, Stride: 1},
	{Lo: 0x064B, Hi: 0x0652, Stride: 1},
	{Lo: 0x0656, Hi: 0x065F, Stride: 1},
	{Lo: 0x0670, Hi: 0x0670, Stride: 1},
	{Lo: 0x06D6, Hi: 0x06DC, Stride: 1},
	{Lo: 0x06DF, Hi: 0x06E4, Stride: 1},
	{Lo: 0x06E7, Hi: 0x06E8, Stride: 1},
	{Lo: 0x06EA, Hi: 0x06ED, Stride: 1},
	{Lo: 0x08CA, Hi: 0x08E1, Stride: 1},
	{Lo: 0x08E3, Hi: 0x08FF, Stride: 1},
	{Lo: 0xFB1E, Hi: 0xFB1E, Stride: 1},
	{Lo: 0xFE70, Hi: 0xFE72, Stride: 1},
	{Lo: 0xFE74, Hi: 0xFE74, Stride: 1},
	{Lo: 0xFE76, Hi: 0xFE7F, Stride: 1},
}}

// samePunctuation is the punctuation mark that another one is a variant of, where one counts at all.
var samePunctuation = map[rune]rune{
	'。': '.', '﹒': '.', '٫': '.', '・': '·', '‧': '·', '•': '·', '、': ',', '﹐': ',', '﹑': ',', '٬': ',', '،': ',', '؛': ';', '﹔': ';', '﹕': ':', '∶': ':',
	'-': minus, '‐': minus, '‑': minus, '‒': minus, '–': minus, '—': minus, '―': minus, '﹣': minus,
	'“': '"', '”': '"', '„': '"', '‟': '"', '「': '"', '」': '"', '『': '"', '』': '"', '«': '"', '»': '"', '《': '"', '》': '"', '〈': '"', '〉': '"',
	'‘': '\'', '’': '\'', '‚': '\'', '‛': '\'', '【': '[', '】': ']', '〔': '[', '〕': ']', '﹙': '(', '﹚': ')', '﹝': '[', '﹞': ']',
}

// setMark enters the mark that r, which is punctuation, is a variant of.
func (f *folds) setMark(r rune) {
	if f.bmp[r] != 0 && f.bmp[r] != inContext {
		return
	}
	to := ordinaryWidth(r)
	if same, ok := samePunctuation[to]; ok {
		to = same
	}
	f.marks[r] = uint16(to)
}

// punctuation returns the mark that r is a variant of, or 0 if r is no punctuation or part of the key text anyway.
func (f *folds) punctuation(r rune) rune {
	if r >= 1<<16 {
		return 0
	}
	return rune(f.marks[r])
}

// voicedKana composes kana and the marks that may follow them as characters of their own, as they do in half width.
func voicedKana() map[[2]rune]rune {
	composed := map[[2]rune]rune{}
	for base := rune(0x3041); base <= 0x30FF; base++ {
		for _, mark := range []rune{0x3099, 0x309A} {
			if one := []rune(norm.NFC.String(string([]rune{base, mark}))); len(one) == 1 {
				composed[[2]rune{base, mark}] = one[0]
			}
		}
	}
	return composed
}
