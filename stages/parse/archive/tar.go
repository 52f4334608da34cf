package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Tar reads a tar stream (POSIX.1-2001 pax, ustar, GNU, star, and the seventh edition's). Blocks of zeros are passed over, so
// that archives laid end to end are read whole. Sparse files are rejected: they are no text, and the way to say petabytes
// in a line. A stream that ends without a block of zeros was cut off, though other programs do not mind.
type Tar struct {
	blocks *tarBlocks
	in     *tar.Reader
	sparse bool // the current member is, and only the library knows where it ends
}

// NewTar starts to read a decoded tar stream.
func NewTar(r io.Reader) *Tar {
	b := &tarBlocks{r: r}
	return &Tar{blocks: b, in: tar.NewReader(b)}
}

// IsTar says whether a file begins with the header of a tar member.
func IsTar(head []byte) bool {
	if len(head) < tarBlock || head[0] == 0 || !maySum(head[tarSum:tarSum+tarSumBytes]) {
		return false
	}
	_, err := tar.NewReader(bytes.NewReader(head[:tarBlock])).Next()
	return !errors.Is(err, tar.ErrHeader) // another error is about what lies behind it
}

// Where the sum of a header stands in it.
const (
	tarSum      = 148
	tarSumBytes = 8
)

// maySum says whether a field begins like an octal number, as the sum of every header does. Text hardly ever has one in this place.
func maySum(field []byte) bool {
	for _, c := range field {
		if c != ' ' && c != 0 {
			return '0' <= c && c <= '7'
		}
	}
	return true
}

// Next implements Reader.
func (t *Tar) Next() (Member, error) {
	const solarisHeader = 'X' // what 'x' became
	for {
		h, err := t.header()
		if err != nil {
			return Member{}, t.damage(err)
		}
		if h.Typeflag != tar.TypeXGlobalHeader && h.Typeflag != solarisHeader {
			return t.member(h), nil
		}
	}
}

// header goes to the next header of a member, or of attributes for all of them.
func (t *Tar) header() (*tar.Header, error) {
	if !t.sparse {
		if _, err := io.Copy(io.Discard, t.in); err != nil { // what is left of the member
			return nil, err
		}
		t.blocks.header, t.blocks.zeros = true, false
	}
	h, err := t.in.Next()
	if t.sparse && errors.Is(err, io.EOF) && t.blocks.zeros {
		// The library met the zeros behind the member and takes them for the end of all.
		t.in, t.sparse, t.blocks.header = tar.NewReader(t.blocks), false, true
		h, err = t.in.Next()
	}
	switch {
	case err == nil, errors.Is(err, tar.ErrInsecurePath): // if the environment says so; here names are only names
		t.sparse = isSparse(h)
		return h, nil
	case errors.Is(err, io.EOF) && !t.blocks.zeros:
		return nil, io.ErrUnexpectedEOF
	}
	return nil, err
}

func (t *Tar) member(h *tar.Header) Member {
	m := Member{Name: memberName([]byte(h.Name)), Bytes: h.Size}
	switch {
	case strings.IndexByte("123456", h.Typeflag) >= 0: // without content, whatever the size says
		m.Skip, m.Bytes = true, 0
	case t.sparse:
		m.Reject, m.Detail = ingest.ReasonUnsupported, "a sparse file in a tar file"
		m.Bytes = t.blocks.stored(h)
	case strings.IndexByte("VMDN", h.Typeflag) >= 0, strings.HasSuffix(h.Name, "/"), hidden(m.Name):
		m.Skip = true
	}
	return m
}

func isSparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// Read reads the current member.
func (t *Tar) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	return n, t.damage(err)
}

// Open implements Reader. Closing the stream does nothing: Next goes on behind the member.
func (t *Tar) Open() (codec.Stream, error) { return tarStream{t}, nil }

type tarStream struct{ *Tar }

func (tarStream) Close() error { return nil }

// damage says what an error means: one of the bytes that are read stays as it is.
func (t *Tar) damage(err error) error {
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case t.blocks.err != nil:
		return t.blocks.err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return truncated()
	case errors.Is(err, tar.ErrHeader):
		return corrupt("no tar header where there should be one")
	}
	return corrupt("%v", err)
}
