package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// consume reads the open record to its end and appends it to dst if keep. It looks out for the start of another record in
// the block: if a writer died in the middle of a record and another went on in the same file, or a length is wrong, then
// that is where reading can go on.
func (r *Reader) consume(dst []byte, keep bool) ([]byte, error) {
	s := scan{r: r, dst: dst, keep: keep, strict: true, end: r.rec.Offset + r.rec.Length}
	if media, _ := mediaType(r.rec.ContentType); media == "application/warc" {
		s.blind = true
	}
	if err := s.header(); err != nil {
		return dst, err
	}
	found, err := s.run()
	damage := &DamageError{Offset: r.rec.Offset, Lost: r.at - r.rec.Offset}
	switch {
	case found:
		damage.Reason = "another record starts within the block"
		r.open = false
		return dst, damage
	case errors.Is(err, io.EOF) && keep && complete(s.dst[len(dst):]):
	case errors.Is(err, io.EOF):
		damage.Reason = fmt.Sprintf("the stream ends %d bytes before the record does", s.end-r.at)
		damage.Truncated = true
		r.open = false
		return dst, damage
	case err != nil:
		return dst, r.fail(err)
	}
	r.open = false
	return s.dst, nil
}

// complete says whether the answer in a record that is cut off has the body that the HTTP header announces: then only the
// length of the record is wrong, which happens where line ends were converted.
func complete(raw []byte) bool {
	rec, err := parseHeader(raw)
	if err != nil || rec.Type != Response {
		return false
	}
	h, body := rec.http(raw[rec.header:])
	return h.size > 0 && h.contentLength > 0 && int64(len(body)) >= h.contentLength
}

// resync skips to the next start of a record, from one that is not as it should be.
func (r *Reader) resync(bad error) error {
	start := r.at
	s := scan{r: r, end: maxLength, inLine: true}
	if err := s.take(1); err != nil {
		return err
	}
	if _, err := s.run(); err != nil && !errors.Is(err, io.EOF) {
		return r.fail(err)
	}
	return &DamageError{Offset: start, Lost: r.at - start, Reason: bad.Error()}
}

// scan goes through a stretch of the stream and looks for the start of a record.
type scan struct {
	r      *Reader
	dst    []byte
	keep   bool  // append to dst
	end    int64 // of the stretch, as an offset in the stream
	inLine bool  // the next byte is not the first of a line
	strict bool  // only a record counts that cannot belong to the block
	blind  bool  // nothing counts
}

// header takes the header of the open record.
func (s *scan) header() error {
	_, err := s.r.peek(s.r.rec.header) // seen before, if not taken
	if err != nil {
		return s.r.fail(err)
	}
	return s.take(s.r.rec.header)
}

// run goes on to the end, or to the start of a record if found.
func (s *scan) run() (found bool, err error) {
	for s.r.at < s.end {
		left := s.end - s.r.at
		w, err := s.r.peek(int(min(left, int64(s.r.limits.Header))))
		if len(w) == 0 {
			return false, err
		}
		if i := s.start(w); i >= 0 {
			if err := s.take(i); err != nil {
				return false, err
			}
			s.inLine = false
			if !s.strict || s.foreign() {
				return true, nil
			}
			if err := s.take(1); err != nil {
				return false, err
			}
			s.inLine = true
			continue
		}
		n := len(w)
		if last := bytes.LastIndexByte(w, '\n') + 1; err == nil && int64(n) < left && last > 0 {
			n = last // the line behind it may be one to look for
		}
		s.inLine = w[n-1] != '\n'
		if err := s.take(n); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (s *scan) take(n int) error {
	if s.keep {
		w, err := s.r.peek(n)
		if err != nil {
			return err
		}
		s.dst = append(s.dst, w...)
	}
	return s.r.take(n)
}

// start returns where in w a record may start; -1: nowhere.
func (s *scan) start(w []byte) int {
	if s.blind {
		return -1
	}
	at := -1
	if s.r.kind != ARC {
		if at = warcStart(w, !s.inLine); at >= 0 {
			w = w[:at] // nobody looks for more, which in a file of nothing but starts would be looked at for each of them
		}
	}
	if s.r.kind != WARC {
		if i := arcStart(w, !s.inLine, s.strict); i >= 0 {
			at = i
		}
	}
	return at
}

// warcStart returns where in w a line begins that is the first one of a record; -1: nowhere. The first line counts if w
// begins with one, the last if it is complete.
func warcStart(w []byte, atLine bool) int {
	for at := 0; ; {
		i := bytes.Index(w[at:], []byte(magic))
		if i < 0 {
			return -1
		}
		at += i
		if at == 0 && atLine || at > 0 && w[at-1] == '\n' {
			if line, _, ok := cutLine(w[at:]); ok && isVersion(line) {
				return at
			}
		}
		at += len(magic)
	}
}

// foreign says whether the record that may start here, within the block of the open one, is a record of its own: it has
// all that it takes, and the block does not end where it should. Blocks may hold archives, too; where that cannot be seen
// because the end is too far away, the record counts, as dying writers are more common than archives in archives.
func (s *scan) foreign() bool {
	w, _ := s.r.peek(s.r.limits.Header)
	rec, err := parseHeader(w)
	if err != nil || rec.odd || rec.Type == "" || rec.Kind == WARC && (rec.ID == "" || rec.Date == "") {
		return false
	}
	left := s.end - s.r.at
	if left > int64(s.r.size-maxGap) {
		return true
	}
	w, err = s.r.peek(int(min(left+maxLine, int64(s.r.size))))
	if int64(len(w)) < left {
		return true
	}
	tail := bytes.TrimLeft(w[left:], "\r\n")
	if len(tail) == 0 {
		s.blind = err != nil // the end of the stream is a good end
		return !s.blind
	}
	if _, err := parseHeader(tail); err == nil || errors.Is(err, errIncomplete) {
		s.blind = true
	}
	return !s.blind
}

// maxGap is how much there must be in sight behind a block to say whether it ends well.
const maxGap = 512
