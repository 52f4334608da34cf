package columnar

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/golang/snappy"
	"github.com/parquet-go/parquet-go/format"
)

// Codec is how the pages of a Parquet file are compressed.
type Codec string

// Codecs. Only pages of zstd carry checksums.
const (
	Zstd   Codec = "zstd"
	Snappy Codec = "snappy"
	None   Codec = "none"
)

// Codecs are all of them, the default first.
var Codecs = []Codec{Zstd, Snappy, None}

// id is the number of the codec in a file.
func (c Codec) id() compress.Compression {
	switch c {
	case Snappy:
		return compress.Compression(format.Snappy)
	case None:
		return compress.Compression(format.Uncompressed)
	default:
		return compress.Compression(format.Zstd)
	}
}

// encode appends src to dst as one page. The level is one of zstd. The bytes are the same on every machine: the encoders in
// assembly find the same matches. It is safe for concurrent use.
func (c Codec) encode(dst, src []byte, level int) []byte {
	at := len(dst)
	switch c {
	case Snappy:
		n := snappy.MaxEncodedLen(len(src))
		dst = slices.Grow(dst, n)
		return dst[:at+len(snappy.Encode(dst[at:at+n], src))]
	case None:
		return append(dst, src...)
	default:
		return encode(dst, src, level)
	}
}

// decodePage appends to dst what a page of one of our codecs holds, which must be of the given size. Damaged input is an error, and takes
// no more memory than that size and a block.
func decodePage(dst, page []byte, codec format.CompressionCodec, size int) ([]byte, error) {
	if size < 0 || size > maxPageBytes {
		return dst, fmt.Errorf("%d bytes are too many", size)
	}
	if codec == format.Zstd {
		return Unpack(dst, page, size)
	}
	var length int64
	var err error
	switch codec {
	case format.Uncompressed:
		length = int64(len(page))
	case format.Snappy:
		length, err = snappyLength(page)
	default:
		err = fmt.Errorf("compression %s is not what millrace writes", codec)
	}
	if err != nil {
		return dst, err
	}
	if length != int64(size) {
		return dst, fmt.Errorf("%d bytes where %d are expected", length, size)
	}
	at := len(dst)
	dst = slices.Grow(dst, size)
	out := dst[at : at+size]
	if codec == format.Uncompressed {
		copy(out, page)
	} else if _, err := snappy.Decode(out, page); err != nil { // in place, as there is room
		return dst, err
	}
	return dst[:at+size], nil
}

func snappyLength(page []byte) (int64, error) {
	n, err := snappy.DecodedLen(page)
	return int64(n), err
}
