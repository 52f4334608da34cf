package charset

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// Costs are surprise, the negative logarithm of a probability, in hundredths of a nat: what a character is worth in
// ordinary Chinese text. The sum over a text decoded in two ways says which of the two somebody has written.
const (
	costASCII       = 400
	costControl     = 900
	costPunctuation = 550
	costFirst100    = 550  // 40 % of a text
	costFirst500    = 700  // 35 %
	costFirst1500   = 870  // 17 %
	costLevel1      = 1050 // the rest of the 3755 characters of GB2312's first level
	costLevel2      = 1250 // the 3008 of its second
	costHan         = 1450
	costTraditional = 30 // on top of the simplified form, whose rank it has
	costFullWidth   = 800
	costSymbol      = 1000
	costAlphabet    = 1100
	costOther       = 1400
	costPrivate     = 1700
	costReplaced    = 2200
	costWedge       = 1200 // of a Han character inside of a word
	costSwitch      = 4000 // less, at least, of a line in another encoding of Chinese or Japanese than its file

	// costHighByte and, for the ASCII that a decoder may take for second bytes, costASCII are what bytes cost that
	// belong to no encoding on the list. No encoding is taken that costs more than that.
	costHighByte = 430
	// costDeclaredByte is the same for an encoding that somebody has declared.
	costDeclaredByte = 530
)

// costs is what each character of the BMP costs.
var costs = sync.OnceValue(func() *[1 << 16]uint16 {
	t := new([1 << 16]uint16)
	for r := range rune(1 << 16) {
		t[r] = plainCost(r)
	}
	level := func(from, to int, cost uint16) {
		for lead := from; lead <= to; lead++ {
			for trail := 0xA1; trail <= 0xFE; trail++ {
				if r := rune(gbTables().cells[lead<<8|trail]); unicode.Is(unicode.Han, r) {
					t[r] = cost
				}
			}
		}
	}
	level(0xB0, 0xD7, costLevel1)
	level(0xD8, 0xF7, costLevel2)
	i := 0
	for _, r := range common {
		switch {
		case i < 100:
			t[r] = costFirst100
		case i < 500:
			t[r] = costFirst500
		default:
			t[r] = costFirst1500
		}
		i++
	}
	for _, r := range cantonese {
		t[r] = min(t[r], costFirst1500)
	}
	for r := rune(0x4E00); r < 0xA000; r++ {
		if simple := text.FoldKey(r); simple != r && simple > 0 && simple < 1<<16 {
			t[r] = min(t[r], t[simple]+costTraditional)
		}
	}
	return t
})

// plainCost is the cost of a character that is on no list.
func plainCost(r rune) uint16 {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || ' ' <= r && r < 0x7F:
		return costASCII
	case r < 0x80:
		return costControl
	case r < 0xA0:
		return costOther
	}
	switch r {
	case '　', '，', '。', '、', '；', '：', '？', '！', '“', '”', '‘', '’', '（', '）', '《', '》', '—', '…', '·', '「', '」', '『', '』', '〈', '〉', '─':
		return costPunctuation
	}
	switch {
	case 0xFF01 <= r && r <= 0xFF5E:
		return costFullWidth
	case 0x2000 <= r && r < 0x2600, 0x3000 <= r && r < 0x3040:
		return costSymbol
	case unicode.Is(unicode.Co, r):
		return costPrivate
	case unicode.Is(unicode.Han, r):
		return costHan
	case r < 0x2000 && unicode.In(r, unicode.Letter, unicode.Mark), unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return costAlphabet
	}
	return costOther
}

// asciiCosts is what the characters of ASCII cost.
var asciiCosts = func() (t [utf8.RuneSelf]uint16) {
	for r := range rune(utf8.RuneSelf) {
		t[r] = plainCost(r)
	}
	return t
}()

// costOf is the cost of a character.
func costOf(r rune) int {
	switch {
	case r < 1<<16:
		return int(costs()[r])
	case r >= 0xF0000:
		return costPrivate
	}
	return costOther
}

// evidence is what speaks for and against an encoding.
type evidence struct {
	name string
	Counts
	characters int // that are not ASCII
	kana       int // of them, that are Japanese and nothing else
	words      int // of them, that ordinary words are made of: common Han, and kana, not the same again
	cost       int
}

// weighedBytes is how much of a sample is decoded before its cost is looked at.
const weighedBytes = 512

// weigh decodes data in the encoding of that name. It stops where the cost, kana not discounted, has passed most: what it
// returns then is of the part so far, and costs more than most.
func weigh(name string, data []byte, last bool, most int) evidence {
	e := evidence{name: name}
	if wide(name) {
		e.cost = wedges(data) * costWedge
	}
	dec := newDecoder(name)
	var buf [weighedBytes]byte
	word := rune(0) // the last one
	for e.cost+int(e.Replaced)*costReplaced <= most {
		n, taken := dec.decode(buf[:], data, last, &e.Counts)
		if n == 0 && taken == 0 {
			break
		}
		data = data[taken:]
		for out := buf[:n]; len(out) > 0; {
			r, size := utf8.DecodeRune(out)
			out = out[size:]
			if r >= utf8.RuneSelf {
				e.characters++
			}
			if 'ぁ' <= r && r <= 'ヿ' {
				e.kana++
			}
			if r != word && ('ぁ' <= r && r < '・' || 0x4E00 <= r && r < 0xA000 && costs()[r] <= costFirst1500+costTraditional) {
				e.words++
				word = r
			}
			if r != utf8.RuneError {
				e.cost += costOf(r)
			}
		}
	}
	e.cost += int(e.Replaced) * costReplaced
	switch name {
	case EUCJP, ShiftJIS, ISO2022JP:
		e.cost -= e.kana * kanaDiscount
	}
	return e
}

// meaningless is what data costs if every byte is on its own.
func meaningless(data []byte, highByte int) int {
	c := compositionOf(data)
	return c.random(highByte)
}
