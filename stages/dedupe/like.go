package dedupe

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// Like is a text that documents of a corpus are compared with, as a document that comes anew is with those that are there. Safe for
// concurrent use.
type Like struct {
	group  group // knows how records are compared
	record record
	text   []byte
	set    []uint64
}

// NewLike is of a text as documents are written, which is normalised. cfg must be valid.
func NewLike(cfg Config, text []byte) (*Like, error) {
	if len(text) == 0 {
		return nil, errors.New("the text to compare with is empty")
	}
	l := &Like{group: group{cfg: cfg}, text: text}
	l.group.least, l.group.sure = cfg.doubt()
	var s columnar.Sketch
	shingle.NewSigner(cfg.Threshold, cfg.MinShingles).Append(&s, text)
	copy(l.record.signature()[:], s.Signature)
	*l.record.exact(), *l.record.key() = s.Exact[0], s.Key[0]
	l.record.setCounts(int(s.Shingles[0]), uint32(len(text)))
	if len(text) <= shingle.LongBytes {
		var sh shingle.Shingler
		l.set = append(l.set, sh.Set(text)...)
	}
	return l, nil
}

// Candidates calls yield with every document first..end-1 of a version that may resemble the text, by its rank, in order: sure, or such
// that their texts have to be compared. files are the version's signature files. Memory is one buffer.
func (l *Like) Candidates(ctx context.Context, s pipeline.Store, files []string, first, end int64, yield func(rank int64, sure bool) error) error {
	which := func(signatureFile) (uint64, uint64, error) { return uint64(first), uint64(end), nil }
	for _, name := range files {
		err := scanSignatures(ctx, s, name, which, func(number uint64, r *record) error {
			kind, score := l.group.verify(&l.record, r)
			if kind == 0 {
				return nil
			}
			return yield(int64(number), score >= l.group.sure)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Comparer returns what says of texts whether they resemble that of the Like to the threshold, by the sets of their shingles. It is for
// one goroutine.
func (l *Like) Comparer() func(text []byte) bool {
	threshold := l.group.cfg.Threshold
	if l.set == nil {
		return func(text []byte) bool {
			return shingle.NewLongText(text).Compare(shingle.NewLongText(l.text)).Reaches(threshold)
		}
	}
	var probe shingle.Probe
	var shingler shingle.Shingler
	probe.Fill(l.set)
	return func(text []byte) bool {
		if len(text) > shingle.LongBytes {
			return shingle.NewLongText(text).Compare(shingle.NewLongText(l.text)).Reaches(threshold)
		}
		return probe.Compare(shingler.Set(text)).Reaches(threshold)
	}
}
