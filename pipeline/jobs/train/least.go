package train

import (
	"fmt"
	"math/bits"

	"github.com/millrace/millrace/pipeline"
)

// tally is how many pre-tokens there are by how often they occur.
type tally struct {
	few  [exactCounts]sums // that occur so often
	many [64]sums          // that occur 2^n times or more, and fewer than 2^(n+1)
}

// exactCounts is from which count on only its power of two is told apart.
const exactCounts = 1 << 16

// sums are of some pre-tokens.
type sums struct{ pretokens, occurrences, bytes int64 }

func (s *sums) add(t sums) {
	s.pretokens += t.pretokens
	s.occurrences += t.occurrences
	s.bytes += t.bytes
}

// add adds a pre-token of so many bytes.
func (t *tally) add(count int64, bytes int) {
	s := &t.many[bits.Len64(uint64(count))-1]
	if count < exactCounts {
		s = &t.few[count]
	}
	s.add(sums{1, count, int64(bytes)})
}

// least is the least count with which all pre-tokens that occur so often or more are no more than most, with pretokenMean bytes each on the average. kept
// are these, and left those that occur more rarely.
func (t *tally) least(most int64) (count int64, kept, left sums, err error) {
	fits := func(s sums) bool {
		return kept.pretokens+s.pretokens <= most && kept.bytes+s.bytes <= most*pretokenMean
	}
	for n := len(t.many) - 1; n >= bits.Len(exactCounts)-1; n-- {
		if !fits(t.many[n]) {
			return 0, kept, left, pipeline.Permanent(fmt.Errorf("more than %s pre-tokens, or %s of them, occur %s times or more: max_pretokens is too few",
				pipeline.Thousands(most), pipeline.ByteSize(most*pretokenMean), pipeline.Thousands(int64(1)<<n)))
		}
		kept.add(t.many[n])
	}
	count = 1
	for n := exactCounts - 1; n > 0; n-- {
		if left.pretokens > 0 || !fits(t.few[n]) {
			if left.pretokens == 0 {
				count = int64(n) + 1
			}
			left.add(t.few[n])
			continue
		}
		kept.add(t.few[n])
	}
	return count, kept, left, nil
}
