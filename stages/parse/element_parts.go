package parse

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/stages/parse/tagged"
)

// partState is where a record stands of which only the newest of many parts is kept: a page with all of its revisions.
type partState struct {
	open       bool
	start      int // of the open part in the record's text
	kept       bool
	from, to   int // the part that is kept
	dropped    int64
	skip, lost bool // the bytes that come are not stored; the newest part was too large
}

// tag takes a tag that may begin or end a part. It says whether it did.
func (p *partState) tag(f *elementFramer, head []byte, rec *rawRecord, step func(n int)) bool {
	switch {
	case !p.open && f.named(head[1:], f.is.part):
		p.open, p.start = true, len(rec.text)
		step(1)
		return true
	case p.open && bytes.HasPrefix(head, []byte("</")) && f.named(head[2:], f.is.part):
		step(len("</") + len(f.is.part))
		p.end(rec)
		return true
	}
	return false
}

// end ends the open part: of it and the one that was kept the newer stays.
func (p *partState) end(rec *rawRecord) {
	p.open = false
	if p.skip {
		p.skip, p.lost = false, true
		return
	}
	p.lost = false
	if !p.kept {
		p.kept, p.from, p.to = true, p.start, len(rec.text)
		return
	}
	p.dropped++
	newer, older := rec.text[p.start:], rec.text[p.from:p.to]
	if bytes.Compare(timestamp(newer), timestamp(older)) < 0 {
		rec.text = rec.text[:p.to]
		return
	}
	rec.text = slices.Delete(rec.text, p.from, p.start)
	p.to = len(rec.text)
}

// shorten makes room in a record that has grown too long, where a part is open: the one that was kept goes first, as parts follow
// each other in time, then the open one. It says whether there is room.
func (p *partState) shorten(rec *rawRecord, fits func() bool) bool {
	if !p.open {
		return false
	}
	if p.kept {
		rec.text = slices.Delete(rec.text, p.from, p.start)
		p.start, p.kept = p.from, false
		p.dropped++
		if fits() {
			return true
		}
	}
	rec.text, p.skip = rec.text[:p.start], true
	return true
}

// timestamp is when a revision was made, in a form that sorts.
func timestamp(revision []byte) []byte {
	f, _ := tagged.Inside(revision[:min(len(revision), 4<<10)], "timestamp")
	return f.Value
}
