package codec

import "encoding/binary"

// bgzfHeader is the length of a bgzip header without further extra fields.
const bgzfHeader = 18

// blockSize returns the stored size of a block of the blocked gzip format (SAM specification, 4.1): a gzip member that has
// its own size in an extra field.
func blockSize(header []byte) (size int64, ok bool) {
	const extraFlag = 4
	if len(header) < bgzfHeader || !gzipMagic(header) || header[3] != extraFlag {
		return 0, false
	}
	le := binary.LittleEndian
	if le.Uint16(header[10:]) != 6 || header[12] != 'B' || header[13] != 'C' || le.Uint16(header[14:]) != 2 {
		return 0, false // with other fields too, it is none that any program writes
	}
	size = int64(le.Uint16(header[16:])) + 1
	return size, size > bgzfHeader+8
}

// blocks walks the blocks of a bgzip file: one short read each, of the end of one and the beginning of the next.
func (w *walker) blocks() error {
	var b [4 + bgzfHeader]byte
	if err := w.read(b[4:], 0); err != nil {
		return err
	}
	for {
		size, ok := blockSize(b[4:])
		if !ok {
			return nil
		}
		next := w.at.Stored + size
		if err := w.read(b[:], next-4); err != nil {
			return err // the last block at the latest
		}
		if _, ok := blockSize(b[4:]); !ok {
			return nil
		}
		w.step(size, int64(binary.LittleEndian.Uint32(b[:])))
	}
}
