package columnar

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// pagePrefix decodes a page as far as it is looked at. Blocks of zstd follow one another, so half of a page costs half; of the other
// codecs all is decoded at once.
type pagePrefix struct {
	stored []byte
	codec  format.CompressionCodec
	raw    int
	values []byte // what is decoded

	source  bytes.Reader  // of stored
	decoder *zstd.Decoder // of source, nil while none is
}

// prefixBytes is the largest page that is decoded in part: of larger ones the decoder would hold a window beside the page.
const prefixBytes = 4 * pageBytes

// streams are decoders that use no goroutine of their own.
var streams = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(2*prefixBytes))
	if err != nil {
		panic(err) // programmer error: the options are constant
	}
	return d
}}

// open begins with the page in stored, of so many bytes when it is decoded.
func (p *pagePrefix) open(codec format.CompressionCodec, raw int) error {
	p.close()
	p.codec, p.raw, p.values = codec, raw, p.values[:0]
	if codec != format.Zstd || raw > prefixBytes {
		return p.all()
	}
	if err := checkUnpacked(p.stored, raw); err != nil {
		return err
	}
	p.values = slices.Grow(p.values, raw)
	p.source.Reset(p.stored)
	d := streams.Get().(*zstd.Decoder)
	if err := d.Reset(&p.source); err != nil {
		return err
	}
	p.decoder = d
	return nil
}

// need decodes until there are n bytes, or all there are.
func (p *pagePrefix) need(n int) error {
	for p.decoder != nil && len(p.values) < n {
		more, err := p.decoder.Read(p.values[len(p.values):p.raw])
		p.values = p.values[:len(p.values)+more]
		if err != nil && (!errors.Is(err, io.EOF) || len(p.values) < p.raw) {
			return p.all()
		}
		if len(p.values) == p.raw {
			return p.end()
		}
	}
	return nil
}

// end sees that nothing follows, and the checksum.
func (p *pagePrefix) end() error {
	var behind [1]byte
	if n, err := p.decoder.Read(behind[:]); n > 0 || !errors.Is(err, io.EOF) {
		return p.all()
	}
	p.close()
	return nil
}

// all decodes the whole page, and has the last word on one that is damaged.
func (p *pagePrefix) all() (err error) {
	p.close()
	p.values, err = decodePage(p.values[:0], p.stored, p.codec, p.raw)
	return err
}

// close lets go of the decoder.
func (p *pagePrefix) close() {
	if p.decoder == nil {
		return
	}
	if err := p.decoder.Reset(nil); err == nil {
		streams.Put(p.decoder)
	}
	p.decoder = nil
}
