package facts

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Bounds of lines, in bytes.
const (
	maxLine       = 400 // longer ones are text
	maxAuthorLine = 160
	maxPlain      = 120 // of one whose date has no label
	labelReach    = 40  // how far before its date a label may stand
	maxDates      = 4   // in number: a line with more of them is a calendar
)

// labelKind says what the words before a date say of it.
type labelKind uint8

const (
	noLabel labelKind = iota
	labelPublished
	labelModified
	labelOther // of something else than the article
)

// labelWords are those words by what they say, in lower case.
var labelWords = [...][]string{
	labelPublished: {
		"publi", "posted", "date:",
		"发布", "发表", "发稿", "时间", "日期", "发佈", "發布", "發表", "時間", "刊登", "刊发",
	},
	labelModified: {"updat", "modified", "edited", "revised", "last", "更新", "修改", "修订"},
	labelOther: {
		"access", "retrieved", "copyright", "©", "expire", "deadline", "event", "born", "until", "since", "joined", "member", "comment", "today",
		"reply", "effective", "valid", "施行", "生效", "实施", "有效期", "到期", "starts", "ends", "taken", "截止", "截至", "推荐文章", "访问", "成立", "开始", "结束", "今天", "注册", "登录", "评论", "上市", "开奖",
	},
}

// startWords say that a date is that of a publication where a line begins with them; else they may be those of a sentence.
var startWords = []string{"released", "created", "issued", "written", "filed", "submitted", "first "}

// labelOf is what the end of a text says of the date behind it: a word for a time of change outweighs one for a time, and a word
// for something else both.
func labelOf(s []byte, reach int) (kind labelKind) {
	s = s[max(0, len(s)-reach):]
	for k, words := range labelWords {
		for _, w := range words {
			if containsFold(s, []byte(w)) {
				kind = labelKind(k)
			}
		}
	}
	return kind
}

// Line takes a short line that the page prints.
func (c *Collector) Line(text []byte, place Place) {
	plain := fromLine
	switch {
	case place == Foot:
		c.feet++
	case c.isTitle(text):
		c.near = nearLines
		c.first(titleLine, text)
		return // a date in it is what it is about
	case place == Far && c.near > 0 && c.feet == 0:
		c.near--
		place, plain = Head, fromNear
	}
	if len(text) > maxLine {
		return
	}
	if !c.dateLine(text, place, plain) {
		c.splitDate(text, place, plain)
		c.yearless(text, place)
	}
	if place == Head || len(text) <= maxAuthorLine {
		c.nameLine(text, place)
	}
}

// nearLines is how many lines behind a title are taken for what is printed beneath it, where nothing else says so.
const nearLines = 12

// isTitle says whether a line is the title of the page, with or without the name of a site.
func (c *Collector) isTitle(text []byte) bool {
	if len(c.title) == 0 {
		for _, s := range []slot{titleOG, titlePage, titleOther} {
			if c.title = appendKey(c.title, c.values[s]); len(c.title) > 0 {
				break
			}
		}
	}
	if len(text) < 8 || len(text) > maxText || 3*len(text) < len(c.title) {
		return false
	}
	c.a = appendKey(c.a[:0], text)
	return len(c.a) >= 8 && (3*len(c.a) >= len(c.title) && bytes.HasPrefix(c.title, c.a) || 2*len(c.a) >= len(c.title) && bytes.HasSuffix(c.title, c.a))
}

// dateLine takes the dates of a line; plain is the origin of those without a label.
func (c *Collector) dateLine(text []byte, place Place, plain origin) (found bool) {
	if !slices.ContainsFunc(text, isDigit) { // as most lines
		return false
	}
	behind, sentence := 0, isSentence(text)
	i := 0
	for range maxDates {
		d, start, end, ok := findDate(text, i, false)
		if !ok {
			return found
		}
		i, found = end, true
		c.note(d)
		kind := labelOf(text[behind:start], labelReach)
		if kind == noLabel {
			kind = labelAround(text, start, end)
		}
		if sentence && kind != labelOther {
			continue
		}
		behind = end
		switch {
		case kind == labelPublished && place == Far:
			c.published.add(fromFarLabel, d)
		case kind == labelPublished:
			c.published.add(fromLabel, d)
		case kind == labelModified && place == Far:
			c.modified.add(fromFarLabel, d)
		case kind == labelModified:
			c.modified.add(fromLabel, d)
		case kind == noLabel && place == Head && isByline(text, start, end, d.precision):
			if d.precision >= c.published.of[plain].precision { // the nearest one to the text, and a time rather than a day
				c.published.of[plain] = d
			}
		case kind == noLabel && place == Foot && c.feet <= 2 && d.precision >= toSecond && end-start == len(bytes.TrimSpace(text)):
			c.published.add(fromFoot, d)
		}
	}
	return found
}

// labelAround is what the words behind a date say of it, as in 于 2020-01-02 发布, or those that the line begins with.
func labelAround(text []byte, start, end int) labelKind {
	before := bytes.TrimSpace(text[:start])
	for _, w := range startWords {
		if matchFold(before, 0, []byte(w)) && len(before) <= labelReach {
			return labelPublished
		}
	}
	if r, _ := utf8.DecodeLastRune(before); len(before) > 0 && !bytes.HasSuffix(before, []byte("于")) && !isMark(r) {
		return noLabel
	}
	after := text[end:]
	after = after[blanks(after, 0, 2):]
	for _, w := range []string{"发布", "首次发布", "发表", "發布", "發表"} {
		if bytes.HasPrefix(after, []byte(w)) {
			return labelPublished
		}
	}
	for _, w := range []string{"更新", "修改"} {
		if bytes.HasPrefix(after, []byte(w)) {
			return labelModified
		}
	}
	return noLabel
}

// isSentence says whether a line is text, by its last character and its length.
func isSentence(text []byte) bool {
	text = bytes.TrimRight(text, " \"”’」）)")
	for _, stop := range []string{"。", "！", "？"} {
		if bytes.HasSuffix(text, []byte(stop)) {
			return !hasBylineWord(text)
		}
	}
	last := byteAt(text, len(text)-1)
	return len(text) > 60 && (last == '.' && byteAt(text, len(text)-2)|0x20 != 'm' || last == '!' || last == '?')
}

// isByline says whether a line states a date rather than tells of one: the date is at one of its ends, with a space or a mark beside it, and
// it is no sentence. A time of day may follow a word in Chinese at once, for elements of one line need no space between them.
func isByline(text []byte, start, end int, p precision) bool {
	switch {
	case hasBylineWord(text):
		return true
	case len(text) > maxPlain:
		return false
	}
	before, after := bytes.TrimSpace(text[:start]), bytes.TrimSpace(text[end:])
	for _, stop := range []string{".", "。", "!", "?", "！", "？", "；", ";"} {
		if bytes.HasSuffix(after, []byte(stop)) {
			return false
		}
	}
	last, _ := utf8.DecodeLastRune(text[:start])
	next, _ := utf8.DecodeRune(text[end:])
	joined := p >= toSecond || (start == 0 || !unicode.Is(unicode.Han, last)) && (end == len(text) || !unicode.Is(unicode.Han, next))
	switch {
	case len(before) == 0 && len(after) == 0:
		return true
	case len(before) == 0:
		n := min(word(after, 0), longestWord)
		return joined && !verbs[string(after[:n])]
	case len(after) == 0:
		return joined
	}
	last, _ = utf8.DecodeLastRune(before)
	next, _ = utf8.DecodeRune(after)
	return isMark(last) || isMark(next)
}

// verbs go on with a sentence that begins with a date.
var verbs = map[string]bool{
	"was": true, "is": true, "were": true, "are": true, "will": true, "marks": true, "marked": true, "has": true, "had": true, "saw": true, "to": true,
}

// bylineWords are what else stands on the line of a date.
var bylineWords = []string{"作者：", "作者:", "来源：", "来源:", "编辑：", "编辑:", "浏览：", "浏览:", "阅读：", "阅读:", "点击：", "点击:", "浏览次数", "阅读量"}

func hasBylineWord(text []byte) bool {
	for _, w := range bylineWords {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}

// isMark says whether a character parts what stands on one line.
func isMark(r rune) bool {
	switch r {
	case '|', '-', '–', '—', '·', '•', '/', ',', ':', '：', '｜', '丨', '(', '（', '[', '【', ')', '）', ']', '】':
		return true
	}
	return false
}
