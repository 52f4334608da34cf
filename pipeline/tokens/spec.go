package tokens

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Accepts says why a release cannot be written in the format, nil if it can.
func (f *Format) Accepts(s Spec) error {
	if err := s.validate(); err != nil {
		return err
	}
	if f.Fixed && s.Length == 0 {
		return fmt.Errorf("format %s: its sequences are all of one length: pack them to a length", f.Name)
	}
	if f.Check == nil {
		return nil
	}
	if err := f.Check(s); err != nil {
		return fmt.Errorf("format %s: %w", f.Name, err)
	}
	return nil
}

func (s Spec) validate() error {
	switch {
	case s.Vocabulary < 1 || s.Vocabulary > math.MaxInt32:
		return fmt.Errorf("a vocabulary of %d tokens is not between 1 and %d", s.Vocabulary, math.MaxInt32)
	case s.Length < 0 || s.Length > math.MaxInt32:
		return fmt.Errorf("sequences of %d tokens", s.Length)
	case s.EOS < -1 || int(s.EOS) >= s.Vocabulary:
		return fmt.Errorf("the end token %d is none of the %d of the vocabulary", s.EOS, s.Vocabulary)
	case s.Pad < -1 || int(s.Pad) >= s.Vocabulary:
		return fmt.Errorf("the padding token %d is none of the %d of the vocabulary", s.Pad, s.Vocabulary)
	}
	return nil
}

// narrowest is the largest vocabulary whose ids fit two bytes.
const narrowest = 1 << 16

// TokenBytes is how many bytes a token has where formats have integers of two widths: 2 or 4.
func (s Spec) TokenBytes() int {
	if s.Vocabulary <= narrowest {
		return 2
	}
	return 4
}

// Check returns what is wrong with a sequence, but for its ids: see AppendTokens.
func (s Spec) Check(q *Sequence) error {
	switch {
	case s.Length > 0 && len(q.Tokens) != s.Length:
		return fmt.Errorf("a sequence of %d tokens, they are packed to %d", len(q.Tokens), s.Length)
	case len(q.Tokens) > math.MaxInt32:
		return fmt.Errorf("a sequence of %d tokens", len(q.Tokens))
	case q.Padded < 0 || q.Padded > len(q.Tokens):
		return fmt.Errorf("%d of %d tokens are padding", q.Padded, len(q.Tokens))
	case len(q.IDs) != len(q.Starts):
		return fmt.Errorf("%d documents with %d ids", len(q.Starts), len(q.IDs))
	case len(q.Starts) > 0 && q.Starts[0] != 0, len(q.Starts) == 0 && len(q.Tokens) > q.Padded:
		return errors.New("a sequence that no document begins")
	}
	for i, start := range q.Starts {
		if i > 0 && start < q.Starts[i-1] || int(start) > q.Text() {
			return fmt.Errorf("document %d of a sequence begins at %d of %d tokens of text", i, start, q.Text())
		}
	}
	return nil
}

// Text is how many tokens are no padding.
func (q *Sequence) Text() int { return len(q.Tokens) - q.Padded }

// End is where a document of the sequence, or the part of it, ends.
func (q *Sequence) End(i int) int {
	if i+1 < len(q.Starts) {
		return int(q.Starts[i+1])
	}
	return q.Text()
}

// AppendTokens appends ids as little-endian integers of TokenBytes. An id that the vocabulary lacks is an error.
func (s Spec) AppendTokens(dst []byte, ids []int32) ([]byte, error) {
	first, width := len(dst), s.TokenBytes()
	dst = slices.Grow(dst, width*len(ids))[:first+width*len(ids)]
	limit, bad := uint32(s.Vocabulary), -1
	out := dst[first:]
	for i, id := range ids {
		if uint32(id) >= limit {
			bad = i
		}
		if width == 2 {
			binary.LittleEndian.PutUint16(out, uint16(id))
		} else {
			binary.LittleEndian.PutUint32(out, uint32(id))
		}
		out = out[width:]
	}
	if bad >= 0 {
		return dst, fmt.Errorf("token %d is none of the %d of the vocabulary", ids[bad], s.Vocabulary)
	}
	return dst, nil
}
