package parse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/jsonscan"
)

// jsonFormat is a document of JSON that is not a line an object: an array of objects, one object over several lines, or
// several of either, one behind the other. Every object is a record, and read as a line of jsonl is.
var jsonFormat = format{
	name:     JSON,
	rule:     RuleRecord,
	rules:    []string{RuleRecord},
	suffixes: nil, // .json is often jsonl
	sniff:    sniffJSON,
	frame:    func(in *stream) framer { return &jsonFramer{in: in} },
	decode:   decodeJSONL,
}

// sniffJSON looks at the values of the head. In a file that is called so, the first may be a broken one.
func sniffJSON(s sample, _ Config) (why string) {
	head := trimJSONSpace(s.head)
	if slices.Contains(proseSuffixes, s.ext) || len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return ""
	}
	what := "an object over several lines"
	if head[0] == '[' {
		what = "an array of objects"
	}
	switch {
	case s.ext == ".json":
		return "the name ends in .json, and it begins as one"
	case areObjects(head, s.cut):
		return what
	}
	return ""
}

// areObjects says whether a text is objects, or an array of them, as far as it goes; cut: there is more behind it.
func areObjects(head []byte, cut bool) bool {
	var f jsonscan.Framer
	var scan jsonscan.Scanner
	for found := false; ; found = true {
		at := f.Seek(head)
		if at < 0 {
			return false
		}
		if head = head[at:]; len(head) == 0 {
			ok, _ := f.Complete()
			return found && (ok || cut)
		}
		if head[0] != '{' {
			return false
		}
		end, done := f.Skip(head)
		valid, truncated := scan.Valid(head[:end])
		if !done {
			return cut && truncated
		}
		if !valid {
			return false
		}
		head = head[end:]
	}
}

// trimJSONSpace cuts off what may stand before a value.
func trimJSONSpace(data []byte) []byte {
	for {
		data = trimBOM(data)
		if len(data) == 0 || data[0] != ' ' && data[0] != '\t' && data[0] != '\r' && data[0] != '\n' {
			return data
		}
		data = data[1:]
	}
}

// jsonFramer finds the values of a document. What stands between values and does not belong there ends the file, because
// nothing behind it can be trusted.
type jsonFramer struct {
	in    *stream
	scan  jsonscan.Framer
	begun bool
}

func (f *jsonFramer) next(ctx context.Context, rec *rawRecord) error {
	if !f.begun {
		if err := f.in.skipBOM(ctx); err != nil {
			return err
		}
		f.begun = true
	}
	if err := f.seek(ctx); err != nil {
		return err
	}
	rec.offset = f.in.offset()
	start, limit := len(rec.text), f.in.cfg.MaxDocumentBytes
	size := int64(0)
	for {
		chunk := f.in.ahead()
		n, done := f.scan.Skip(chunk)
		if size += int64(n); size <= limit {
			rec.text = append(rec.text, chunk[:n]...)
		} else {
			rec.text = rec.text[:start]
		}
		f.in.take(n)
		if !done {
			err := f.in.more(ctx)
			if err == nil {
				continue
			}
			if !errors.Is(err, io.EOF) {
				return err
			}
			if ok, last := f.scan.Complete(); !ok || !last {
				return &restError{rec.offset, ingest.ReasonBadJSON, "the file ends inside of a value"}
			}
			f.scan = jsonscan.Framer{}
		}
		if size > limit {
			return tooLarge(rec.offset, size, limit)
		}
		return nil
	}
}

// mark takes what stands before a byte order mark that begins at n of what is ahead, and the mark.
func (f *jsonFramer) mark(ctx context.Context, n int) (found bool, err error) {
	if err := f.in.need(ctx, n+len(bom)); err != nil {
		return false, err
	}
	if found = bytes.HasPrefix(f.in.ahead()[n:], []byte(bom)); found {
		f.in.take(n + len(bom))
	}
	return found, nil
}

// seek goes to the start of the next value.
func (f *jsonFramer) seek(ctx context.Context) error {
	for {
		chunk := f.in.ahead()
		n := f.scan.Seek(chunk)
		if n < 0 {
			n = -1 - n
			if mark, err := f.mark(ctx, n); err != nil {
				return err
			} else if mark {
				continue
			}
			chunk = f.in.ahead()
			return &restError{
				f.in.offset() + int64(n), ingest.ReasonBadJSON, "expected a value, a comma or the end, found " + excerpt(chunk, n),
			}
		}
		f.in.take(n)
		if n < len(chunk) {
			return nil
		}
		if err := f.in.more(ctx); errors.Is(err, io.EOF) {
			if ok, _ := f.scan.Complete(); !ok {
				return &restError{f.in.offset(), ingest.ReasonBadJSON, "the file ends inside of an array"}
			}
			return io.EOF
		} else if err != nil {
			return err
		}
	}
}
