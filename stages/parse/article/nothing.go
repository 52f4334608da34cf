package article

import (
	"bytes"
	"strings"
)

// Bounds of what is an article.
const (
	leastText = 100 // value of the text of one
	mostLists = 70  // percent of the text of a page in lists of others
)

// taken is the value of the text that was taken, and its size.
func (e *Extractor) taken() (value, size int64) {
	for i := range e.blocks {
		if b := &e.blocks[i]; b.taken {
			good, _ := b.value()
			value += good
			size += int64(b.size)
		}
	}
	return value, size
}

// nothing says whether what was taken is no article: it is very little; or little, on a page that is made of lists of others or of
// links; or it says that there is nothing to read.
func (e *Extractor) nothing() bool {
	value, size := e.taken()
	switch {
	case size == 0, value < leastText && size < 3*leastText:
		return true
	case value >= 6*leastText:
		return false
	case e.lists > mostLists && (e.within(e.core, e.list) || e.within(e.list, e.core)):
		return true
	case value < 4*leastText && e.isBarrier():
		return true
	}
	if e.follows(&e.parts[e.core]) || !e.mostlyLinks() {
		return false
	}
	return e.scattered() || e.headline < 0 && size*8 < e.size()
}

// within says whether a container is another one, or in it.
func (e *Extractor) within(inner, outer int32) bool {
	return outer <= inner && inner <= e.outline.Containers[outer].Last
}

// scattered says whether there are several pieces of text, each in a section of its own.
func (e *Extractor) scattered() bool {
	n := 0
	for i := range e.blocks {
		b := &e.blocks[i]
		if good, _ := b.value(); b.taken && good > 0 {
			if e.parts[e.parts[b.container].section].goods > 1 {
				return false
			}
			n++
		}
	}
	return n > 2
}

// size is that of all text of the page.
func (e *Extractor) size() (size int64) {
	for i := range e.blocks {
		size += int64(e.blocks[i].size)
	}
	return size
}

// mostlyLinks says whether more than a third of a page is links.
func (e *Extractor) mostlyLinks() bool {
	links := int64(0)
	for i := range e.blocks {
		links += int64(e.blocks[i].links)
	}
	return links*3 > e.size()
}

// barriers are what a page says that shows something else than what it was asked for.
var barriers = []string{
	"404", "ot found", "n't be found", "not be found", "accept all", "Accept all", "enable JavaScript", "enable javascript", "browsing data",
	"are a robot", "not a robot", "ccess denied", "页面不存在", "找不到", "不存在或", "已被删除", "无法访问", "启用JavaScript", "請啟用", "找不到網頁",
}

func (e *Extractor) isBarrier() bool {
	for _, w := range barriers {
		for i := range e.blocks {
			b := &e.blocks[i]
			if (b.taken || int32(i) == e.headline) && bytes.Contains(e.text[b.from:b.to], []byte(w)) {
				return true
			}
		}
	}
	return strings.Contains(e.title, "404")
}

// again looks for the article without regard to names, where what they led to is little of the text, or does not stand behind the
// headline. What it finds must be much more; else it is as it was before.
func (e *Extractor) again(root int32, none bool) (int32, bool) {
	before, _ := e.taken()
	other := e.attempt(false)
	if value, _ := e.taken(); value > 4*before && e.follows(&e.parts[e.core]) && !e.nothing() {
		return other, false
	}
	e.attempt(true)
	return root, none
}
