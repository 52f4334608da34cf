package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/ingest"
)

// elements says which elements of a file are its records.
type elements struct {
	names []string // of the elements, in lower case where fold is set
	fold  bool     // letter case does not matter
	// bare says that nothing but tags may stand between records: text there is a record without its start tag.
	bare bool
	// roots are the elements around records, one of which a file must have that has no record.
	roots []string
	// part is an element of which a record may have many, and of which only the newest is kept; "": none.
	part string
}

// elementFramer finds the elements that are records, from start tag to end tag, in whatever stands around them. It does not
// need the file to be well formed: a record without its end tag ends where the next one begins, and is the only one lost.
type elementFramer struct {
	in    *stream
	is    elements
	begun bool
	known bool // a record or a root was seen

	name  string  // of the open record
	last  [2]byte // the last two bytes that were passed over
	fresh bool    // nothing but spaces and tabs since a line began
	cdata bool    // in a CDATA section of the record

	parts partState
}

// tagLook is how far ahead a tag is looked at: its name and what may stand behind an end tag.
const tagLook = 256

// next implements framer.
func (f *elementFramer) next(ctx context.Context, rec *rawRecord) error {
	if !f.begun {
		if err := f.in.skipBOM(ctx); err != nil {
			return err
		}
		f.begun, f.fresh = true, true
	}
	if err := f.seek(ctx); err != nil {
		return err
	}
	return f.record(ctx, rec)
}

// seek goes to the start tag of the next record.
func (f *elementFramer) seek(ctx context.Context) error {
	stray := int64(-1) // where text began that belongs to no record
	for {
		head, err := f.toTag(ctx, func(text []byte) {
			if i := notBlank(text); f.is.bare && stray < 0 && i >= 0 {
				stray = f.in.offset() + int64(i)
			}
		})
		switch {
		case errors.Is(err, io.EOF) && stray >= 0:
			f.known = true
			return f.lost(stray, "text outside of a record")
		case errors.Is(err, io.EOF) && !f.known && len(f.is.roots) > 0 && f.in.offset() > 0:
			return &restError{0, ingest.ReasonCorrupt, "it has no <" + strings.Join(f.is.names[:min(2, len(f.is.names))], "> or <") + ">, nor what is around them"}
		}
		if err != nil {
			return err
		}
		name := f.startOf(head)
		if name != "" && stray >= 0 {
			return f.lost(stray, "text outside of a record")
		}
		switch {
		case name != "":
			f.name, f.known = name, true
			return nil
		case bytes.HasPrefix(head, []byte("<!--")):
			if err := f.pass(ctx, "-->"); err != nil {
				return err
			}
		case bytes.HasPrefix(head, []byte("<![CDATA[")):
			if err := f.pass(ctx, "]]>"); err != nil {
				return err
			}
		case f.endOf(head) > 0:
			if stray < 0 {
				stray = f.in.offset()
			}
			f.advance(f.endOf(head))
			return f.lost(stray, "an end tag without its start tag")
		default:
			f.known = f.known || slices.ContainsFunc(f.is.roots, func(root string) bool { return f.named(head[1:], root) })
			f.advance(f.tagEnd(head))
		}
	}
}

func (f *elementFramer) lost(from int64, what string) error {
	return &recordError{from, f.in.offset() - from, ingest.ReasonCorrupt, what}
}

// tagEnd is the length of the tag that head begins with, or 1.
func (f *elementFramer) tagEnd(head []byte) int {
	if len(head) < 2 || head[1] != '/' && head[1] != '?' && head[1] != '!' && (head[1]|0x20 < 'a' || head[1]|0x20 > 'z') {
		return 1
	}
	if i := bytes.IndexByte(head, '>'); i > 0 {
		return i + 1
	}
	return 1
}

// toTag goes to the next <, and returns what follows, of which tagLook bytes are ahead if there are as many. Each piece of text that it
// passes over is shown before.
func (f *elementFramer) toTag(ctx context.Context, passed func(text []byte)) (head []byte, err error) {
	for {
		chunk := f.in.ahead()
		i := bytes.IndexByte(chunk, '<')
		if i < 0 {
			passed(chunk)
			f.advance(len(chunk))
			if err := f.in.more(ctx); err != nil {
				return nil, err
			}
			continue
		}
		if i > 0 {
			passed(chunk[:i])
			f.advance(i)
		}
		if err := f.in.need(ctx, tagLook); err != nil {
			return nil, err
		}
		return f.in.ahead(), nil
	}
}

// advance takes bytes, and remembers what they end with.
func (f *elementFramer) advance(n int) {
	b := f.in.ahead()[:n]
	for i := len(b) - 1; ; i-- {
		if i < 0 {
			break // as it was
		}
		if b[i] == '\n' || b[i] == '\r' {
			f.fresh = true
			break
		}
		if b[i] != ' ' && b[i] != '\t' {
			f.fresh = false
			break
		}
	}
	if n >= 2 {
		f.last = [2]byte{b[n-2], b[n-1]}
	} else if n == 1 {
		f.last = [2]byte{f.last[1], b[0]}
	}
	f.in.take(n)
}

// pass goes behind a mark that ends what began at the current place.
func (f *elementFramer) pass(ctx context.Context, mark string) error {
	start := f.in.offset()
	for {
		chunk := f.in.ahead()
		if i := bytes.Index(chunk, []byte(mark)); i >= 0 {
			f.advance(i + len(mark))
			return nil
		}
		f.advance(max(0, len(chunk)-len(mark)+1))
		if err := f.in.more(ctx); errors.Is(err, io.EOF) {
			return &restError{start, ingest.ReasonCorrupt, fmt.Sprintf("no %q behind what it ends", mark)}
		} else if err != nil {
			return err
		}
	}
}

// startOf is the name of the record whose start tag head begins with, "" if it is none.
func (f *elementFramer) startOf(head []byte) string {
	for _, name := range f.is.names {
		if f.named(head[1:], name) {
			return name
		}
	}
	return ""
}

// endOf is the length of the end tag of a record with which head begins, of the open one if there is one; 0 if it is none.
func (f *elementFramer) endOf(head []byte) int {
	if len(head) < 2 || head[1] != '/' {
		return 0
	}
	for _, name := range f.is.names {
		if (f.name == "" || f.name == name) && f.named(head[2:], name) {
			rest := bytes.TrimLeft(head[2+len(name):], " \t\r\n")
			if len(rest) > 0 && rest[0] == '>' {
				return len(head) - len(rest) + 1
			}
		}
	}
	return 0
}

// named says whether a tag goes on with a name that ends there.
func (f *elementFramer) named(tag []byte, name string) bool {
	n := len(name)
	if len(tag) <= n || !bytes.EqualFold(tag[:n], []byte(name)) || !f.is.fold && string(tag[:n]) != name {
		return false
	}
	switch tag[n] {
	case '>', ' ', '\t', '\r', '\n', '/':
		return true
	}
	return false
}

// record reads from the start tag to the end tag of the record.
func (f *elementFramer) record(ctx context.Context, rec *rawRecord) error {
	rec.offset = f.in.offset()
	start, limit := len(rec.text), f.in.cfg.MaxDocumentBytes
	f.cdata, f.parts = false, partState{}
	defer func() { f.name = "" }()
	over := false
	fits := func() bool { return int64(len(rec.text)-start) <= limit }
	keep := func(text []byte) {
		if f.parts.skip {
			return
		}
		if rec.text = append(rec.text, text...); !fits() && !f.parts.shorten(rec, fits) {
			over = true
			rec.text, f.parts.skip = rec.text[:start], true
		}
	}
	step := func(n int) {
		keep(f.in.ahead()[:n])
		f.advance(n)
	}
	first := true
	for {
		head, err := f.toTag(ctx, func(text []byte) {
			f.endCData(text)
			keep(text)
		})
		if errors.Is(err, io.EOF) {
			return f.cutOff(rec, over)
		}
		if err != nil {
			return err
		}
		end := f.endOf(head)
		switch {
		case first:
			first = false
			if n := bytes.IndexByte(head, '>'); n > 0 && head[n-1] == '/' { // an empty one
				step(n + 1)
				return nil
			}
			step(1)
		case f.cdata && end > 0 && f.beginsAnother(head[end:]):
			step(end)
			return f.lost(rec.offset, "a CDATA section without its end")
		case f.cdata:
			step(1)
		case end > 0:
			step(end)
			return f.sealed(rec, over)
		case f.startOf(head) != "" && f.isNext(head):
			return f.lost(rec.offset, fmt.Sprintf("no end tag </%s> before the next record", f.name))
		case bytes.HasPrefix(head, []byte("<![CDATA[")):
			f.cdata = true
			step(len("<![CDATA["))
		case f.is.part != "" && f.parts.tag(f, head, rec, step):
		default:
			step(1)
		}
	}
}

// sealed ends a record at its end tag.
func (f *elementFramer) sealed(rec *rawRecord, over bool) error {
	if over || f.parts.lost {
		return tooLarge(rec.offset, f.in.offset()-rec.offset, f.in.cfg.MaxDocumentBytes)
	}
	rec.counters.Add("earlier_revisions", f.parts.dropped)
	return nil
}

func (f *elementFramer) cutOff(rec *rawRecord, over bool) error {
	if over {
		return tooLarge(rec.offset, f.in.offset()-rec.offset, f.in.cfg.MaxDocumentBytes)
	}
	return &restError{rec.offset, ingest.ReasonTruncated, fmt.Sprintf("the file ends before </%s>", f.name)}
}

// endCData sees whether a CDATA section ends in text, which stands behind what was passed over.
func (f *elementFramer) endCData(text []byte) {
	if !f.cdata {
		return
	}
	var seam [4]byte
	edge := append(append(seam[:0], f.last[:]...), text[:min(2, len(text))]...)
	f.cdata = !bytes.Contains(edge, []byte("]]>")) && !bytes.Contains(text, []byte("]]>"))
}

// isNext says whether a start tag within a record begins the next one, and is not text of this one: it stands at the start of
// a line, or another tag behind it.
func (f *elementFramer) isNext(head []byte) bool {
	if f.fresh {
		return true
	}
	_, rest, found := bytes.Cut(head, []byte(">"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return found && len(rest) > 1 && rest[0] == '<' && rest[1] != '/'
}

// beginsAnother says whether a record, or the end of what holds all of them, follows.
func (f *elementFramer) beginsAnother(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 1 && head[0] == '<' && (head[1] == '/' || f.startOf(head) != "")
}

// notBlank is the index of the first byte that is no white space, -1 if all of them are.
func notBlank(text []byte) int {
	for i, c := range text {
		if c > ' ' {
			return i
		}
	}
	return -1
}
