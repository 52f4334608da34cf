package hostile

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// zipMember is what the directory of a zip file says of a member.
type zipMember struct {
	name           string
	method         uint16
	sum            uint32
	stored, length uint32
	offset         uint32
}

// local is the header in front of a member.
func (m *zipMember) local() []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint32(nil, 0x04034b50), 20, 0, 0, 8)
	b = append(le.AppendUint16(b, m.method), 0, 0, 0x21, 0x5a)
	b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, m.sum), m.stored), m.length)
	return append(le.AppendUint16(le.AppendUint16(b, uint16(len(m.name))), 0), m.name...)
}

// entry is its entry in the directory.
func (m *zipMember) entry() []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint32(nil, 0x02014b50), 20, 0, 20, 0, 0, 8)
	b = append(le.AppendUint16(b, m.method), 0, 0, 0x21, 0x5a)
	b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, m.sum), m.stored), m.length)
	b = append(le.AppendUint16(b, uint16(len(m.name))), make([]byte, 12)...)
	return append(le.AppendUint32(b, m.offset), m.name...)
}

// zipEnd is the end of a zip file of more members than its own end record can count.
func zipEnd(members int, start, end int64) []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint64(le.AppendUint32(nil, 0x06064b50), 44), 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint64(le.AppendUint64(b, uint64(members)), uint64(members))
	b = le.AppendUint64(le.AppendUint64(b, uint64(end-start)), uint64(start))
	b = append(le.AppendUint32(b, 0x07064b50), 0, 0, 0, 0)
	b = append(le.AppendUint64(b, uint64(end)), 1, 0, 0, 0)
	b = append(le.AppendUint32(b, 0x06054b50), 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)
	b = le.AppendUint32(le.AppendUint32(b, uint32(end-start)), uint32(start))
	return append(b, 0, 0)
}

// zipEntries is 10^6 stored members, each a line with its number.
func zipEntries(line string) maker {
	return func(w *output) (n int64, err error) {
		at, directory := int64(0), int64(0)
		each := func(use func(m *zipMember, text []byte) error) error {
			for i := range entries {
				text := fmt.Appendf(nil, line, i)
				size := uint32(len(text))
				if err := use(&zipMember{fmt.Sprintf("%03d/%d.txt", i/1000, i), 0, crc32.ChecksumIEEE(text), size, size, uint32(at)}, text); err != nil {
					return err
				}
			}
			return nil
		}
		err = each(func(m *zipMember, text []byte) error {
			n += int64(len(text))
			k, err := w.Write(append(m.local(), text...))
			at += int64(k)
			return err
		})
		if err != nil {
			return n, err
		}
		start := at
		at = 0
		err = each(func(m *zipMember, text []byte) error {
			k, err := w.Write(m.entry())
			at += int64(len(m.local()) + len(text))
			directory += int64(k)
			return err
		})
		if err != nil {
			return n, err
		}
		_, err = w.Write(zipEnd(entries, start, start+directory))
		return n, err
	}
}

// zipOverlap is 10^6 entries of a directory that are all the same 10 MB.
func zipOverlap(w *output) (int64, error) {
	text := bytes.Repeat([]byte(hanLine+"\n"), 10<<20/len(hanLine))
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(text); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	m := zipMember{"0000000.txt", 8, crc32.ChecksumIEEE(text), uint32(packed.Len()), uint32(len(text)), 0}
	start, err := w.Write(append(m.local(), packed.Bytes()...))
	if err != nil {
		return 0, err
	}
	end := start
	for i := range entries {
		m.name = fmt.Sprintf("%07d.txt", i)
		k, err := w.Write(m.entry())
		if err != nil {
			return 0, err
		}
		end += k
	}
	_, err = w.Write(zipEnd(entries, int64(start), int64(end)))
	return entries * int64(len(text)), err
}

// tarEntries is 10^6 members, each a line with its number.
func tarEntries(compressed bool) maker {
	return func(w *output) (n int64, err error) {
		var out io.Writer = w
		if compressed {
			z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
			if err != nil {
				return 0, err
			}
			defer func() { err = errors.Join(err, z.Close()) }()
			out = z
		}
		t := tar.NewWriter(out)
		for i := range entries {
			text := fmt.Appendf(nil, "一行文字%d\n", i)
			if err := t.WriteHeader(&tar.Header{Name: fmt.Sprintf("%03d/%d.txt", i/1000, i), Mode: 0o644, Size: int64(len(text))}); err != nil {
				return n, err
			}
			if _, err := t.Write(text); err != nil {
				return n, err
			}
			n += 1024
		}
		return n, t.Close()
	}
}
