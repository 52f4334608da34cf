package warc

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"io"
	"slices"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// maxLayers bounds how many content encodings are removed from one document.
const maxLayers = 3

// zstdMemory holds the largest window that browsers take (RFC 9659).
const zstdMemory = 8 << 20

// decodeContent removes the content encodings (RFC 9110, 8.4) in this order.
// Damaged input gives what comes before the damage; a body that is not encoded as declared stays as it is.
func (d *Decoder) decodeContent(doc *Document, names []string) error {
	layers := 0
	for _, name := range names {
		if len(doc.Body) == 0 {
			continue
		}
		if layers++; layers > maxLayers {
			doc.badEncoding(name)
			return nil
		}
		r, err := d.open(name, doc.Body)
		if err != nil {
			doc.badEncoding(name)
			continue
		}
		out, err := d.readAll(r)
		if errors.Is(err, ErrExpansion) {
			doc.Body = nil
			return err
		}
		if err != nil {
			doc.badEncoding(name)
			if len(out) == 0 {
				continue
			}
		}
		doc.Body = out
		// The chunks, or the layer before, are in body[0] or not at all: the next layer writes there.
		d.body[0], d.body[1] = d.body[1], d.body[0]
	}
	return nil
}

func (doc *Document) badEncoding(name string) {
	doc.note(NoteEncoding)
	doc.Coding = name
}

// open starts to decode one layer.
func (d *Decoder) open(name string, in []byte) (io.Reader, error) {
	src := bytes.NewReader(in)
	switch name {
	case "gzip", "x-gzip":
		if err := d.gzip.Reset(src); err != nil {
			return nil, err
		}
		return &d.gzip, nil
	case "deflate":
		// RFC 9110 means zlib; some servers send it bare.
		if r, err := zlib.NewReader(src); err == nil {
			return r, nil
		}
		return flate.NewReader(bytes.NewReader(in)), nil
	case "br":
		return brotli.NewReader(src), nil
	case "zstd":
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdMemory))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}
	return nil, errors.New("unknown content encoding")
}

// readAll reads a layer into the memory that the input does not lie in.
func (d *Decoder) readAll(r io.Reader) ([]byte, error) {
	out := d.body[1][:0]
	defer func() { d.body[1] = out[:0] }()
	if c, ok := r.(io.Closer); ok {
		defer c.Close() //nolint:errcheck // nothing was written, and damage is told by Read
	}
	for {
		if len(out) == cap(out) {
			out = slices.Grow(out, max(len(out), 64<<10))
		}
		n, err := r.Read(out[len(out):cap(out)])
		if out = out[:len(out)+n]; int64(len(out)) > d.max {
			return nil, ErrExpansion
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}
