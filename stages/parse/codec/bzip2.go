package codec

import (
	"bytes"
	"compress/bzip2"
	"io"
)

// bzip2Magic wants the mark of the first block, or of the end of an empty file, behind the level: three letters and a
// digit are too little.
func bzip2Magic(head []byte) bool {
	if len(head) < 10 || string(head[:3]) != "BZh" || head[3] < '1' || head[3] > '9' {
		return false
	}
	return bytes.HasPrefix(head[4:], []byte("\x31\x41\x59\x26\x53\x59")) || bytes.HasPrefix(head[4:], []byte("\x17\x72\x45\x38\x50\x90"))
}

// bzip2Stream decodes any number of streams, as parallel compressors write them. The library's
// decoder cannot be used again, so there is no pool; it holds 4 MB.
type bzip2Stream struct{ sticky[io.Reader] }

func openBzip2(src *Source) (Stream, error) {
	return &bzip2Stream{sticky[io.Reader]{name: Bzip2, dec: bzip2.NewReader(src)}}, nil
}

func (s *bzip2Stream) Close() error {
	s.dec, s.err = nil, errClosed
	return nil
}
