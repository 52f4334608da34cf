package article

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"millrace/stages/parse/markup"
)

// trim leaves out what stands around the text in its own container: the headline, who wrote it when, and what follows it.
func (e *Extractor) trim() {
	first, last := -1, -1
	for i := range e.blocks {
		b := &e.blocks[i]
		if !b.taken {
			continue
		}
		text := bytes.TrimSpace(e.text[b.from:b.to])
		t := e.kind(b)
		switch {
		case first < 0 && e.isTitle(b, text):
			b.taken, b.why = false, whyTitle
			continue
		case b.size < 240 && isLabelled(text):
			b.taken, b.why = false, whyByline
			continue
		case b.size < 120 && isNotice(text):
			b.taken, b.why = false, whyEnd
			continue
		}
		if g, _ := b.value(); g > 0 && !t.IsHeading() {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return
	}
	for i := range first {
		if b := &e.blocks[i]; b.taken && !e.atHome(b) {
			b.taken, b.why = false, whyByline
		}
	}
	for i := last + 1; i < len(e.blocks); i++ {
		if b := &e.blocks[i]; b.taken && !e.atHome(b) {
			b.taken, b.why = false, whyEnd
		}
	}
	// A heading of nothing.
	for i := len(e.blocks) - 1; i > last; i-- {
		if b := &e.blocks[i]; b.taken {
			if !e.kind(b).IsHeading() {
				break
			}
			b.taken, b.why = false, whyHeading
		}
	}
}

// atHome says whether a block stands where most of the text does, and not in a section of its own.
func (e *Extractor) atHome(b *block) bool { return e.section(b.container) == e.home }

// isTitle says whether a block is the headline.
func (e *Extractor) isTitle(b *block, text []byte) bool {
	t := e.kind(b)
	if t == markup.TagH1 {
		return true
	}
	if t == markup.TagP || len(text) < 8 || len(text)*2 < len(e.title) && len(text) < 30 {
		return false
	}
	return strings.Contains(e.title, string(text))
}

var labels = []string{
	"来源", "作者", "时间", "发布", "编辑", "责编", "责任编辑", "浏览", "点击", "阅读", "字号", "分享", "撰稿", "审核", "打印", "字体", "评论", "原标题",
	"发表", "文章来源", "文章作者", "信息来源", "原文标题", "原题", "稿源", "校对", "标签", "关键词", "关键字", "上一篇", "下一篇", "相关阅读", "相关新闻",
	"延伸阅读", "推荐阅读", "更多", "本文来源", "作者单位", "發布", "來源", "時間", "責任編輯", "編輯", "瀏覽", "更新", "日期", "摄影", "監製", "监制", "编审",
}

// isLabelled says whether a line tells who made the text, when, or where it is from.
func isLabelled(text []byte) bool {
	text = bytes.TrimLeft(text, "　 （(【[\u00a0|")
	if r, _ := utf8.DecodeRune(text); !unicode.Is(unicode.Han, r) {
		return false
	}
	colon := bytes.IndexAny(text[:min(len(text), 40)], ":：/")
	if colon <= 0 {
		return len(text) < 60 && bytes.HasPrefix(text, []byte("编辑 ")) || bytes.HasPrefix(text, []byte("责编 "))
	}
	label := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, string(text[:colon]))
	for _, l := range labels {
		if rest, ok := strings.CutPrefix(label, l); ok && len(rest) <= 6 {
			return true
		}
	}
	return false
}

var notices = []string{
	"comments", "comment", "tags", "filed under", "share this", "share on", "like this", "like loading", "you may also like", "related", "sign up", "subscribe",
	"follow us", "follow me", "read more", "read also", "also read", "see also", "more from", "advertisement", "advert", "sharing is caring", "click here to subscribe",
	"leave a comment", "leave a reply", "loading", "continue reading", "story continues", "recommended", "watch:", "print", "email", "copyright", "©", "all rights reserved",
	"sponsored", "posted in", "categories", "image copyright", "getty images", "photo:", "photos:", "image:", "image credit", "file photo", "skip ",
}

// isNotice says whether a line is one of those that sites put into every text.
func isNotice(text []byte) bool {
	for _, n := range notices {
		if len(text) >= len(n) && bytes.EqualFold(text[:len(n)], []byte(n)) {
			if len(text) == len(n) || !isLetter(text[len(n)]) {
				if len(text) < len(n)+4 || !endsSentence(text) || text[len(text)-1] == ':' {
					return true
				}
			}
		}
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func hasHan(text []byte) bool {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r >= 0x4e00 && r < 0xa000 {
			return true
		}
		text = text[n:]
	}
	return false
}
