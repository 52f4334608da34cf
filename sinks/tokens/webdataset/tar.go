package webdataset

import "strconv"

const (
	block    = 512 // what tars are counted in
	mostName = 100
	suffix   = "-0123456789.json.gz" // of the names in tars, with the number of the context in the shard
)

// trailer ends a tar. It is padding as well.
var trailer [2 * block]byte

// member appends a file to the tar, in the format ustar, without a time or an owner. It allocates nothing, and so is not archive/tar.
func (w *writer) member(data []byte) error {
	h := w.header[:]
	clear(h)
	name := append(append(h[:0], w.key...), '-')
	name = appendPadded(name, w.written, 10, 10)
	_ = append(name, ".json.gz"...)
	appendPadded(h[100:100], 0o644, 8, 7)             // mode
	appendPadded(h[108:108], 0, 8, 7)                 // owner
	appendPadded(h[116:116], 0, 8, 7)                 // group
	appendPadded(h[124:124], int64(len(data)), 8, 11) // size
	appendPadded(h[136:136], 0, 8, 11)                // time
	copy(h[148:], "        ")                         // the sum counts itself as spaces
	h[156] = '0'                                      // a regular file
	copy(h[257:], "ustar\x0000")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	appendPadded(h[148:148], int64(sum), 8, 6)
	h[154] = 0
	if _, err := w.tar.Write(h); err != nil {
		return err
	}
	if _, err := w.tar.Write(data); err != nil {
		return err
	}
	_, err := w.tar.Write(trailer[:-len(data)&(block-1)])
	return err
}

// appendPadded appends a number with at least so many digits.
func appendPadded(dst []byte, v int64, base, digits int) []byte {
	var buf [24]byte
	s := strconv.AppendInt(buf[:0], v, base)
	for range digits - len(s) {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}
