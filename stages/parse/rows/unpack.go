package rows

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// unpacker reads blocks of a file and undoes their compression, into buffers of exactly the size that was announced: what
// unpacks to another size is damaged, however large it would become.
type unpacker struct {
	in     *input
	limit  int64 // of all buffers together
	held   int64
	packed []byte
	gzip   *gzip.Reader
	zstd   *zstd.Decoder
	brotli *brotli.Reader
}

// brotliBytes is what a decoder of brotli holds at most: its window (RFC 7932, 9.1), and its tables.
const brotliBytes = 16<<20 + 1<<20

// supported says whether pages of a codec can be read: those of columnar's list; LZ4_RAW, which killed processes only where a
// decoder guessed the size; and brotli, which other programs write.
func supported(codec format.CompressionCodec) bool {
	switch codec {
	case format.Uncompressed, format.Snappy, format.Gzip, format.Zstd, format.Lz4Raw, format.Brotli:
		return true
	default:
		return false
	}
}

// hold accounts for n bytes more.
func (u *unpacker) hold(n int64) error {
	if n > u.limit-u.held {
		return fmt.Errorf("%d bytes: %w", n, ErrMemory)
	}
	u.held += n
	return nil
}

// grow returns buf, or a larger one in its place.
func (u *unpacker) grow(buf []byte, n int64) ([]byte, error) {
	if n <= int64(cap(buf)) {
		return buf[:n], nil
	}
	room := n + n/8 // pages of a column differ a little
	u.held -= int64(cap(buf))
	err := u.hold(room)
	if err != nil {
		room, err = n, u.hold(n)
	}
	if err != nil {
		return nil, err
	}
	return make([]byte, room)[:n], nil
}

func (u *unpacker) drop() { u.held, u.packed, u.brotli = 0, nil, nil }

// block is a page in a file.
type block struct {
	codec format.CompressionCodec
	at    int64
	size  int64
	raw   int64  // bytes of it, unpacked
	plain int64  // bytes at the start that are not compressed
	crc   uint32 // of the bytes in the file (IEEE); 0: unknown
}

// unpack reads a block into buf or its replacement. After an ErrMemory buf is gone, and the rest as it was.
func (u *unpacker) unpack(buf []byte, b block) (_ []byte, err error) {
	if b.codec == format.Uncompressed {
		b.plain = b.size
	}
	if b.plain > b.raw || b.plain == b.size && b.raw > b.size {
		return buf, fmt.Errorf("a page of %d bytes that holds %d", b.size, b.raw)
	}
	if !u.in.holds(b.at, b.size) {
		return buf, fmt.Errorf("%d bytes at %d in a file of %d", b.size, b.at, u.in.size)
	}
	if buf, err = u.grow(buf, b.raw); err != nil {
		return buf, err
	}
	if u.packed, err = u.grow(u.packed, b.size-b.plain); err != nil {
		return buf, err
	}
	if err := u.in.read(buf[:b.plain], b.at); err != nil {
		return buf, err
	}
	if err := u.in.read(u.packed, b.at+b.plain); err != nil {
		return buf, err
	}
	if b.crc != 0 {
		if sum := crc32.Update(crc32.ChecksumIEEE(buf[:b.plain]), crc32.IEEETable, u.packed); sum != b.crc {
			return buf, fmt.Errorf("its checksum is %08x, not %08x", sum, b.crc)
		}
	}
	if b.plain == b.size {
		return buf, nil
	}
	if err := u.decode(buf[b.plain:], u.packed, b.codec); err != nil {
		return buf, fmt.Errorf("unpack %d bytes: %w", b.size, err)
	}
	return buf, nil
}

// decode fills dst.
func (u *unpacker) decode(dst, src []byte, codec format.CompressionCodec) (err error) {
	n := 0
	switch codec {
	case format.Snappy:
		if n, err = snappy.DecodedLen(src); err != nil || n != len(dst) {
			break
		}
		_, err = snappy.Decode(dst, src)
	case format.Gzip:
		n, err = u.gunzip(dst, src)
	case format.Lz4Raw:
		n, err = lz4.UncompressBlock(src, dst)
	case format.Brotli:
		n, err = u.unbrotli(dst, src)
	default:
		n, err = u.unzstd(dst, src)
	}
	if err == nil && n != len(dst) {
		err = fmt.Errorf("they become %d bytes and not %d", n, len(dst))
	}
	return err
}

func (u *unpacker) gunzip(dst, src []byte) (n int, err error) {
	if u.gzip == nil {
		u.gzip = new(gzip.Reader)
	}
	if err := u.gzip.Reset(bytes.NewReader(src)); err != nil {
		return 0, err
	}
	return fill(dst, u.gzip)
}

func (u *unpacker) unbrotli(dst, src []byte) (n int, err error) {
	if u.brotli == nil {
		if err := u.hold(brotliBytes); err != nil {
			return 0, err
		}
		u.brotli = brotli.NewReader(nil)
	}
	if err := u.brotli.Reset(bytes.NewReader(src)); err != nil {
		return 0, err
	}
	return fill(dst, u.brotli)
}

// fill reads all of a stream, which must be as long as dst.
func fill(dst []byte, r io.Reader) (n int, err error) {
	if n, err = io.ReadFull(r, dst); err != nil {
		return n, err
	}
	var behind [1]byte
	if _, err := io.ReadFull(r, behind[:]); err != io.EOF { //nolint:errorlint // ReadFull returns io.EOF itself.
		if err == nil {
			err = fmt.Errorf("they become more than %d bytes", len(dst))
		}
		return n, err
	}
	return n, nil
}

func (u *unpacker) unzstd(dst, src []byte) (int, error) {
	if u.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true),
			zstd.WithDecoderMaxMemory(uint64(u.limit)+1<<20))
		if err != nil {
			return 0, err
		}
		u.zstd = d
	}
	out, err := u.zstd.DecodeAll(src, dst[:0:len(dst)])
	if err != nil {
		return 0, err
	}
	if len(out) > 0 && len(out) <= len(dst) && &out[0] != &dst[0] {
		copy(dst, out)
	}
	return len(out), nil
}
