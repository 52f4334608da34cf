package dedupe

import "github.com/millrace/millrace/stages/dedupe/shingle"

// Shingler makes the sets of shingles that near duplicates are told by, for those who check verdicts. It is not safe for
// concurrent use.
type Shingler struct {
	minShingles int
	shingler    shingle.Shingler
}

// NewShingler returns a Shingler for some settings, which must be valid.
func NewShingler(cfg Config) *Shingler { return &Shingler{minShingles: cfg.MinShingles} }

// Set appends the distinct shingles of a text, by 64-bit hashes, to dst: none if it is too short to be near another one.
func (s *Shingler) Set(dst []uint64, t []byte) []uint64 {
	set := s.shingler.Set(t)
	if s.shingler.Count() < s.minShingles {
		return dst
	}
	return append(dst, set...)
}
