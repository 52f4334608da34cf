// Package codec decodes compressed input files as streams. It knows stored bytes and decoded bytes, not records. Every
// decoder runs on the caller's goroutine in bounded memory, is taken from a pool and given back, and says of damaged input
// where it stopped and with which reason. A new codec is one file and one line in the table.
package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Names of the codecs, as plans write them.
const (
	None  = ""
	Gzip  = "gzip"
	Zstd  = "zstd"
	Bzip2 = "bzip2"
	Xz    = "xz"
	Lz4   = "lz4"
	// Deflate is never detected: it is what the members of zip files are compressed with.
	Deflate = "deflate"
)

// Stream is a decoded stream. After an error or the end it may only be closed. Close gives the decoder back.
type Stream interface {
	io.Reader
	io.Closer
}

// table has one entry a codec: how it is recognised and how it is opened.
var table = []struct {
	name     string
	suffixes []string
	magic    func(head []byte) bool
	open     func(src *Source) (Stream, error)
}{
	{None, nil, func([]byte) bool { return false }, openNone},
	{Gzip, []string{".gz", ".gzip", ".bgz", ".bgzf"}, gzipMagic, openGzip},
	{Lz4, []string{".lz4"}, lz4Magic, openLz4}, // before zstd, which is also what only skippable frames are taken for
	{Zstd, []string{".zst", ".zstd"}, zstdMagic, openZstd},
	{Bzip2, []string{".bz2", ".bzip2"}, bzip2Magic, openBzip2},
	{Xz, []string{".xz"}, xzMagic, openXz},
	{Deflate, nil, func([]byte) bool { return false }, openDeflate},
}

// Open starts to decode src. An error of damaged input is like one of Read: see Reason.
func Open(name string, src *Source) (Stream, error) {
	for _, c := range table {
		if c.name == name {
			return c.open(src)
		}
	}
	return nil, pipeline.Permanent(fmt.Errorf("unknown compression %q", name))
}

// Detect names the codec of a file by its first bytes.
func Detect(head []byte) string {
	for _, c := range table {
		if c.magic(head) {
			return c.name
		}
	}
	return None
}

// shortSuffixes stand for two endings.
var shortSuffixes = map[string]string{
	".tgz": ".tar", ".taz": ".tar", ".tzst": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".tb2": ".tar", ".txz": ".tar", ".tlz4": ".tar",
}

// TrimSuffix cuts the ending that a codec adds to the name of a file, which is in lower case.
func TrimSuffix(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && shortSuffixes[name[i:]] != "" {
		return name[:i] + shortSuffixes[name[i:]]
	}
	for _, c := range table {
		for _, s := range c.suffixes {
			if rest, ok := strings.CutSuffix(name, s); ok && rest != "" {
				return rest
			}
		}
	}
	return name
}

// Head decodes what the first bytes of a stored file hold, up to limit bytes. Damage and the cut end are no errors here:
// the result is shorter.
func Head(name string, stored []byte, limit int) []byte { return Windows{}.Head(name, stored, limit) }

// Head is Head within these windows.
func (w Windows) Head(name string, stored []byte, limit int) []byte {
	if name == None {
		return stored[:min(len(stored), limit)]
	}
	src := NewSource()
	src.SetWindows(w)
	src.Reset(bytes.NewReader(stored), 0, int64(len(stored)))
	s, err := Open(name, src)
	if err != nil {
		return nil
	}
	out := make([]byte, limit)
	n, _ := io.ReadFull(s, out) // what could be decoded is what there is to see
	if s.Close() != nil {
		return nil
	}
	return slices.Clip(out[:n])
}

// sticky reads from a decoder until its first error, under the name of the codec, and then gives this again: decoders
// differ in what they do behind one.
type sticky[D io.Reader] struct {
	name string
	dec  D
	err  error
}

func (s *sticky[D]) Read(p []byte) (int, error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	n, err := s.dec.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	s.err = err
	if n > 0 {
		return n, nil
	}
	return 0, s.err
}

// errClosed is what a stream gives after Close.
var errClosed = errors.New("closed")

// errExpansion marks an error of input that asks for more memory than a decoder gives.
var errExpansion = errors.New("window too large")

// Reason classifies an error of a stream whose source is whole.
func Reason(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ingest.ReasonTruncated
	case errors.Is(err, errExpansion):
		return ingest.ReasonExpansion
	}
	return ingest.ReasonCorrupt
}

type noneStream struct{ *Source }

func openNone(src *Source) (Stream, error) { return noneStream{src}, nil }

// Read goes past the buffer, which is for decoders.
func (s noneStream) Read(p []byte) (int, error) { return s.readAt(p) }

func (noneStream) Close() error { return nil }
