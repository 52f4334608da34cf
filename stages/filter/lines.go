package filter

import (
	"bytes"

	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/repeated"
)

// lineSet finds lines that repeat an earlier one of the same text.
type lineSet struct{ lines repeated.Set }

// count returns the code points in lines of t that repeat an earlier one, and those in all lines, as the package comment
// defines them. t is shorter than 2 GiB.
func (s *lineSet) count(t []byte) (again, all int) {
	s.lines.Reset(bytes.Count(t, []byte{'\n'}) + 1)
	for start := 0; start < len(t); {
		end := len(t)
		if n := bytes.IndexByte(t[start:], '\n'); n >= 0 {
			end = start + n
		}
		from, to := start, end
		for from < to && edge(t[from]) {
			from++
		}
		for from < to && edge(t[to-1]) {
			to--
		}
		if from < to {
			chars := text.CountRunes(t[from:to])
			all += chars
			if s.lines.Seen(t, from, to) {
				again += chars
			}
		}
		start = end + 1
	}
	return again, all
}

func edge(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }
