package filter

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/text"
)

// Stage tries the entries of a list on every document. It keeps scratch memory between two calls.
type Stage struct {
	list  List
	lines lineSet
	kept  []bool
}

// New makes a stage for one goroutine. It is nil if the list is empty: then there is nothing to do.
func New(list List) (pipeline.Stage, error) {
	if err := list.Validate(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &Stage{list: list}, nil
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
		reason, figure := s.try(t, int(b.Chars[i]))
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

// try returns the reason of the first entry that the document does not meet, with the figure, or "" if it meets all.
func (s *Stage) try(t []byte, chars int) (reason, figure string) {
	for i := range s.list {
		switch c := &s.list[i]; {
		case c.MinChars != nil:
			if chars < *c.MinChars {
				return reasonMinChars, fmt.Sprintf("%d characters, fewer than %d", chars, *c.MinChars)
			}
		case c.MaxChars != nil:
			if chars > *c.MaxChars {
				return reasonMaxChars, fmt.Sprintf("%d characters, more than %d", chars, *c.MaxChars)
			}
		case c.MinHanShare != nil:
			if han, visible := text.CountHan(t); c.MinHanShare.below(han, visible) {
				return reasonMinHanShare,
					fmt.Sprintf("%d of %d characters are Han, less than %v", han, visible, *c.MinHanShare)
			}
		case c.MaxDuplicateLineShare != nil:
			if repeated, all := s.lines.count(t); c.MaxDuplicateLineShare.above(repeated, all) {
				return reasonMaxDuplicateLineShare,
					fmt.Sprintf("%d of %d characters are in repeated lines, more than %v", repeated, all, *c.MaxDuplicateLineShare)
			}
		}
	}
	return "", ""
}
