package filter

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// Stage tries the entries of a list on every document. It keeps scratch memory between two calls.
type Stage struct {
	list []condition
	doc  document
	kept []bool
}

// New makes a stage for one goroutine. It is nil if the list is empty: then there is nothing to do.
func New(list List) (pipeline.Stage, error) {
	conditions, err := list.conditions()
	if err != nil || len(conditions) == 0 {
		return nil, err
	}
	return &Stage{list: conditions}, nil
}

// Process implements pipeline.Stage. It needs the character counts that normalize has set; nothing is allocated for a
// document that stays.
func (s *Stage) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	if len(b.Chars) != b.Len() {
		return nil, fmt.Errorf("filter: batch of %d documents has %d character counts", b.Len(), len(b.Chars))
	}
	s.kept = s.kept[:0]
	rejected := len(b.Rejects)
	for i := range b.Len() {
		t := b.Text.At(i)
		s.doc.text, s.doc.chars = t, int(b.Chars[i])
		reason, figure := s.try()
		if reason != "" {
			b.Rejects = append(b.Rejects, columnar.Reject{
				File: b.File[i], Filtered: true, Offset: b.Offset[i], Bytes: int64(len(t)),
				Reason: reason, Detail: detail(figure, t),
			})
		}
		s.kept = append(s.kept, reason == "")
	}
	if len(b.Rejects) > rejected {
		b.Keep(s.kept)
	}
	return b, nil
}

// try returns the reason of the first condition that the document does not meet, with the figure, or "" if it meets all.
func (s *Stage) try() (reason, figure string) {
	for i := range s.list {
		c := &s.list[i]
		if f := c.of.take(&s.doc); !c.bound.Meets(f) {
			return c.name, c.bound.Says(f, c.of.counted)
		}
	}
	return "", ""
}
