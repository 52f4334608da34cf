package filter

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Stage tries the rules of a list on every document. It keeps scratch memory between two calls.
type Stage struct {
	tester *Tester
	files  func(file int32) (source, path string)
	keeps  func(file int32, offset int64) bool
	doc    Document
	kept   []bool
}

// New makes a stage for one goroutine. It is nil if there is no rule: then there is nothing to do. files says of the files of the plan
// which they are, and keeps of a document that is dropped whether it is kept for people to read; nil: none is.
func New(r *Rules, files func(file int32) (source, path string), keeps func(file int32, offset int64) bool) pipeline.Stage {
	if len(r.All) == 0 {
		return nil
	}
	return &Stage{tester: r.Tester(), files: files, keeps: keeps}
}

// Process implements pipeline.Stage. It needs the character counts that normalize has set. Nothing is allocated for a document that stays,
// unless a rule is an expression. Families of signals are measured when the first rule needs them, and those of rules behind the one that
// drops a document are not.
func (s *Stage) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	if len(b.Chars) != b.Len() {
		return nil, fmt.Errorf("filter: batch of %d documents has %d character counts", b.Len(), len(b.Chars))
	}
	s.kept = s.kept[:0]
	rejected := len(b.Rejects)
	for i := range b.Len() {
		s.doc.Text, s.doc.Chars, s.doc.Meta = b.Text.At(i), int(b.Chars[i]), b.Meta.At(i)
		if s.tester.rules.fields {
			s.doc.Source, s.doc.Path = s.files(b.File[i])
		}
		unmet, says := s.try()
		if unmet != nil {
			if s.keeps != nil && s.keeps(b.File[i], b.Offset[i]) {
				b.Removed.Add(len(b.Rejects), s.doc.Text, s.doc.Meta, b.Chars[i])
			}
			b.Rejects = append(b.Rejects, columnar.Reject{
				File: b.File[i], Filtered: true, Offset: b.Offset[i], Bytes: int64(len(s.doc.Text)),
				Reason: unmet.Reason, Detail: detail(says(), s.doc.Text),
			})
		}
		s.kept = append(s.kept, unmet == nil)
	}
	if len(b.Rejects) > rejected {
		b.Keep(s.kept)
	}
	return b, nil
}

// try returns the first rule that the document does not meet, with what is said of it, or nil if it meets all.
func (s *Stage) try() (unmet *Rule, says func() string) {
	s.tester.Next(&s.doc)
	for i := range s.tester.rules.All {
		if met, says := s.tester.Meets(i); !met {
			return &s.tester.rules.All[i], says
		}
	}
	return nil, nil
}
