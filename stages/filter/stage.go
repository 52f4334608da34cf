package filter

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/rule"
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
		unmet, figure := s.try()
		if unmet != nil {
			b.Rejects = append(b.Rejects, columnar.Reject{
				File: b.File[i], Filtered: true, Offset: b.Offset[i], Bytes: int64(len(t)),
				Reason: unmet.name, Detail: detail(unmet.bound.Says(figure, unmet.of.counted), t),
			})
		}
		s.kept = append(s.kept, unmet == nil)
	}
	if len(b.Rejects) > rejected {
		b.Keep(s.kept)
	}
	return b, nil
}

// try returns the first condition that the document does not meet, with its figure, or nil if it meets all.
func (s *Stage) try() (unmet *condition, figure rule.Figure) {
	for i := range s.list {
		c := &s.list[i]
		if figure = c.of.take(&s.doc); !c.bound.Meets(figure) {
			return c, figure
		}
	}
	return nil, figure
}
