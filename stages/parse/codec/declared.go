package codec

import (
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Declared is how many bytes a compressed file says that it decodes to, at least: at its end where it is gzip, of its first
// frame where it is zstd. 0 if it does not say, or nothing that could be true of text.
func Declared(name string, object io.ReaderAt, size int64) (bytes int64) {
	const plausible = 100 // times: what follows the last member of a gzip file may be anything
	switch name {
	case Gzip:
		var end [4]byte
		if _, err := object.ReadAt(end[:], max(0, size-int64(len(end)))); err != nil {
			return 0
		}
		bytes = int64(binary.LittleEndian.Uint32(end[:])) // of the last member, modulo 4 GiB
	case Zstd:
		var start [zstd.HeaderMaxSize]byte
		n, _ := object.ReadAt(start[:], 0) // what is missing, the header says
		var h zstd.Header
		if h.Decode(start[:n]) != nil || !h.HasFCS || h.FrameContentSize > uint64(size)*plausible {
			return 0
		}
		bytes = int64(h.FrameContentSize)
	}
	if bytes > size*plausible {
		return 0
	}
	return bytes
}
