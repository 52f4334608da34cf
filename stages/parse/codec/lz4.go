package codec

import (
	"encoding/binary"
	"sync"

	"github.com/pierrec/lz4/v4"
)

// Marks of frames. The mark of a skippable frame, in its last four bits any, is that of zstd too.
const (
	lz4Mark       = 0x184D2204
	lz4LegacyMark = 0x184C2102
	skippableMark = 0x184D2A50
)

func lz4Magic(head []byte) bool {
	m, ok := firstMark(head)
	return ok && (m == lz4Mark || m == lz4LegacyMark)
}

// firstMark returns the first four bytes behind what skippable frames a file begins with.
func firstMark(head []byte) (mark uint32, ok bool) {
	for len(head) >= 4 {
		mark = binary.LittleEndian.Uint32(head)
		if mark&^0xF != skippableMark {
			return mark, true
		}
		if len(head) < 8 {
			return mark, true
		}
		size := uint64(binary.LittleEndian.Uint32(head[4:]))
		if size > uint64(len(head)-8) {
			return mark, true
		}
		head = head[8+size:]
	}
	return skippableMark, mark != 0
}

var lz4Pool sync.Pool

// lz4Stream decodes any number of frames (the frame format, and the older one of Linux images), on the caller's goroutine,
// in one block of at most 8 MiB.
type lz4Stream struct{ sticky[*lz4.Reader] }

func openLz4(src *Source) (Stream, error) {
	dec, _ := lz4Pool.Get().(*lz4.Reader)
	if dec == nil {
		dec = lz4.NewReader(nil)
		if err := dec.Apply(lz4.ConcurrencyOption(1)); err != nil {
			return nil, err
		}
	}
	dec.Reset(src)
	return &lz4Stream{sticky[*lz4.Reader]{name: Lz4, dec: dec}}, nil
}

func (s *lz4Stream) Close() error {
	if s.dec != nil {
		s.dec.Reset(nil)
		lz4Pool.Put(s.dec)
	}
	s.dec, s.err = nil, errClosed
	return nil
}
