package shingle

import "github.com/millrace/millrace/pipeline/ingest"

// Overlap is the exact resemblance of two sets: how many elements they have in common and together. Together they have none
// before they were compared.
type Overlap struct{ Shared, Union uint32 }

// Reaches says whether the resemblance is at least t. A quotient of two numbers that equals a decimal fraction is the same
// floating-point number as that fraction.
func (o Overlap) Reaches(t float64) bool {
	return o.Union > 0 && float64(o.Shared)/float64(o.Union) >= t
}

// Millionths is the resemblance as verdicts give it.
func (o Overlap) Millionths() uint32 {
	return uint32(uint64(o.Shared) * ingest.Millionths / uint64(max(o.Union, 1)))
}
