package warc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Reader reads the records of a decoded stream one after the other. It keeps four times Limits.Header in memory. It is not
// for several goroutines at once.
type Reader struct {
	src    *bufio.Reader
	limits Limits
	size   int // of the buffer
	at     int64
	kind   Kind // of the records so far; empty: none yet

	rec  Record
	open bool // rec has been given, its bytes not consumed
}

// NewReader reads from r, which may begin with any record of an archive. Offsets count from 0 there.
func NewReader(r io.Reader, limits Limits) *Reader {
	limits = limits.orDefault()
	size := 4 * limits.Header
	return &Reader{src: bufio.NewReaderSize(r, size), limits: limits, size: size}
}

// Reset goes on with another stream, with the same limits and memory.
func (r *Reader) Reset(src io.Reader) {
	r.src.Reset(src)
	*r = Reader{src: r.src, limits: r.limits, size: r.size}
}

// Offset returns up to where in the stream records and damage are told.
func (r *Reader) Offset() int64 {
	if r.open {
		return r.rec.Offset
	}
	return r.at
}

// Next gives the next record, whether it carries a document or not: see Record.Passed. What Raw has not read of the one
// before is skipped. io.EOF is the end; behind a *DamageError reading goes on; any other error is one of the stream.
func (r *Reader) Next() (Record, error) {
	if r.open {
		if _, err := r.consume(nil, false); err != nil {
			return Record{}, err
		}
	}
	if err := r.skipLineEnds(); err != nil {
		return Record{}, err
	}
	w, err := r.peek(r.limits.Header)
	rec, bad := parseHeader(w)
	switch {
	case bad == nil:
	case errors.Is(bad, errIncomplete) && errors.Is(err, io.EOF):
		lost := &DamageError{Offset: r.at, Lost: int64(len(w)), Truncated: true, Reason: "the header is cut off"}
		return Record{}, errors.Join(r.take(len(w)), lost)
	case errors.Is(bad, errIncomplete) && err != nil:
		return Record{}, r.fail(err)
	default:
		return Record{}, r.resync(bad)
	}
	if n := rec.header + int(min(rec.block(), int64(r.limits.Header+sniffStored))); n > len(w) && err == nil {
		w, _ = r.peek(n) // an error comes back when the block is read
	}
	rec.Offset = r.at
	rec.classify(w[rec.header:min(int64(len(w)), rec.Length)])
	r.rec, r.open, r.kind = rec, true, rec.Kind
	return rec, nil
}

// Raw appends the record that Next gave last, header and block, to dst, to be taken apart by Parse or a Decoder. After an
// error dst is as it was: *TooLargeError for a record over the limit, *DamageError for one that is not whole, or one of
// the stream. A record can be read once. An answer that the stream ends in is given if it has the body that its HTTP header
// announces.
func (r *Reader) Raw(dst []byte) ([]byte, error) {
	if !r.open {
		return dst, errors.New("no record to read")
	}
	if r.rec.Length <= r.limits.Record {
		out, err := r.consume(dst, true)
		if err != nil {
			return dst, err
		}
		return out, nil
	}
	if _, err := r.consume(nil, false); err != nil {
		return dst, err
	}
	return dst, &TooLargeError{Offset: r.rec.Offset, Length: r.rec.Length, Max: r.limits.Record}
}

// skipLineEnds takes the line ends between two records, more or fewer than the format wants.
func (r *Reader) skipLineEnds() error {
	for {
		w, err := r.peek(1)
		if len(w) == 0 {
			if errors.Is(err, io.EOF) {
				return io.EOF
			}
			return r.fail(err)
		}
		if w[0] != '\r' && w[0] != '\n' {
			return nil
		}
		if err := r.take(1); err != nil {
			return err
		}
	}
}

// peek returns the next n bytes, fewer with an error.
func (r *Reader) peek(n int) ([]byte, error) {
	return r.src.Peek(min(n, r.size)) //nolint:wrapcheck // fail names the place
}

// take lets n bytes go that were seen.
func (r *Reader) take(n int) error {
	n, err := r.src.Discard(n)
	r.at += int64(n)
	return err
}

// fail names the place of an error of the stream.
func (r *Reader) fail(err error) error {
	return fmt.Errorf("record at offset %d: %w", r.Offset(), err)
}
