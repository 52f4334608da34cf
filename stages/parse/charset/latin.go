package charset

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// scripts are encodings of a byte a character and languages of Latin letters that were written in them, as letterCounts
// calls them; unlikely is what speaks against them before anything was read.
var scripts = []struct {
	of        *charmap.Charmap
	languages string
	unlikely  float64
}{
	{charmap.Windows1252, western1252, 0},
	{charmap.Macintosh, western1252, 2},
	{charmap.CodePage437, western1252, 2},
	{charmap.CodePage850, western1252, 2},
	{charmap.ISO8859_15, western1252, 1},
	{charmap.Windows1250, "bs cs dsb hr hsb hu pl ro sk sl sr-latn", 0},
	{charmap.ISO8859_2, "bs cs dsb hr hsb hu pl ro sk sl sr-latn", 0},
	{charmap.ISO8859_16, "hu pl ro sl", 2},
	{charmap.CodePage852, "bs cs hr hu pl ro sk sl sr-latn", 3},
	{charmap.Windows1254, "az tk tr", 0},
	{charmap.Windows1257, "et lt lv mi", 0},
	{charmap.ISO8859_13, "et lt lv pl", 1},
	{charmap.ISO8859_4, "et lt lv mi", 1},
	{charmap.ISO8859_3, "eo", 1},
	{charmap.Windows1258, "vi", 0},
}

const western1252 = "af ast br ca cy da de en es et eu fi fr ga gd gl ia id io is it ms nb nl nn pt sq sv sw tet"

// rare is what a letter counts of ten thousand that a language does not have, but its names and loans.
const rare = 0.15

// borrowed is the same of letters of Western Europe in Windows-1252, which is what most names are in.
const borrowed = 0.5

// margin is how much likelier Windows-1252 has to be.
const margin = 1

// longText is how many letters of ASCII are so many that they drown the others.
const longText = 500

// candidate is a language in an encoding.
type candidate struct {
	*script
	letters [26]float64  // log of the share of each letter of ASCII
	high    [128]float64 // of those beyond it; 0: none
}

// script is what a byte beyond ASCII is in an encoding.
type script struct {
	unlikely float64
	runes    [128]rune
}

// candidates are all of them, those of Windows-1252 first.
var candidates = sync.OnceValues(func() (all []candidate, western int) {
	tables := map[string]map[rune]float64{}
	for _, l := range letterCounts {
		t := map[rune]float64{}
		for field := range strings.FieldsSeq(l.counts) {
			r, size := utf8.DecodeRuneInString(field)
			n, _ := strconv.Atoi(field[size:]) // a table in this package
			t[r] = float64(n)
		}
		tables[l.language] = t
	}
	share := func(t map[rune]float64, r rune, least float64) float64 {
		return math.Log((t[unicode.ToLower(r)] + least) / 10000)
	}
	for i, s := range scripts {
		of := &script{unlikely: s.unlikely}
		for b := range of.runes {
			of.runes[b] = s.of.DecodeByte(byte(b + utf8.RuneSelf))
		}
		for language := range strings.FieldsSeq(s.languages) {
			least := rare
			if i == 0 {
				least = borrowed
			}
			c := candidate{script: of}
			t := tables[language]
			for b := range c.letters {
				c.letters[b] = share(t, rune('a'+b), rare)
			}
			for b, r := range of.runes {
				if unicode.IsLetter(r) && r != 'ª' && r != 'º' {
					c.high[b] = share(t, r, least)
				}
			}
			all = append(all, c)
		}
		if i == 0 {
			western = len(all)
		}
	}
	return all, western
})

// latin says whether a sample reads better as text of a language of Western Europe in Windows-1252 than as text of any of Latin
// letters in another encoding of a byte a character that would be another text: by how often each language has
// which letters, and by where signs stand.
func latin(sample []byte) bool {
	all, western := candidates()
	var ascii [26]int
	var high [128]bool
	letters, beyondASCII := 0, 0
	for _, b := range sample {
		switch {
		case b >= utf8.RuneSelf:
			high[b-utf8.RuneSelf] = true
			beyondASCII++
		case isLetter(b):
			letters++
			ascii[b|0x20-'a']++
		}
	}
	// Letters of ASCII tell the language, and with it what a few letters beyond it are; of a language that is not in the table
	// they tell nothing, so in long texts the others have to be likelier too.
	best, bestBeyond := math.Inf(-1), math.Inf(-1)
	var last *script
	signs := 0.0
	for i := range all {
		c := &all[i]
		if i >= western && c.reads(&high, &all[0]) {
			continue // the same
		}
		if c.script != last {
			last, signs = c.script, c.signs(sample)
		}
		score := 0.0
		for b, n := range ascii {
			score += float64(n) * c.letters[b]
		}
		beyond := signs - c.unlikely
		for _, b := range sample {
			if b >= utf8.RuneSelf {
				beyond += c.high[b-utf8.RuneSelf]
			}
		}
		score += beyond
		if i < western {
			best, bestBeyond = max(best, score), max(bestBeyond, beyond)
		} else if score >= best-margin && (letters < longText || beyond >= bestBeyond) {
			return false
		}
	}
	// In no language of the table, and in no place where a sign stands: few letters say nothing then.
	return bestBeyond > -unlike*float64(beyondASCII)
}

// reads says whether the bytes of a sample are the same characters in both encodings.
func (s *script) reads(high *[128]bool, other *candidate) bool {
	for b, seen := range high {
		if seen && s.runes[b] != other.runes[b] {
			return false
		}
	}
	return true
}

// What a sign beyond ASCII costs where it stands as such signs do, where it does not, and a letter where none should be.
const (
	signInPlace   = 3
	signLater     = 9 // an ellipsis inside of a sentence, a quotation that does not end
	signOddPlace  = 12
	signInWord    = 15
	capitalInside = 7
	unlike        = 11 // on an average
	capitalAlone  = 8
	noCharacter   = 15
)

// signs is what speaks against an encoding in what is no letter in it, and in capital letters behind small ones.
func (s *script) signs(sample []byte) (sum float64) {
	for i, b := range sample {
		if b < utf8.RuneSelf {
			continue
		}
		before, next := byte(' '), byte(' ')
		if i > 0 {
			before = sample[i-1]
		}
		if i+1 < len(sample) {
			next = sample[i+1]
		}
		r := s.runes[b-utf8.RuneSelf]
		switch {
		case r == utf8.RuneError || r < 0xA0:
			sum -= noCharacter
		case unicode.IsLetter(r) && r != 'ª' && r != 'º':
			switch {
			case !unicode.IsUpper(r):
			case isLower(before):
				sum -= capitalInside
			case before <= ' ' && next <= ' ' && !strings.ContainsRune("ÀÁÄÅÆÈÉÊÍÓÖØÚ", r):
				sum -= capitalAlone
			}
		case inPlace(r, before, next):
			if s.later(r, before, sample[i+1:]) {
				sum -= signLater
			} else {
				sum -= signInPlace
			}
		case isLetter(before) && isLetter(next):
			sum -= signInWord
		default:
			sum -= signOddPlace
		}
	}
	return sum
}

// later says whether a sign that is in its place wants another one, or the end of a sentence, behind it that does not come. rest
// is what stands behind it.
func (s *script) later(r rune, before byte, rest []byte) bool {
	closes := ""
	switch {
	case r == '…':
		return len(rest) > 1 && rest[0] == ' ' && isLower(rest[1])
	case r == '¿' || r == '¡':
		return len(rest) > 0 && isLower(rest[0])
	case r == '‚' || r == '‘':
		closes = "‘’"
	case r == '„':
		closes = "“”"
	case r == '”' && !isLetter(before) && len(rest) > 0 && rest[0] > ' ':
		closes = "”"
	case r == '‹':
		closes = "›"
	case r == '›':
		return true
	}
	return closes != "" && !slices.ContainsFunc(rest, func(b byte) bool {
		return b >= utf8.RuneSelf && strings.ContainsRune(closes, s.runes[b-utf8.RuneSelf])
	})
}

// inPlace says whether a sign stands between two bytes as text has it.
func inPlace(r rune, before, next byte) bool {
	word := func(b byte) bool { return isLetter(b) || b >= utf8.RuneSelf }
	digit := func(b byte) bool { return '0' <= b && b <= '9' }
	ends := func(b byte) bool { return !word(b) && !digit(b) || b >= utf8.RuneSelf }
	begins := func(b byte) bool { return b <= ' ' || strings.IndexByte("([{-/\"'>:", b) >= 0 || b >= utf8.RuneSelf }
	switch r {
	case '’':
		return isLetter(before) && (!isLetter(next) || strings.IndexByte("aeiouhystdmlrv", next|0x20) >= 0)
	case '¿', '¡':
		return begins(before) && next > ' ' && before != '\''
	case '“', '‘', '„', '‚', '«', '‹':
		return begins(before) && next > ' ' && next < utf8.RuneSelf || r == '«' && begins(before) || r == '“' && ends(next)
	case '”', '»', '›':
		return before > ' ' && ends(next) || r == '»' && ends(next) || begins(before) && next > ' '
	case '…', '®', '™', '©':
		return ends(next) || before <= ' '
	case '–', '—':
		return before <= ' ' && next <= ' ' || digit(before) && digit(next) || word(before) && word(next)
	case '°', 'º', 'ª', '²', '³', '¹':
		return (digit(before) || isLetter(before) || before == '.') && ends(next) || r == '°' && (next == 'C' || next == 'F')
	case '\u00A0':
		return !isLetter(before) || next > ' ' && !isLetter(next)
	case '\u00AD':
		return isLetter(before) && isLetter(next)
	case '½', '¼', '¾', '€', '£', '§', '¥', '×', '±':
		return !isLetter(before) && !isLetter(next)
	case '•', '·':
		return before <= ' ' || r == '·' && isLetter(before) && isLetter(next)
	}
	return slices.Contains([]rune{'µ', '¶', '†', '‡'}, r) && !isLetter(before) && ends(next)
}
