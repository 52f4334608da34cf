package wikitext

import (
	"bytes"

	"github.com/millrace/millrace/stages/parse/tagged"
)

// without are the elements that are left out with their content.
var without = map[string]bool{
	"ref": true, "gallery": true, "timeline": true, "score": true, "imagemap": true, "graph": true, "mapframe": true, "maplink": true,
	"templatedata": true, "templatestyles": true, "references": true, "categorytree": true, "inputbox": true, "style": true, "script": true,
}

// breaks are the elements that begin or end a line.
var breaks = map[string]bool{
	"br": true, "p": true, "div": true, "hr": true, "li": true, "ul": true, "ol": true, "tr": true, "table": true, "blockquote": true, "poem": true,
	"center": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "dd": true, "dt": true, "dl": true,
}

// tag takes a tag at i, or a < that begins none.
func (w *writer) tag(i int) {
	limit := w.limit()
	section := i+1 < limit && (w.src[i+1] == '!' || w.src[i+1] == '?') // one without an end, or it would be a span
	var t tagged.Tag
	ok := false
	if !section {
		t, ok = tagged.At(w.src[:limit], i)
	}
	if !ok {
		w.text(w.src[i : i+1])
		w.at++
		return
	}
	name := string(bytes.ToLower(t.Name))
	w.at = t.End
	switch {
	case without[name] && t.Kind == tagged.Open:
		if end := w.closing(name, t.End); end > 0 {
			w.at = end
		}
	case breaks[name]:
		w.line = true
	}
}

// closing is the index behind the end tag of a name from i on; 0: there is none.
func (w *writer) closing(name string, i int) int {
	at, looked := w.nextClose[name]
	if !looked || at >= 0 && at < i {
		at = -1
		mark := []byte("</" + name)
		for from := i; ; {
			n := bytes.Index(w.src[from:], []byte("</"))
			if n < 0 {
				break
			}
			from += n
			if len(w.src)-from > len(mark) && bytes.EqualFold(w.src[from:from+len(mark)], mark) {
				at = from
				break
			}
			from += len("</")
		}
		w.nextClose[name] = at
	}
	if at < 0 {
		return 0
	}
	end := bytes.IndexByte(w.src[at:min(len(w.src), at+256)], '>')
	if end < 0 {
		return 0
	}
	return at + end + 1
}
