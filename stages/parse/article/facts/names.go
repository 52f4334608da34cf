package facts

import (
	"bytes"
	"unicode/utf8"
)

// labelled are words before a name, by what it is the name of. A colon stands behind them, or a slash.
var labelled = []struct {
	slot  slot
	words []string
}{
	{authorLabel, []string{"作者", "撰文", "撰稿", "文", "author"}},
	{authorReporter, []string{"记者", "記者"}}, // white space may stand behind it too
	{sourcePrinted, []string{"来源", "來源", "稿源", "出处", "source"}},
	{editorPrinted, []string{"编辑", "編輯", "责编", "editor"}},
}

// labelBegins has the bytes that one of them begins with.
var labelBegins = func() (t [256]bool) {
	for _, l := range labelled {
		for _, w := range l.words {
			t[w[0]] = true
			if w[0] < 0x80 {
				t[w[0]-0x20] = true
			}
		}
	}
	return t
}()

// otherWork are words before a label that say that it is not of the text.
var otherWork = []string{"图片", "数据", "资料", "视频", "图", "资金", "收入", "美术", "摄影", "音频", "制图", "photo", "image", "data", "picture", "video"}

// closes says whether a bracket closes within the length of a name.
func closes(text []byte, i int) bool {
	text = text[i:min(len(text), i+3*maxName)]
	return bytes.Contains(text, []byte("）")) || bytes.IndexByte(text, ')') >= 0
}

// offices are what stands before a reporter.
var offices = []string{"本报", "本網", "本网", "本刊", "本台", "实习", "见习", "特约", "社", "首席", "文字", "本報", "財經", "财经"}

func hasSuffix(s []byte, words []string) bool {
	for _, w := range words {
		if bytes.HasSuffix(s, []byte(w)) {
			return true
		}
	}
	return false
}

// valueEnds are what a name does not go on with.
var valueEnds = []string{
	"来源", "稿源", "编辑", "责编", "责任", "作者", "记者", "发布", "时间", "日期", "浏览", "阅读", "字体", "字号", "分享", "评论", "点击", "关注", "打印",
	"通讯员", "实习", "报道", "摄影", "摄", "校对", "审核", "监制", "我要", "收藏", "本文", "推荐", "更新", "订阅", "纠错", "举报", "责", "editor", "source",
}

// nameLine takes the names of a line.
func (c *Collector) nameLine(text []byte, place Place) {
	if place != Far {
		if name := byline(text); len(name) > 0 {
			c.first(authorByline, name)
		}
	}
	if bytes.IndexByte(text, ':') < 0 && bytes.IndexByte(text, '/') < 0 && !hasWide(text) {
		return
	}
	for i, b := range text {
		if !labelBegins[b] {
			continue
		}
		for _, l := range labelled {
			s := l.slot
			if place == Far && s < siteOG {
				s = authorFar
			}
			if len(c.values[s]) > 0 { // the first one counts
				continue
			}
			for _, w := range l.words {
				if !matchFold(text, i, []byte(w)) {
					continue
				}
				c.first(s, nameBehind(text, i, w, place != Far && l.slot == authorReporter, l.slot != sourcePrinted))
			}
		}
	}
}

// hasWide says whether a line has characters of Chinese in it.
func hasWide(s []byte) bool {
	for _, b := range s {
		if b >= 0xE3 && b <= 0xEF {
			return true
		}
	}
	return false
}

// nameBehind is the name behind the label at i, nil if the word is none. With space it need not have a colon behind it.
func nameBehind(text []byte, i int, label string, space, list bool) []byte {
	before := bytes.TrimRight(text[:i], " ")
	for _, w := range otherWork {
		if n := len(before) - len(w); n >= 0 && matchFold(before, n, []byte(w)) {
			return nil
		}
	}
	before = text[:i]
	latin := label[0] < 0x80
	if last := len(before) - 1; latin && last >= 0 && before[last]|0x20 >= 'a' && before[last]|0x20 <= 'z' {
		return nil // resource
	}
	if r, _ := utf8.DecodeLastRune(before); label == "文" && len(before) > 0 && r != ' ' && r != '\u3000' && !isMark(r) {
		return nil // 语文：
	}
	if label == "记者" || label == "記者" {
		if r, _ := utf8.DecodeLastRune(before); len(before) > 0 && r != ' ' && r != '\u3000' && !isMark(r) && !hasSuffix(before, offices) {
			return nil // 市民怒斥记者：
		}
	}
	start := i + len(label)
	to := blanks(text, start, 2)
	colon := 0
	for _, mark := range []string{":", "：", "/", "丨", "｜", "|"} {
		if has(text, to, mark) && (mark != "｜" && mark != "|" || label != "作者" && (mark != "|" || len(before) == 0)) {
			colon = len(mark)
			break
		}
	}
	switch {
	case latin && byteAt(text, to) != ':':
		return nil
	case colon == 0 && (hasSuffix(before, []string{"（", "("}) && closes(text, to)): // （记者张三、李四）
	case colon == 0 && (!space || to == start):
		return nil
	}
	to = blanks(text, to+colon, 3)
	if has(text, to, "http") {
		return nil
	}
	return nameAt(text, to, list)
}

// nameAt is the name that begins at i: what stands there up to a mark, a number or a word that no name goes on with. In a list of
// names in Chinese they may be parted by spaces.
func nameAt(text []byte, start int, list bool) []byte {
	i, count := start, 0
	ascii := false // the last character
	for i < len(text) && count < maxName {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r >= '0' && r <= '9' && (i == start || text[i-1] == ' ' || !ascii):
			return withoutMonth(trimName(text[start:i]))
		case r == ' ' || r == '\u3000' || r == '\u00A0' || r == '\t':
			next := blanks(text, i, 8)
			if next >= len(text) || next-i > 2*n || r == '\t' || !ascii && (!list || !isNameNext(text, next)) || ascii && hasEnd(text, next) {
				return trimName(text[start:i])
			}
			i = next
			count++
			continue
		case isEnd(r), r == '_':
			return trimName(text[start:i])
		case r >= 0x2E80 && hasEnd(text, i) && i > start:
			return trimName(text[start:i])
		}
		ascii = r < 0x2E80
		i += n
		count++
	}
	if count >= maxName {
		return nil
	}
	return trimName(text[start:i])
}

// maxName is how long such a name is at most, in characters.
const maxName = 40

// withoutMonth cuts off the name of a month, which a date behind the name begins with.
func withoutMonth(name []byte) []byte {
	if at := bytes.LastIndexByte(name, ' '); at > 0 && monthOf(name[at+1:]) != 0 {
		return trimName(name[:at])
	}
	return name
}

func trimName(s []byte) []byte { return bytes.Trim(s, " 　:：,，、.。-—|/\"“”") }

// isEnd says whether a name ends at a character.
func isEnd(r rune) bool {
	switch r {
	case '】', '）', ')', ']', '|', '｜', '丨', '。', '；', ';', '[', '【', '<', '>', '（', '(', '\n', '\r', '：', ':', '“', '！', '？', '，', '?', '!', '《':
		return true
	}
	return false
}

// hasEnd says whether a word stands at i that a name does not go on with.
func hasEnd(text []byte, i int) bool {
	for _, w := range valueEnds {
		if matchFold(text, i, []byte(w)) {
			return true
		}
	}
	return false
}

// isNameNext says whether a name in Chinese stands at i: two to four characters, with a space or nothing behind them, and no label.
func isNameNext(text []byte, i int) bool {
	if hasEnd(text, i) {
		return false
	}
	count := 0
	for i < len(text) {
		n, ok := isHan(text, i)
		if !ok {
			break
		}
		i += n
		count++
	}
	if count < 2 || count > 4 {
		return false
	}
	r, _ := utf8.DecodeRune(text[min(i, len(text)):])
	return i >= len(text) || r == ' ' || r == '\u3000' || r == '）' || r == ')' || r == '】' || r == ']'
}
