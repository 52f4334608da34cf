package normalize

import (
	"context"
	"fmt"
	"math"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
)

// Stage is the stage: see the package comment. It keeps the memory of a batch between two calls.
type Stage struct {
	profile profile   // nil: the text stays as it came
	cleaner *cleaner  // nil: so does personal data
	words   *follower // nil: metadata stays as it came
	counts  counts
	out     columnar.Strings
	kept    []bool
	limit   int // bytes of text in a batch: offsets are 32 bit
}

// profile appends what it makes of a document to out.
type profile interface {
	append(out, in []byte) []byte
}

// New makes a stage for one goroutine. The configuration must be valid, and its key read.
func New(cfg Config) pipeline.Stage {
	s := &Stage{limit: math.MaxInt32, cleaner: newCleaner(cfg)}
	switch cfg.Profile {
	case ZhSafe, "":
		s.profile = newZhSafe(&s.counts)
	case NFKC:
		s.profile = newNFKC(&s.counts)
	case None:
		if s.cleaner != nil {
			s.profile = plain{}
		}
	default:
		panic(cfg.Validate()) // programmer error: Validate was not called
	}
	if cfg.KeepWords && cfg.Profile != None {
		s.words = newFollower(cfg)
	}
	return s
}

// Process implements pipeline.Stage. Nothing is allocated for a document that stays.
func (s *Stage) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	rewrites := s.profile != nil
	b.Chars, s.kept = b.Chars[:0], s.kept[:0]
	rejected := len(b.Rejects)
	if rewrites {
		s.reserve(len(b.Text.Data))
	}
	for i := range b.Len() {
		raw := b.Text.At(i)
		t := raw
		if rewrites {
			base := len(s.out.Data)
			s.out.Data = s.profile.append(s.out.Data, raw)
			t = s.out.Data[base:]
			if s.words != nil {
				s.words.follow(b, i, raw, t)
			}
			if s.cleaner != nil {
				s.cleaner.clean(t)
			}
		}
		keep := true
		if len(t) == 0 {
			keep = false
			b.Rejects = append(b.Rejects, emptyReject(b, i, len(raw)))
		} else if len(s.out.Data) > s.limit {
			keep = false
			s.out.Drop()
			b.Rejects = append(b.Rejects, tooLargeReject(b, i, len(raw)))
		}
		if rewrites {
			s.out.Seal()
		}
		b.Chars = append(b.Chars, int32(text.CountRunes(t)))
		s.kept = append(s.kept, keep)
	}
	if rewrites {
		s.swap(b)
	}
	if s.words != nil {
		s.words.finish(b)
	}
	if len(b.Rejects) > rejected {
		b.Keep(s.kept)
	}
	s.counts.flush(&b.Counters)
	if s.cleaner != nil {
		for i := range b.Rejects {
			b.Rejects[i].Detail = s.cleaner.quote(b.Rejects[i].Detail)
		}
		s.cleaner.flush(&b.Counters)
	}
	return b, nil
}

// reserve makes room for texts of so many bytes at once. Text that has grown step by step has left four times its size behind, all of it
// new memory in a process that has just begun.
func (s *Stage) reserve(bytes int) {
	if cap(s.out.Data) < bytes {
		s.out.Data = make([]byte, 0, bytes+bytes/8)
	}
}

// swap gives the batch its new texts and keeps the memory of the old ones, if that is no more than an ordinary batch has.
func (s *Stage) swap(b *columnar.Batch) {
	const ordinary = 32 << 20
	b.Text, s.out = s.out, b.Text
	s.out.Reset()
	if cap(s.out.Data) > ordinary {
		s.out.Data = nil
	}
}

func emptyReject(b *columnar.Batch, row, raw int) columnar.Reject {
	r := columnar.Reject{
		File: b.File[row], Filtered: true, Offset: b.Offset[row], Bytes: int64(raw), Reason: ingest.ReasonEmpty,
	}
	if raw > 0 {
		r.Detail = fmt.Sprintf("%d bytes of white space and invisible characters", raw)
	}
	return r
}

func tooLargeReject(b *columnar.Batch, row, raw int) columnar.Reject {
	return columnar.Reject{
		File: b.File[row], Offset: b.Offset[row], Bytes: int64(raw), Reason: ingest.ReasonTooLarge,
		Detail: fmt.Sprintf("%d bytes that normalise to more than a batch can hold", raw),
	}
}
