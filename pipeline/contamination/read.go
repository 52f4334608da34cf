package contamination

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline"
)

// Bounds of what is read.
const (
	mostLine  = 16 << 20  // bytes of one line
	mostArray = 256 << 20 // bytes of a file that is one array: it is read as a whole
	mostText  = 1 << 30   // bytes of the texts of a set
)

// OpenSet reads the set of a file.
func OpenSet(ctx context.Context, c SetConfig) (s *Set, err error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return ReadSet(ctx, c, f)
}

// ReadSet reads a set: JSON Lines or one JSON array of objects, as it is or in gzip or zstd, whatever the file is called. A line of nothing but
// blanks is none. What cannot be read, an item without a question among it, is an error that names the set and the line. It takes memory in
// proportion to the texts, which are at most 1 GiB.
func ReadSet(ctx context.Context, c SetConfig, from io.Reader) (s *Set, err error) {
	s = &Set{Name: c.name(), Fields: c.Fields, AnswerAlone: c.AnswerAlone}
	defer pipeline.Wrap(&err, "evaluation set %s", s.Name)
	r := bufio.NewReaderSize(from, 64<<10)
	r, end, err := decoded(r)
	if err != nil {
		return nil, err
	}
	defer end()
	reading := &setReader{Set: s, recognised: c.given()}
	if first, err := firstVisible(r); err != nil {
		return nil, err
	} else if first == '[' {
		err = reading.array(ctx, r)
		return s, err
	}
	err = reading.lines(ctx, r)
	return s, err
}

// decoded is the content of a file in one of the codecs; end gives back what that takes.
func decoded(r *bufio.Reader) (content *bufio.Reader, end func(), err error) {
	magic, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReaderSize(z, 64<<10), func() {}, nil
	case bytes.Equal(magic, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReaderSize(z, 64<<10), z.Close, nil
	}
	return r, func() {}, nil
}

// firstVisible passes over a byte order mark and blanks, and looks at what comes then: 0 at the end.
func firstVisible(r *bufio.Reader) (byte, error) {
	if mark, _ := r.Peek(3); string(mark) == "\uFEFF" {
		_, _ = r.Discard(3) // they were peeked
	}
	for n := 1; ; n++ {
		b, err := r.Peek(n)
		if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		if c := b[n-1]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, nil
		}
	}
}

// setReader is the reading of one set.
type setReader struct {
	*Set
	recognised bool
	bytes      int // of texts
}

// lines reads JSON Lines.
func (s *setReader) lines(ctx context.Context, r io.Reader) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 64<<10), mostLine)
	n := 0
	for scan.Scan() {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		line := bytes.TrimSpace(scan.Bytes())
		if len(line) == 0 {
			continue
		}
		o, err := parseObject(line)
		if err := s.add(o, n, err); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("line %d has more than %d bytes", n+1, mostLine)
	} else if err != nil {
		return err
	}
	return s.end()
}

// array reads one JSON array.
func (s *setReader) array(ctx context.Context, r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: mostArray}
	d := json.NewDecoder(limited)
	err := func() error {
		if _, err := d.Token(); err != nil {
			return err
		}
		n := 0
		for d.More() {
			if n++; n%1024 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return err
			}
			o, err := parseObject(raw)
			if err := s.add(o, n, err); err != nil {
				return fmt.Errorf("item %d: %w", n, err)
			}
		}
		if _, err := d.Token(); err != nil {
			return err
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return errors.New("something stands behind the array")
		}
		return nil
	}()
	switch {
	case err != nil && limited.N == 0:
		return pipeline.WithHint(fmt.Errorf("an array of more than %d bytes", mostArray), "write it as JSON Lines, one item a line")
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	}
	return s.end()
}

// parseObject reads one object.
func parseObject(data []byte) (o object, err error) {
	if len(data) > mostLine {
		return nil, fmt.Errorf("it has more than %d bytes", mostLine)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	if _, more := d.Token(); !errors.Is(more, io.EOF) {
		return nil, errors.New("something stands behind the object")
	}
	return o, nil
}

// add adds an item, of which err says how it was read.
func (s *setReader) add(o object, line int, err error) error {
	if err != nil {
		return err
	}
	if o == nil {
		return errors.New("it is no object")
	}
	if !s.recognised {
		if err := s.recognise(o); err != nil {
			return pipeline.WithHint(err, "say which fields are the question, and which the choices, the answer and the passage")
		}
		s.recognised = true
	}
	it, err := s.item(o, line)
	if err != nil {
		return err
	}
	if it.ID == "" {
		it.ID = strconv.Itoa(line)
	}
	s.bytes += len(it.Question) + len(it.Answer) + len(it.Passage) + len(it.ID)
	for _, c := range it.Choices {
		s.bytes += len(c)
	}
	if s.bytes > mostText {
		return fmt.Errorf("the set has more than %d bytes of text", mostText)
	}
	s.Items = append(s.Items, it)
	return nil
}

// end is called behind the last item.
func (s *setReader) end() error {
	if len(s.Items) == 0 {
		return errors.New("it has no item")
	}
	return nil
}
