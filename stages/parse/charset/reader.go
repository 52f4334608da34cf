package charset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

const (
	// inputBuffer is how many undecoded bytes a Reader holds.
	inputBuffer = 32 << 10
	// maxUnit is the most bytes that one step of a decoder writes: two characters of Big5-HKSCS, or a character of four.
	maxUnit = 8
	// maxEmptyReads is how often in a row a source may come back with nothing.
	maxEmptyReads = 100
	// byteOrderMark is the mark in UTF-8, as it comes out of any decoder.
	byteOrderMark = "\uFEFF"
)

// Counts is what a Reader met so far. It runs ahead of what Read has returned by at most the buffer of the Reader; at the
// end of the stream it is exact.
type Counts struct {
	// Replaced is the number of undecodable sequences that became U+FFFD. U+FFFD that the text brought along is not in it.
	Replaced int64
	// PrivateUse is the number of characters of the private-use areas.
	PrivateUse int64
	// Others is the number of lines that were in another encoding than the stream, and decoded from that.
	Others int64
}

// private counts r if it is for private use.
func (c *Counts) private(r rune) {
	if isPrivate(r) || r >= 0xF0000 {
		c.PrivateUse++
	}
}

// isPrivate says whether a character of the BMP is for private use.
func isPrivate(r rune) bool { return uint32(r-0xE000) < 0x1900 }

// decoder turns bytes of one encoding into UTF-8.
type decoder interface {
	// decode takes bytes from src until what is left of dst is below maxUnit or what is left of src might be part of a
	// longer sequence, and says how much it wrote and took. With last, nothing follows src. What it does with a byte never
	// depends on where src ends, unless with last.
	decode(dst, src []byte, last bool, c *Counts) (nDst, nSrc int)
}

// Reader decodes a stream. It holds a fixed amount of memory, however long the stream. The zero value waits for Reset. Not safe
// for concurrent use.
type Reader struct {
	Counts

	src     io.Reader
	dec     decoder
	in      []byte
	r, w    int   // in[r:w] is not decoded yet
	err     error // of the source; nothing follows in[r:w] once it is set
	started bool  // the first character is behind us
	lines   *lines
	buf     [64]byte
	out     []byte // decoded and not returned yet, in buf
}

// Reset starts a stream in the encoding of that name, one of Names, with counters at zero, in the memory of the one before. It
// reads ahead of what Read returns.
func (d *Reader) Reset(name string, r io.Reader) error {
	dec := newDecoder(name)
	if dec == nil {
		return fmt.Errorf("unknown encoding %q: known are %s", name, strings.Join(Names(), ", "))
	}
	in := d.in
	if in == nil {
		in = make([]byte, inputBuffer)
	}
	*d = Reader{src: r, dec: dec, in: in}
	return nil
}

// ResetLines is Reset for a stream lines of which may be in another encoding, by evidence: UTF-8 beside any superset of
// ASCII, and, unless the encoding is an order, others. A line that is in none that convinces comes out as it is: that is not
// valid UTF-8 then.
func (d *Reader) ResetLines(name string, r io.Reader, order bool) error {
	if err := d.Reset(name, r); err != nil {
		return err
	}
	d.lines = newLines(name, d.dec, order)
	return nil
}

func newDecoder(name string) decoder {
	switch name {
	case UTF8:
		return utf8Decoder{}
	case UTF16LE:
		return utf16Decoder{}
	case UTF16BE:
		return utf16Decoder{big: true}
	case GB18030:
		return gbDecoder{gbTables()}
	case Big5:
		return big5Decoder{big5Tables()}
	case HZ:
		return &hzDecoder{cells: &gbTables().cells}
	case Windows1252:
		return charmapDecoder{charmap.Windows1252}
	}
	return namedDecoder(name)
}

// Read implements io.Reader: it fills p with valid UTF-8, in which a character may be cut at the end of p. A byte order
// mark at the start of the stream is left out. When the source ends, with io.EOF or another error, what it gave is decoded
// first, half a character becoming U+FFFD, and then its error is returned.
func (d *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if len(d.out) > 0 {
			n := copy(p, d.out)
			d.out = d.out[n:]
			return n, nil
		}
		if n, progress := d.decode(p); n > 0 {
			return n, nil
		} else if progress {
			continue
		}
		if d.err != nil {
			return 0, d.err
		}
		d.fill()
	}
}

// decode decodes what is there, into p if it is large enough, else into the Reader's own buffer. It returns what it wrote
// to p, and whether it took anything: a mark, and the shifts of HZ, leave nothing to return. Behind the end of the source
// a decoder takes all there is.
func (d *Reader) decode(p []byte) (n int, progress bool) {
	direct := d.started && len(p) >= maxUnit
	dst := p
	if !direct {
		dst = d.buf[:]
	}
	if !d.started {
		dst = dst[:maxUnit] // one step, so that the mark is whole in it
	}
	n, taken := d.step(dst)
	d.r += taken
	if direct {
		return n, taken > 0
	}
	d.out = dst[:n]
	if n > 0 && !d.started {
		d.started = true
		d.out = bytes.TrimPrefix(d.out, []byte(byteOrderMark))
	}
	return 0, taken > 0
}

// step decodes what is there into dst.
func (d *Reader) step(dst []byte) (n, taken int) {
	l := d.lines
	if l == nil {
		return d.dec.decode(dst, d.in[d.r:d.w], d.err != nil, &d.Counts)
	}
	if l.run == 0 && !l.next(d.in[d.r:d.w], d.w-d.r == len(d.in), d.err != nil, &d.Counts) {
		return 0, 0
	}
	n, taken = l.dec.decode(dst, d.in[d.r:d.r+l.run], l.whole, &d.Counts)
	if l.run -= taken; taken == 0 && n == 0 {
		l.run = 0 // half a character: it begins what comes next
	}
	return n, taken
}

// fill reads once from the source, or sets err.
func (d *Reader) fill() {
	d.w = copy(d.in, d.in[d.r:d.w])
	d.r = 0
	for range maxEmptyReads {
		n, err := d.src.Read(d.in[d.w:])
		if n < 0 || n > len(d.in)-d.w {
			d.err = errors.New("source returned an impossible count of bytes")
			return
		}
		d.w += n
		if d.err = err; n > 0 || err != nil {
			return
		}
	}
	d.err = io.ErrNoProgress
}
