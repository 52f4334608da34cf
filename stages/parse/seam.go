package parse

import (
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// seam is the decoded stream of a piece of a compressed file that another piece follows. It decodes up to where the file was
// cut, and then on from there, and makes sure that the cut is where the index of the file puts it: the other piece trusts in
// that, so documents between the two would be in neither, or in both.
type seam struct {
	compression string
	object      pipeline.Object
	source      *codec.Source
	at          ingest.Piece

	stream codec.Stream
	left   int64 // bytes until the cut; negative behind it
	err    error
}

func openSeam(compression string, object pipeline.Object, source *codec.Source, at ingest.Piece) (*seam, error) {
	s := &seam{compression: compression, object: object, source: source, at: at, left: at.To - at.From}
	return s, s.open(at.Start, at.End)
}

func (s *seam) open(start, end int64) error {
	s.source.Reset(s.object, start, end)
	stream, err := codec.Open(s.compression, s.source)
	if err == nil { // otherwise there is still one to be closed
		s.stream = stream
	}
	return err
}

func (s *seam) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.left < 0 {
		return s.stream.Read(p)
	}
	n, err := s.stream.Read(p[:min(int64(len(p)), s.left+1)]) // one more, which must not be there
	if int64(n) > s.left {
		n, err = int(s.left), s.wrong("more than")
	}
	s.left -= int64(n)
	switch {
	case err == nil, s.source.Err() != nil:
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = s.wrong("other than")
	case errors.Is(err, io.EOF) && s.left > 0:
		err = s.wrong("less than")
	case errors.Is(err, io.EOF):
		if err = s.stream.Close(); err == nil {
			s.left = -1
			err = s.open(s.at.End, s.object.Size())
		}
	}
	s.err = err
	return n, err
}

func (s *seam) wrong(what string) error {
	return fmt.Errorf("%s: the bytes from %d to %d decode to %s the %d that the index of the file says",
		s.compression, s.at.Start, s.at.End, what, s.at.To-s.at.From)
}

func (s *seam) Close() error { return s.stream.Close() }
