package charset

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// sampleBytes is how much of a head is decoded in every encoding, from the first byte on that tells them apart.
const sampleBytes = 4 << 10

// marks are the byte order marks, longer ones first: that of UTF-32 begins with that of UTF-16.
var marks = []struct{ name, mark string }{
	{UTF32LE, "\xFF\xFE\x00\x00"},
	{UTF32BE, "\x00\x00\xFE\xFF"},
	{UTF8, byteOrderMark},
	{GB18030, "\x84\x31\x95\x33"},
	{UTF16LE, "\xFF\xFE"},
	{UTF16BE, "\xFE\xFF"},
}

// Detect says which encoding a file is in whose first bytes are head (all of it, if whole), and why, for people. It looks
// for a byte order mark, then for HZ and ISO-2022-JP, then for UTF-8 without a fault, where a character that head cuts is
// none. In what is left every encoding of Chinese gets a chance, UTF-8 with damage too: undecodable sequences, private-use
// and unusual characters cost, and the least expensive wins, unless random bytes would not have cost more. Japanese is known
// by its kana, and text of a byte a character is taken for Windows-1252 if it looks Western European. When nothing convinces,
// a file with a few stray bytes is UTF-8 with damage, and any other is Unknown: to read it as one of those that it may be
// in would give wrong text without a trace. A file of two encodings of which one is UTF-8 is UTF-8, so that what is in
// the other one shows as damage.
//
// hint is a declared encoding, as in HTML or WARC, in any spelling, or empty. It makes what it names cheaper, and it decides
// where a head that is not whole is nothing but ASCII, or where nothing else convinces; it is not an order.
//
// The name is one of Names, Unknown, or that of a mark that nothing here reads: UTF32LE, UTF32BE. The same head gives the
// same answer, always. It is safe for concurrent use.
func Detect(head []byte, whole bool, hint string) (name, why string) {
	for _, m := range marks {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			return m.name, "byte order mark"
		}
	}
	hint, _ = Canonical(hint)
	valid := text.ValidPrefix(head)
	if !whole && valid < len(head) && !utf8.FullRune(head[valid:]) {
		head = head[:valid]
	}
	high := firstHigh(head)
	if high == len(head) {
		high = -1
	}
	zero := bytes.IndexByte(head, 0)
	if high < 0 && zero < 0 {
		return sevenBits(head, whole, hint)
	}
	if valid == len(head) && zero < 0 {
		return UTF8, "valid utf-8"
	}

	start := high
	if start < 0 || zero >= 0 && zero < start {
		start = zero
	}
	sample := head[max(0, start-2)&^1:] // with what stands before it
	last := whole
	if len(sample) > sampleBytes {
		sample, last = sample[:sampleBytes], false
	}
	names := []string{UTF8, UTF16LE, UTF16BE, GB18030, Big5}
	if valid == len(head) {
		names = names[:3]
	}
	best, second := compare(names, sample, last, hint)
	if valid < len(head) && best.maybeJapanese() {
		if e := japaneseText(sample, last, best); e.name != "" {
			return e.name, e.describe(best)
		}
	}
	switch best.name {
	case "":
	case GB18030, Big5:
		if mixed(head, 3) {
			return UTF8, "mixed: utf-8 and " + best.describe(second)
		}
		return best.name, best.describe(second)
	default:
		return best.name, best.describe(second)
	}
	if valid == len(head) {
		return UTF8, "valid utf-8"
	}
	return otherwise(head, max(0, high), sample, last, hint)
}

// otherwise judges what is no text of an encoding of two bytes.
func otherwise(head []byte, high int, sample []byte, last bool, hint string) (name, why string) {
	switch {
	case western(around(head, high), hint == Windows1252):
		if mixed(head, 2) {
			return UTF8, "mixed: utf-8 and windows-1252"
		}
		return Windows1252, "letters of western european text among ascii"
	case stray(head):
		return UTF8, "undecided: utf-8 with damage"
	case hint != "" && !slices.Contains(byContent, hint):
		if e := weigh(hint, sample, last, math.MaxInt); e.Replaced*20 <= int64(e.characters) {
			return hint, "declared, and nothing speaks against it"
		}
	}
	if other := mixedLines(head, last); other != "" {
		return UTF8, "mixed: lines of utf-8 and lines of " + other
	}
	return Unknown, "no encoding convinces"
}

// byContent are the encodings that are found by their content, and so are not what they are declared to be where it is not.
var byContent = []string{UTF8, UTF16LE, UTF16BE, HZ, GB18030, Big5, Windows1252}

// sevenBits judges what is nothing but ASCII without NUL.
func sevenBits(head []byte, whole bool, hint string) (name, why string) {
	for _, shift := range []struct{ name, mark string }{{HZ, "~{"}, {ISO2022JP, "\x1b$B"}, {ISO2022JP, "\x1b$@"}} {
		start := bytes.Index(head, []byte(shift.mark))
		if start < 0 {
			continue
		}
		sample := head[start:min(len(head), start+sampleBytes)]
		if e := weigh(shift.name, sample, false, math.MaxInt); e.characters > 0 && e.cost < meaningless(sample, 0) {
			return shift.name, e.describe(evidence{})
		}
	}
	switch hint {
	case "", UTF8, UTF16LE, UTF16BE:
	default:
		if !whole {
			return hint, "declared, ascii so far"
		}
	}
	return UTF8, "ascii"
}

// compare returns the encoding under which the sample costs least and the one next to it. The first has no name if the
// sample means nothing under any.
func compare(names []string, sample []byte, last bool, hint string) (best, second evidence) {
	kinds := compositionOf(sample)
	random, declared := kinds.random(costHighByte), kinds.random(costDeclaredByte)
	wedged := 0
	if kinds.letters {
		wedged = wedges(sample)
	}
	for _, name := range names {
		limit, bonus := random, 0
		if name == hint {
			limit, bonus = declared, declaredBonus(name, kinds, declared)
		}
		if name == UTF8 && kinds.random(0)+leastReplaced(sample)*costReplaced > limit+bonus {
			continue // as text of two bytes a character is known without weighing it
		}
		e := quickly(name, sample, wedged, last, limit+bonus)
		e.cost -= bonus
		switch {
		case e.cost > limit: // random bytes would not have cost more
		case best.name == "" || e.cost < best.cost:
			best, second = e, best
		case second.name == "" || e.cost < second.cost:
			second = e
		}
	}
	return best, second
}

// declaredBonus is how much cheaper a declaration makes an encoding: a twentieth of what the bytes cost that are in it. Where ASCII is
// the same under all, it does not count: of a page there is much, in its markup, and what is declared would be an order.
func declaredBonus(name string, kinds composition, declared int) int {
	if name == UTF16LE || name == UTF16BE {
		return declared / 20
	}
	return kinds.high * costDeclaredByte / 20
}

// describe says it for people.
func (e evidence) describe(second evidence) string {
	s := fmt.Sprintf("%s: %d characters, %d undecodable, %d private use", e.name, e.characters, e.Replaced, e.PrivateUse)
	if second.name != "" {
		s += fmt.Sprintf("; next %s: %d undecodable, %d private use, cost %d to %d",
			second.name, second.Replaced, second.PrivateUse, second.cost/100, e.cost/100)
	}
	return s
}
