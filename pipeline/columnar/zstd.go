package columnar

import (
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/columnar/zstdfast"
)

// fastest is the highest zstd level that is written by our own encoder; the levels above are those of another library.
const fastest = 2

// encoders holds one shared encoder for each speed of the zstd library: making one for every page, as the codec of the
// Arrow library does, costs more than the compression.
var encoders [zstd.SpeedBestCompression + 1]struct {
	once    sync.Once
	encoder *zstd.Encoder
}

// encode appends src to dst as one frame of a zstd level. It is safe for concurrent use; above the fastest level by as many goroutines as
// there are CPUs, more will wait. Frames carry a checksum: the only thing in a Parquet file of ours that tells damage.
func encode(dst, src []byte, level int) []byte {
	if level <= fastest {
		return zstdfast.Encode(dst, src)
	}
	speed := zstd.EncoderLevelFromZstd(level)
	e := &encoders[speed]
	e.once.Do(func() {
		var err error
		e.encoder, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(speed), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(true))
		if err != nil {
			panic(err) // programmer error: the options are constant
		}
	})
	return e.encoder.EncodeAll(src, dst)
}

// pageCodec replaces the Arrow library's way of compressing, and nothing else.
type pageCodec struct {
	compress.Codec
	codec Codec
}

func (c pageCodec) Encode(dst, src []byte) []byte { return c.codec.encode(dst[:0], src, 1) }

func (c pageCodec) EncodeLevel(dst, src []byte, level int) []byte {
	return c.codec.encode(dst[:0], src, level)
}

// registerCodecs puts our codecs in place of the Arrow library's, and beside them the one that it does not have, once. The registry is not guarded, so it must have happened before any writer of the library is used.
var registerCodecs = sync.OnceValue(func() error {
	stock, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		return err
	}
	for _, c := range []Codec{Zstd, LZ4Raw, Snappy} {
		compress.RegisterCodec(c.id(), pageCodec{stock, c})
	}
	return nil
})

// Pack appends data to dst as one zstd frame with a checksum, at the fastest level. It is safe for concurrent use.
func Pack(dst, data []byte) []byte { return encode(dst, data, 1) }

// decoder decodes frames on the goroutines of its callers.
var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPageBytes))
	if err != nil {
		panic(err) // programmer error: the options are constant
	}
	return d
})

// Unpack appends to dst what zstd frames hold, which must be of the given size; from 256 MiB on it is refused. Damaged input is an
// error, and takes no more memory than that size and a block. It is safe for concurrent use.
func Unpack(dst, frames []byte, size int) ([]byte, error) {
	if err := checkUnpacked(frames, size); err != nil {
		return dst, err
	}
	at := len(dst)
	out, err := decoder().DecodeAll(frames, slices.Grow(dst, size))
	if err != nil {
		return dst, err
	}
	if len(out)-at != size {
		return dst, fmt.Errorf("%d bytes where %d are expected", len(out)-at, size)
	}
	return out, nil
}

// checkUnpacked refuses frames that cannot be of the given size.
func checkUnpacked(frames []byte, size int) error {
	if size < 0 || size > maxPageBytes {
		return fmt.Errorf("%d bytes are too many", size)
	}
	bound, err := zstdBound(frames)
	if err == nil && (bound < int64(size) || bound > int64(size)+zstdBlockBytes) {
		err = fmt.Errorf("frames of at most %d bytes for %d", bound, size)
	}
	return err
}
