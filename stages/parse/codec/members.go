package codec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Every gzip member has at least memberBytes bytes, and one byte more for each maxRatio bytes that it decodes to: the most
// that deflate can do is 258 bytes for two bits.
const (
	memberBytes = 18
	maxRatio    = 1032
)

// MemberRecords is how many records of a gzip member, of which the last begins so many decoded bytes from its start, can
// have numbers that stay below the member's stored size, whatever the data.
func MemberRecords(decoded int64) int64 { return memberBytes + decoded/maxRatio }

// Members reads the members of a gzip file one by one. Its Read ends with each. Not safe for concurrent use.
type Members struct {
	src  *Source
	end  int64
	dec  *gzip.Reader
	err  error // of the member; io.EOF between two
	open bool  // a member has begun
}

// NewMembers starts with the member that begins where src stands. Only members that begin before end are read.
func NewMembers(src *Source, end int64) *Members {
	return &Members{src: src, end: end, dec: gzipPool.Get().(*gzip.Reader), err: io.EOF}
}

// Next goes to the next member, whatever was read of the one before, and returns where it begins, or should begin if there
// is an error; io.EOF behind the last.
// Members that do not end where the file was to be cut are an error: then that was none of their ends.
func (m *Members) Next() (at int64, err error) {
	if _, err := io.Copy(io.Discard, m); err != nil {
		return m.src.Pos(), err
	}
	at = m.src.Pos()
	switch {
	case at == m.end:
		return at, io.EOF
	case at > m.end:
		return at, fmt.Errorf("gzip: a member goes on to %d, behind the cut at %d", at, m.end)
	}
	if s := (gzipStream{src: m.src}); m.open && s.padding() {
		return at, io.EOF
	}
	m.open = true
	s := gzipStream{src: m.src, dec: m.dec}
	m.err = s.member()
	return at, m.err
}

// Read reads the current member.
func (m *Members) Read(p []byte) (int, error) {
	if m.err != nil || len(p) == 0 {
		return 0, m.err
	}
	n, err := m.dec.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("gzip: %w", err)
	}
	if m.err = err; n > 0 {
		return n, nil
	}
	return 0, m.err
}

// Close gives the decoder back.
func (m *Members) Close() error {
	if m.dec != nil {
		gzipPool.Put(m.dec)
	}
	m.dec, m.err = nil, errClosed
	return nil
}

const (
	// proofBytes is how far whole members, with their checksums, must follow each other to count as members. Deflate copies
	// bytes as they are in blocks of at most 65535, so members inside of a member, as of a crawled archive, end before.
	proofBytes = 1 << 17
	// proofLimit bounds what a proof decodes, in stored bytes. Larger members are not cut before.
	proofLimit = 8 << 20
)

// FindMembers looks for places to cut a gzip file of many small members: member starts about every so many stored bytes.
func FindMembers(ctx context.Context, object io.ReaderAt, size, every int64) (starts []int64, err error) {
	every = max(every, proofBytes)
	src := NewSource()
	for target := every; target < size-every/2; target += every {
		at, err := findMember(ctx, src, object, size, target, target+every/2)
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			starts = append(starts, at)
		}
	}
	return starts, nil
}

// findMember returns the first member that begins in [from, to), or -1.
func findMember(ctx context.Context, src *Source, object io.ReaderAt, size, from, to int64) (int64, error) {
	const window, header = 256 << 10, 10
	mark := []byte{0x1F, 0x8B, 8}
	buf := make([]byte, window)
	budget := int64(4 * proofLimit)
	for from < to && budget > 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := object.ReadAt(buf[:min(window, size-from)], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if n < header {
			return -1, nil
		}
		for i := 0; i <= n-header; i++ {
			k := bytes.Index(buf[i:n], mark)
			if k < 0 {
				break
			}
			if i += k; i > n-header || from+int64(i) >= to {
				break
			}
			if buf[i+3]&0xE0 != 0 { // flags that nobody may set
				continue
			}
			src.Reset(object, from+int64(i), size)
			ok := provesMembers(src)
			if err := src.Err(); err != nil {
				return 0, err
			}
			if ok {
				return from + int64(i), nil
			}
			budget -= src.Pos() - from - int64(i)
		}
		from += int64(n - header + 1)
	}
	return -1, nil
}

// provesMembers says whether members follow each other from where src stands on.
func provesMembers(src *Source) bool {
	const decodedLimit = 16 * proofLimit
	start, decoded := src.Pos(), int64(0)
	m := NewMembers(src, src.end)
	defer func() { _ = m.Close() }() // it has nothing to say
	for src.Pos()-start < proofBytes {
		if _, err := m.Next(); errors.Is(err, io.EOF) {
			return true
		} else if err != nil {
			return false
		}
		for {
			n, err := io.CopyN(io.Discard, m, 1<<20)
			if errors.Is(err, io.EOF) {
				break
			}
			if decoded += n; err != nil || decoded > decodedLimit || src.Pos()-start > proofLimit {
				return false
			}
		}
	}
	return true
}

// Memberwise says whether a gzip file begins with a member that ends within its first bytes, and is followed by another.
func Memberwise(head []byte) bool {
	src := NewSource()
	src.Reset(bytes.NewReader(head), 0, int64(len(head)))
	m := NewMembers(src, int64(len(head)))
	defer func() { _ = m.Close() }() // it has nothing to say
	for range 2 {
		if _, err := m.Next(); err != nil {
			return false
		}
	}
	return true
}
