package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Limits of what is decoded. The Parquet library believes every size it reads, so all of them are looked at first.
const (
	maxPageBytes      = 256 << 20 // after decompression
	maxPageValues     = 32 << 20
	maxPageHeader     = 16 << 20
	zstdBlockBytes    = 128 << 10 // the most that one block of a frame can hold
	gzipLargestGrowth = 1032      // by this factor, and no more, can DEFLATE compress
)

// checkChunk walks the pages of a column chunk, without decoding them: they must lie within the chunk and the chunk within
// the file; hold the values it claims; and stay within the limits when they are decompressed.
func checkChunk(r io.ReaderAt, size int64, meta *format.ColumnMetaData) error {
	switch meta.Codec {
	case format.Uncompressed, format.Snappy, format.Gzip, format.Zstd, format.Lz4Raw:
	default: // nobody has missed the rest
		return fmt.Errorf("compression %s is not supported", meta.Codec)
	}
	at := meta.DataPageOffset
	if d := meta.DictionaryPageOffset; d != 0 {
		at = d
	}
	length := meta.TotalCompressedSize
	if at < 0 || length < 0 || at > size || length > size-at {
		return fmt.Errorf("%d bytes at %d in a file of %d", length, at, size)
	}
	values := int64(0)
	for end := at + length; at < end && values < meta.NumValues; {
		header, n, err := readPageHeader(r, at, end)
		if err != nil {
			return err
		}
		at += int64(n)
		body := int64(header.CompressedPageSize)
		if body < 0 || body > end-at {
			return fmt.Errorf("a page of %d bytes where %d are left", body, end-at)
		}
		v, err := checkPage(io.NewSectionReader(r, at, body), meta, header)
		if err != nil {
			return err
		}
		values += v
		at += body
	}
	if values != meta.NumValues {
		return fmt.Errorf("the pages have %d values, the column %d", values, meta.NumValues)
	}
	return nil
}

// ReadPageHeader reads the page header at an offset, no further than end, and returns its length. Damaged input is an
// error, never a panic. What the header says of the page is not checked.
func ReadPageHeader(r io.ReaderAt, at, end int64) (h *format.PageHeader, n int, err error) {
	err = protect("read a page header", func() (err error) {
		h, n, err = readPageHeader(r, at, end)
		return err
	})
	return h, n, err
}

// readPageHeader reads the page header at an offset and returns its length.
func readPageHeader(r io.ReaderAt, at, end int64) (*format.PageHeader, int, error) {
	for window := int64(4 << 10); ; window *= 16 {
		buf := make([]byte, min(window, end-at))
		if err := readAt(r, buf, at); err != nil {
			return nil, 0, err
		}
		n, err := thriftLength(buf)
		if errors.Is(err, errThriftCut) && window < maxPageHeader && window < end-at {
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("page header at %d: %w", at, err)
		}
		header := new(format.PageHeader)
		if err := thrift.Unmarshal(new(thrift.CompactProtocol), buf[:n], header); err != nil {
			return nil, 0, fmt.Errorf("page header at %d: %w", at, err)
		}
		return header, n, nil
	}
}

// checkPage checks one page and returns how many values it has; a dictionary has none.
func checkPage(body *io.SectionReader, meta *format.ColumnMetaData, h *format.PageHeader) (values int64, err error) {
	raw := int64(h.UncompressedPageSize)
	if raw < 0 || raw > maxPageBytes || body.Size() > maxPageBytes {
		return 0, fmt.Errorf("a page of %d bytes, %d compressed", raw, body.Size())
	}
	compressed, levels := true, int64(0)
	switch {
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		if n := int64(h.DictionaryPageHeader.V.NumValues); n < 0 || n > maxPageValues || n*leastBytes(meta.Type) > raw {
			return 0, fmt.Errorf("a dictionary of %d values in %d bytes", n, raw)
		}
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		values = int64(h.DataPageHeader.V.NumValues)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		v2 := &h.DataPageHeaderV2.V
		values = int64(v2.NumValues)
		compressed = !v2.IsCompressed.Valid || v2.IsCompressed.V
		levels = int64(v2.RepetitionLevelsByteLength) + int64(v2.DefinitionLevelsByteLength)
		if v2.RepetitionLevelsByteLength < 0 || v2.DefinitionLevelsByteLength < 0 || levels > body.Size() ||
			v2.NumNulls < 0 || int64(v2.NumNulls) > values {
			return 0, errors.New("a page header contradicts itself")
		}
	default:
		return 0, fmt.Errorf("unexpected page of type %d", h.Type)
	}
	if values < 0 || values > maxPageValues {
		return 0, fmt.Errorf("a page of %d values", values)
	}
	if !compressed || meta.Codec == format.Uncompressed {
		return values, nil
	}
	return values, checkCompressed(io.NewSectionReader(body, levels, body.Size()-levels), meta.Codec, maxPageBytes)
}

// leastBytes is the least that a value of a dictionary takes.
func leastBytes(t format.Type) int64 {
	switch t {
	case format.Int64, format.Double:
		return 8
	case format.Boolean, format.FixedLenByteArray:
		return 0
	default:
		return 4
	}
}

// checkCompressed says whether a page stays within the limit, whatever its header claims.
func checkCompressed(body *io.SectionReader, codec format.CompressionCodec, limit int64) error {
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	*buf = resize(*buf, int(body.Size()))
	data := *buf
	if err := readAt(body, data, 0); err != nil {
		return err
	}
	n := int64(0)
	var err error
	switch codec {
	case format.Snappy:
		n, err = snappyLength(data)
	case format.Lz4Raw:
		n, err = lz4Length(data)
	case format.Gzip:
		if n = int64(len(data)) * gzipLargestGrowth; n > limit {
			n, err = gzipLength(data, limit)
		}
	default:
		n, err = zstdBound(data)
	}
	if err != nil {
		return fmt.Errorf("a compressed page: %w", err)
	}
	if n > limit {
		return fmt.Errorf("a page of %d bytes unpacks to more than %d", len(data), limit)
	}
	return nil
}

// gzipLength unpacks without keeping anything, no further than the limit.
func gzipLength(data []byte, limit int64) (int64, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, io.LimitReader(z, limit+1))
}

// zstdBound returns a bound of what zstd frames unpack to, from the headers of their blocks (RFC 8878, section 3.1.1).
// Frames need not tell their length; the decoder holds those that do to it.
func zstdBound(data []byte) (n int64, err error) {
	for len(data) > 0 {
		var h zstd.Header
		if err := h.Decode(data); err != nil {
			return 0, err
		}
		skip := h.HeaderSize
		if h.Skippable {
			skip += int(h.SkippableSize)
		}
		if skip <= 0 || skip > len(data) {
			return 0, io.ErrUnexpectedEOF
		}
		if data = data[skip:]; h.Skippable {
			continue
		}
		frame := int64(0)
		for last := false; !last; {
			if len(data) < 3 {
				return 0, io.ErrUnexpectedEOF
			}
			block := uint32(data[0]) | uint32(binary.LittleEndian.Uint16(data[1:]))<<8
			last = block&1 == 1
			length, stored := int64(block>>3), int64(block>>3)
			switch block >> 1 & 3 {
			case 1: // one byte, repeated
				stored = 1
			case 2: // compressed
				length = zstdBlockBytes
			}
			if stored > int64(len(data)-3) {
				return 0, io.ErrUnexpectedEOF
			}
			frame += length
			data = data[3+stored:]
		}
		if h.HasFCS { // the decoder allocates as much before it decodes
			if h.FrameContentSize > uint64(frame) {
				return 0, fmt.Errorf("a frame claims %d bytes, its blocks hold at most %d", h.FrameContentSize, frame)
			}
			frame = int64(h.FrameContentSize)
		}
		n += frame
		if h.HasCheckSum {
			if len(data) < 4 {
				return 0, io.ErrUnexpectedEOF
			}
			data = data[4:]
		}
	}
	return n, nil
}
