package article

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stops are what is written over what else there is to read, behind a text.
var stops = []string{
	"推荐阅读", "相关阅读", "相关新闻", "相关文章", "相关报道", "相关推荐", "延伸阅读", "延伸·推荐", "精彩推荐", "猜你喜欢", "猜您喜欢", "热门推荐", "热门文章", "为您推荐", "为你推荐", "更多精彩",
	"推薦閱讀", "相關閱讀", "相關新聞", "相關文章", "延伸閱讀", "猜你喜歡", "熱門推薦",
}

// stopsEnglish are those that may stand over a box within a text.
var stopsEnglish = []string{
	"related articles", "related stories", "related posts", "you may also like", "you might also like", "recommended for you", "read next", "trending now",
	"most popular", "most read", "recent posts", "more stories", "more from",
}

// isStop says whether a line is written over what else there is to read, and whether that may be a box within the text.
func isStop(text []byte) (stop, box bool) {
	if len(text) > maxLabel {
		return false, false
	}
	text = bytes.Trim(text, " 　:：>》【】[]■▼▶·|-")
	bare := bytes.ReplaceAll(text, []byte(" "), nil)
	if slices.Contains(stops, string(bare)) {
		return true, false
	}
	for _, s := range stopsEnglish {
		if bytes.EqualFold(text, []byte(s)) {
			return true, true
		}
	}
	return false, false
}

// rules are what sentences begin with that sites put into every text.
var rules = []string{
	"This post may contain", "This post contains affiliate", "This article contains affiliate", "Tried this recipe", "Your email address will not",
	"Required fields are", "电子邮件地址不会",
}

// labels are what a line begins with, before a colon, that tells who made a text, when, and what else there is.
var labels = []string{
	"来源", "作者", "时间", "发布", "编辑", "责编", "责任编辑", "浏览", "点击", "阅读", "字号", "分享", "撰稿", "审核", "打印", "字体", "评论", "原标题",
	"发表", "文章来源", "文章作者", "信息来源", "原文标题", "原题", "稿源", "校对", "标签", "关键词", "关键字", "上一篇", "下一篇", "相关阅读", "相关新闻",
	"延伸阅读", "推荐阅读", "更多", "本文来源", "作者单位", "發布", "來源", "時間", "責任編輯", "編輯", "瀏覽", "更新", "日期", "摄影", "監製", "监制", "编审",
}

// notices are what lines begin with that sites put into every text.
var notices = []string{
	"comments", "comment", "tags", "filed under", "share this", "share on", "like this", "like loading", "you may also like", "related", "sign up", "subscribe",
	"follow us", "follow me", "read more", "read also", "also read", "see also", "more from", "advertisement", "advert", "sharing is caring",
	"click here to subscribe", "leave a comment", "leave a reply", "loading", "continue reading", "story continues", "recommended", "watch:", "print",
	"email", "copyright", "©", "all rights reserved", "sponsored", "posted in", "categories", "image copyright", "getty images", "photo:", "photos:",
	"image:", "printer-friendly", "e-mail this", "image credit", "file photo", "skip ",
}

const (
	maxLabel     = 40 // bytes before the colon
	maxLabelRest = 6  // of them, behind the label
)

// lasts are what lines have in them with which a text ends that is over.
var lasts = []string{
	"扫描下方二维码", "扫描二维码", "扫码关注", "关注公众号", "关注微信公众号", "关注我们的公众号", "公众号：", "公众号:", "微信号：", "微信号:", "官方微信", "官方微博", "版权所有", "版權所有", "版权归", "版權歸", "未经授权", "未經授權", "转载请注明",
	"轉載請註明", "粉絲團", "免责声明", "本文来自", "本文来源", "下载APP", "下載APP", "點我下載", "繼續往下閱讀", "继续往下阅读", "责任编辑", "責任編輯",
	"如有侵权", "如涉侵权", "如果侵权", "侵权请", "侵权必", "侵权联系", "侵权删除", "仅供参考", "不代表本", "請追蹤", "请关注", "敬请关注", "站长信箱",
	"ll rights reserved", "ubject to copyright", "ollow us on", "newsletter", "delivered to your inbox", "ign up for", "ubscribe to", "© ", "eprinted with permission",
}

// ends are lines that say nothing but that it is over. At the end of a paragraph they are the agency's.
var ends = []string{"the end", "end", "完", "全文完", "未完待续", "待续"}

func isLast(text []byte) bool {
	bare := bytes.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, l := range ends {
		if bytes.EqualFold(bare, []byte(l)) {
			return true
		}
	}
	for _, l := range lasts {
		if bytes.Contains(text, []byte(l)) {
			return true
		}
	}
	text = bytes.TrimSpace(text)
	return len(text) > 1 && text[0] == '#' && text[1] != ' ' && !endsSentence(text) // hashtags
}

// credits are what a line begins with that says who wrote a text, and took its pictures.
var credits = []string{"文｜", "文|", "文丨", "图｜", "图|", "图丨", "撰文｜", "撰文|", "图文｜"}

// isLabelled says whether a line tells who made the text, when, or where it is from.
func isLabelled(text []byte) bool {
	for _, c := range credits {
		if bytes.HasPrefix(text, []byte(c)) {
			return true
		}
	}
	text = bytes.TrimLeft(text, " \u00a0　（(【[|")
	if r, _ := utf8.DecodeRune(text); !unicode.Is(unicode.Han, r) {
		return false
	}
	colon := bytes.IndexAny(text[:min(len(text), maxLabel)], ":：/|｜丨")
	if colon < 0 {
		return len(text) < 2*maxLabel && (bytes.HasPrefix(text, []byte("编辑 ")) || bytes.HasPrefix(text, []byte("责编 ")))
	}
	var label [maxLabel]byte
	n := 0
	for _, c := range text[:colon] {
		if c != ' ' {
			label[n] = c
			n++
		}
	}
	head := strings.ReplaceAll(string(label[:n]), "　", "")
	for _, l := range labels {
		if rest, ok := strings.CutPrefix(head, l); ok && len(rest) <= maxLabelRest {
			return true
		}
	}
	return false
}

// isNotice says whether a line is one of those that sites put into every text, and no sentence that begins like one.
func isNotice(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	if isCounter(text) {
		return true
	}
	for _, r := range rules {
		if bytes.HasPrefix(text, []byte(r)) {
			return true
		}
	}
	for _, n := range noticesBy[lower(text[0])] {
		if len(text) < len(n) || !bytes.EqualFold(text[:len(n)], []byte(n)) {
			continue
		}
		rest := text[len(n):]
		if len(rest) > 0 && isLetter(rest[0]) {
			continue
		}
		if len(rest) < 4 || text[len(text)-1] == ':' || !endsSentence(text) {
			return true
		}
	}
	return false
}

// isDated says whether a line before the text says when it was written, or how long it takes to read: there is a year in it with
// a month, a day in figures or a time of day, and it is no sentence.
func isDated(text []byte) bool {
	if bytes.Contains(text, []byte("min read")) || bytes.Contains(text, []byte("minute read")) {
		return true
	}
	if endsSentence(text) && !bytes.HasSuffix(text, []byte(".m.")) {
		return false
	}
	year, day, month, clock := dateIn(text)
	return year && (day || month || clock)
}

// dateIn says whether there are a year, a day in figures, the name of a month and a time of day in a text.
func dateIn(text []byte) (year, day, month, clock bool) {
	parts, last := 0, byte(0)
	for i := 0; i < len(text); {
		n := i
		for n < len(text) && '0' <= text[n] && text[n] <= '9' {
			n++
		}
		switch {
		case n > i:
			year = year || n-i == 4 && (text[i] == '1' && text[i+1] == '9' || text[i] == '2' && text[i+1] == '0')
			if parts++; parts == 3 {
				day = true
			}
			if last == ':' && parts > 1 {
				clock = true
			}
			i = n
			continue
		case bytes.IndexByte([]byte("-/.:"), text[i]) >= 0 && i > 0 && i+1 < len(text):
			if last != 0 && last != text[i] {
				parts = 0
			}
			last = text[i]
		default:
			parts, last = 0, 0
			if isLetter(text[i]) && (i == 0 || !isLetter(text[i-1])) && i+3 <= len(text) {
				for _, m := range months {
					month = month || bytes.EqualFold(text[i:i+3], []byte(m))
				}
			}
		}
		i++
	}
	return year, day, month, clock
}

// months begin with these in most languages with Latin letters.
var months = []string{
	"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
	"ene", "fev", "abr", "mai", "ago", "set", "out", "dez", "dic", "okt", "gen", "mag", "giu", "lug", "ott", "avr",
}

// isCounter says whether a line is the number of a picture among others: 1/5, 1 of 5.
func isCounter(text []byte) bool {
	numbers := bytes.FieldsFunc(text, func(r rune) bool { return r == '/' || r == ' ' })
	if len(numbers) == 3 && string(numbers[1]) == "of" {
		numbers = [][]byte{numbers[0], numbers[2]}
	} else if bytes.Count(text, []byte("/")) != 1 {
		return false
	}
	return len(numbers) == 2 && isNumber(numbers[0]) && isNumber(numbers[1])
}

func isNumber(text []byte) bool {
	return len(text) > 0 && len(text) < 4 && len(bytes.Trim(text, "0123456789")) == 0
}

// noticesBy has them by their first byte.
var noticesBy = func() (by [256][]string) {
	for _, n := range notices {
		by[n[0]] = append(by[n[0]], n)
	}
	return by
}()

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
