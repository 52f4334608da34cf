package columnar

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/golang/snappy"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// Codec is how the pages of a Parquet file are compressed.
type Codec string

// Codecs. Only pages of zstd carry checksums.
const (
	Zstd   Codec = "zstd"
	LZ4Raw Codec = "lz4_raw" // blocks without a frame
	Snappy Codec = "snappy"
	None   Codec = "none"
)

// Codecs are all of them, the default first.
var Codecs = []Codec{Zstd, LZ4Raw, Snappy, None}

// id is the number of the codec in a file.
func (c Codec) id() compress.Compression {
	switch c {
	case LZ4Raw:
		return compress.Compression(format.Lz4Raw)
	case Snappy:
		return compress.Compression(format.Snappy)
	case None:
		return compress.Compression(format.Uncompressed)
	default:
		return compress.Compression(format.Zstd)
	}
}

// encode appends src to dst as one page. The level is one of zstd. The bytes are the same on every machine: none of the libraries has an
// encoder in assembly that finds other matches. It is safe for concurrent use.
func (c Codec) encode(dst, src []byte, level int) []byte {
	at := len(dst)
	switch c {
	case LZ4Raw:
		if len(src) == 0 {
			return append(dst, 0) // no literals, and no match: the library would write nothing, which is no block
		}
		dst = slices.Grow(dst, lz4.CompressBlockBound(len(src)))
		n, err := lz4.CompressBlock(src, dst[at:at+lz4.CompressBlockBound(len(src))], nil)
		if err != nil || n == 0 {
			panic(fmt.Sprintf("%d bytes of lz4 for %d: %v", n, len(src), err)) // programmer error: there is room
		}
		return dst[:at+n]
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
	case format.Lz4Raw:
		length, err = lz4Length(page)
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
	n := size
	switch codec {
	case format.Uncompressed:
		copy(out, page)
	case format.Snappy:
		_, err = snappy.Decode(out, page) // in place, as there is room
	case format.Lz4Raw:
		n, err = lz4.UncompressBlock(page, out)
	}
	if err != nil {
		return dst, err
	}
	if n != size {
		return dst, fmt.Errorf("%d bytes where %d are expected", n, size)
	}
	return dst[:at+size], nil
}

func snappyLength(page []byte) (int64, error) {
	n, err := snappy.DecodedLen(page)
	return int64(n), err
}
