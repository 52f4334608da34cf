package archive

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"millrace/pipeline"
	"millrace/stages/parse/codec"
)

const (
	tarBlock = 512
	// maxTarName bounds headers that hold nothing but names and attributes of the next one.
	maxTarName = 1 << 20
)

// Tar reads a tar stream (POSIX.1-2001 pax, ustar, GNU, and the seventh edition's). Blocks of zeros are passed over, so
// that archives laid end to end are read whole. Sparse files are rejected: they are no text, and the way to say petabytes
// in a line. A stream that ends without a block of zeros was cut off, though other programs do not mind.
type Tar struct {
	r    io.Reader
	left int64 // of the member's bytes
	pad  int64 // behind them
}

// NewTar starts to read a decoded tar stream.
func NewTar(r io.Reader) *Tar { return &Tar{r: r} }

// IsTar says whether a file begins with the header of a tar member.
func IsTar(head []byte) bool {
	return len(head) >= tarBlock && head[0] != 0 && tarSum(head[:tarBlock])
}

// tarHeader is what one member's headers say.
type tarHeader struct {
	kind   byte
	name   []byte
	size   int64
	sparse bool
}

// Next implements Reader.
func (t *Tar) Next() (Member, error) {
	if err := t.skip(); err != nil {
		return Member{}, err
	}
	var longName []byte
	var pax tarHeader // what an extended header says of the next member
	pax.size = -1
	for {
		h, err := t.header()
		if err != nil {
			return Member{}, err
		}
		switch h.kind {
		case 'L', 'x':
			data, err := t.special()
			if err != nil {
				return Member{}, err
			}
			if h.kind == 'L' {
				longName, _, _ = bytes.Cut(data, []byte{0})
			} else if err := pax.extend(data); err != nil {
				return Member{}, err
			}
			continue
		case 'K', 'g', 'X':
			if err := t.skip(); err != nil {
				return Member{}, err
			}
			continue
		}
		if pax.name != nil {
			h.name = pax.name
		} else if longName != nil {
			h.name = longName
		}
		if pax.size >= 0 {
			t.begin(pax.size)
		}
		m := Member{Name: memberName(h.name), Bytes: t.left}
		switch {
		case strings.IndexByte("123456", h.kind) >= 0: // without content, whatever the size says
			m.Skip, m.Bytes = true, 0
			t.begin(0)
		case h.kind == 'S' || pax.sparse:
			m.Reject, m.Detail = pipeline.ReasonUnsupported, "a sparse file in a tar file"
			if h.kind == 'S' {
				if err := t.sparseMap(h.sparse); err != nil {
					return Member{}, err
				}
			}
		case strings.IndexByte("VMDN", h.kind) >= 0, bytes.HasSuffix(h.name, []byte("/")), hidden(m.Name):
			m.Skip = true
		}
		return m, nil
	}
}

// header reads the next block that is not empty.
func (t *Tar) header() (h tarHeader, err error) {
	var b [tarBlock]byte
	for zeros := false; b == [tarBlock]byte{}; zeros = true {
		if _, err := io.ReadFull(t.r, b[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if zeros && b == [tarBlock]byte{} {
				return h, io.EOF
			}
			return h, truncated()
		} else if err != nil {
			return h, err
		}
	}
	if !tarSum(b[:]) {
		return h, corrupt("no tar header where there should be one")
	}
	size, ok := tarNumber(b[124:136])
	if !ok {
		return h, corrupt("a tar header without a size")
	}
	h.kind, h.name = b[156], tarString(b[:100])
	if string(b[257:263]) == "ustar\x00" {
		if prefix := tarString(b[345:500]); len(prefix) > 0 {
			h.name = append(append(bytes.Clone(prefix), '/'), h.name...)
		}
	}
	h.name = bytes.Clone(h.name)
	h.sparse = b[482] != 0 // the map of a GNU sparse file goes on
	t.begin(size)
	return h, nil
}

func (t *Tar) begin(size int64) { t.left, t.pad = size, -size&(tarBlock-1) }

// skip passes over what is left of a member.
func (t *Tar) skip() error {
	n, err := io.Copy(io.Discard, io.LimitReader(t.r, t.left))
	if err == nil && n < t.left {
		err = truncated()
	}
	if err == nil && t.pad > 0 {
		if _, err = io.CopyN(io.Discard, t.r, t.pad); errors.Is(err, io.EOF) {
			err = truncated()
		}
	}
	t.begin(0)
	return err
}

// special reads the content of a header that describes the next one.
func (t *Tar) special() ([]byte, error) {
	if t.left > maxTarName {
		return nil, corrupt("a tar header of %d bytes", t.left)
	}
	data := make([]byte, t.left)
	if _, err := io.ReadFull(t, data); errors.Is(err, io.EOF) && len(data) > 0 || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, truncated()
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data, t.skip()
}

// sparseMap passes over the further blocks of a GNU sparse map, which lie between header and content.
func (t *Tar) sparseMap(more bool) error {
	var b [tarBlock]byte
	for more {
		if _, err := io.ReadFull(t.r, b[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return truncated()
		} else if err != nil {
			return err
		}
		more = b[504] != 0
	}
	return nil
}

// extend reads the records of a pax header: their length, a key, and a value.
func (h *tarHeader) extend(data []byte) error {
	for len(data) > 0 {
		digits, _, found := bytes.Cut(data, []byte(" "))
		n, err := strconv.Atoi(string(digits))
		if !found || err != nil || n <= len(digits)+1 || n > len(data) || data[n-1] != '\n' {
			return corrupt("an extended tar header that is none")
		}
		key, value, _ := bytes.Cut(data[len(digits)+1:n-1], []byte("="))
		data = data[n:]
		switch {
		case string(key) == "path" || string(key) == "GNU.sparse.name":
			h.name = value
		case string(key) == "size":
			if h.size, err = strconv.ParseInt(string(value), 10, 64); err != nil || h.size < 0 {
				return corrupt("a tar member of %.40q bytes", value)
			}
		}
		h.sparse = h.sparse || bytes.HasPrefix(key, []byte("GNU.sparse."))
	}
	return nil
}

// Read reads the current member.
func (t *Tar) Read(p []byte) (int, error) {
	if t.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := t.r.Read(p[:min(int64(len(p)), t.left)])
	t.left -= int64(n)
	if errors.Is(err, io.EOF) && t.left > 0 {
		err = truncated()
	} else if errors.Is(err, io.EOF) {
		err = nil // comes again
	}
	return n, err
}

// Open implements Reader. Closing the stream does nothing: Next goes on behind the member.
func (t *Tar) Open() (codec.Stream, error) { return tarStream{t}, nil }

type tarStream struct{ *Tar }

func (tarStream) Close() error { return nil }

// tarSum compares the checksum of a header, of which the bytes were signed for some.
func tarSum(b []byte) bool {
	want, ok := tarNumber(b[148:156])
	var unsigned, signed int64
	for i, c := range b {
		if i >= 148 && i < 156 {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return ok && (want == unsigned || want == signed)
}

// tarNumber reads an octal number, or a binary one, which has the highest bit set; false if it is none, or negative.
func tarNumber(b []byte) (int64, bool) {
	if b[0]&0x80 != 0 {
		n := int64(b[0] & 0x7F)
		for _, c := range b[1:] {
			if n >= 1<<54 {
				return 0, false
			}
			n = n<<8 | int64(c)
		}
		return n, n >= 0
	}
	digits := string(bytes.Trim(b, " \x00"))
	if digits == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(digits, 8, 64)
	return n, err == nil && n >= 0
}

func tarString(b []byte) []byte {
	s, _, _ := bytes.Cut(b, []byte{0})
	return s
}
