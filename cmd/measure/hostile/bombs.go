package hostile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// bombChunk is how much of a bomb is compressed once and then stored again and again.
const bombChunk = 16 << 20

// filled is a text again and again, until it has at least a chunk.
func filled(text string) string { return strings.Repeat(text, max(1, bombChunk/len(text))) }

// gzipBomb is so many bytes of a text in one member: what deflate makes of a chunk does not depend on what stands in front of it.
func gzipBomb(text string, size int64) maker {
	return func(w *output) (int64, error) {
		chunk := []byte(filled(text))
		var packed bytes.Buffer
		z, err := flate.NewWriter(&packed, flate.BestCompression)
		if err != nil {
			return 0, err
		}
		if _, err := z.Write(chunk); err != nil {
			return 0, err
		}
		if err := z.Flush(); err != nil { // to the end of a byte
			return 0, err
		}
		if _, err := w.WriteString("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"); err != nil {
			return 0, err
		}
		sum, n := uint32(0), int64(0)
		for n < size {
			if _, err := w.Write(packed.Bytes()); err != nil {
				return 0, err
			}
			sum = crc32.Update(sum, crc32.IEEETable, chunk)
			n += int64(len(chunk))
		}
		end := []byte{3, 0} // an empty last block
		end = binary.LittleEndian.AppendUint32(end, sum)
		end = binary.LittleEndian.AppendUint32(end, uint32(n))
		_, err = w.Write(end)
		return n, err
	}
}

// gzipMembers is 20 GB of spaces, a member a chunk.
func gzipMembers(w *output) (int64, error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(bytes.Repeat([]byte(" "), bombChunk)); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	const members = bombBytes / bombChunk
	return bombBytes, chunked(w, packed.String(), members*int64(packed.Len()))
}

// zstdBomb is about so many bytes of a text. Of a single byte it is one frame of blocks of run length (RFC 8878, 3.1.1.2), four bytes for
// 128 KiB; of more a frame a chunk.
func zstdBomb(text string, size int64) maker {
	return func(w *output) (int64, error) {
		if len(text) == 1 {
			return size, zstdRun(w, text[0], size)
		}
		e, err := zstd.NewWriter(nil)
		if err != nil {
			return 0, err
		}
		chunk := filled(text)
		packed := e.EncodeAll([]byte(chunk), nil)
		frames := size / int64(len(chunk))
		if err := e.Close(); err != nil {
			return 0, err
		}
		return frames * int64(len(chunk)), chunked(w, string(packed), frames*int64(len(packed)))
	}
}

// zstdRun writes a frame that is one byte n times, n a multiple of 128 KiB. Its window is 8 MiB.
func zstdRun(w *output, one byte, n int64) error {
	const block = 128 << 10
	if _, err := w.WriteString("\x28\xb5\x2f\xfd\x00\x68"); err != nil {
		return err
	}
	for ; n > 0; n -= block {
		head := uint32(block<<3 | 1<<1)
		if n == block {
			head |= 1
		}
		b := binary.LittleEndian.AppendUint32(nil, head)
		b[3] = one
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// zstdWindow is a frame that asks for a window of 2 GB for a few lines.
func zstdWindow(w *output) (int64, error) {
	text := strings.Repeat(hanLine+"\n", 100)
	head := []byte("\x28\xb5\x2f\xfd\x00\xa8")
	size := uint32(len(text))<<3 | 1
	head = append(head, byte(size), byte(size>>8), byte(size>>16))
	_, err := w.WriteString(string(head) + text)
	return int64(len(text)), err
}
