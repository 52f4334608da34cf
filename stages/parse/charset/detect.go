package charset

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"millrace/pipeline/text"
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
// for a byte order mark, then for HZ, then for UTF-8 without a fault, where a character that head cuts is none. In what is
// left every encoding gets a chance, UTF-8 with damage too: undecodable sequences, private-use and unusual characters cost,
// and the least expensive wins, unless random bytes would not have cost more. Text of a byte a character is taken for
// Windows-1252 if it looks Western European. When nothing convinces, the file is UTF-8 with damage.
//
// hint is a declared encoding, as in HTML or WARC, in any spelling, or empty. It makes what it names cheaper, and it decides
// where a head that is not whole is nothing but ASCII; it is not an order.
//
// The name is one of Names, or of a mark that nothing here reads: UTF32LE, UTF32BE. The same head gives the same answer, always.
// It is safe for concurrent use.
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
	high := slices.IndexFunc(head, func(b byte) bool { return b >= utf8.RuneSelf })
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
	sample := head[start&^1:]
	last := whole
	if len(sample) > sampleBytes {
		sample, last = sample[:sampleBytes], false
	}
	names := []string{UTF8, UTF16LE, UTF16BE, GB18030, Big5}
	if valid == len(head) {
		names = names[:3]
	}
	best, second := compare(names, sample, last, hint)
	if best.name != "" {
		return best.name, best.describe(second)
	}
	if valid < len(head) && western(sample, hint == Windows1252) {
		return Windows1252, "letters of western european text among ascii"
	}
	if valid == len(head) {
		return UTF8, "valid utf-8"
	}
	return UTF8, "undecided: utf-8 with damage"
}

// sevenBits judges what is nothing but ASCII without NUL.
func sevenBits(head []byte, whole bool, hint string) (name, why string) {
	if start := bytes.Index(head, []byte("~{")); start >= 0 {
		sample := head[start:min(len(head), start+sampleBytes)]
		if e := weigh(HZ, sample, false); e.characters > 0 && e.cost < meaningless(sample, 0) {
			return HZ, e.describe(evidence{})
		}
	}
	switch hint {
	case GB18030, Big5, HZ, Windows1252:
		if !whole {
			return hint, "declared, ascii so far"
		}
	}
	return UTF8, "ascii"
}

// compare returns the encoding under which the sample costs least and the one next to it. The first has no name if the
// sample means nothing under any.
func compare(names []string, sample []byte, last bool, hint string) (best, second evidence) {
	random, declared := meaningless(sample, costHighByte), meaningless(sample, costDeclaredByte)
	for _, name := range names {
		e := weigh(name, sample, last)
		limit := random
		if name == hint {
			limit = declared
			e.cost -= e.cost / 20
		}
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

// describe says it for people.
func (e evidence) describe(second evidence) string {
	s := fmt.Sprintf("%s: %d characters, %d undecodable, %d private use", e.name, e.characters, e.Replaced, e.PrivateUse)
	if second.name != "" {
		s += fmt.Sprintf("; next %s: %d undecodable, %d private use, cost %d to %d",
			second.name, second.Replaced, second.PrivateUse, second.cost/100, e.cost/100)
	}
	return s
}
