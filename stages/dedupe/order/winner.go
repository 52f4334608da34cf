package order

import (
	"fmt"
	"strings"
)

// What decides which document of a run stays. Ties go to the one that comes first in the plan.
const (
	First   = "first"   // the one that comes first in the plan
	Longest = "longest" // the one with the most characters
	// Newest is the one that was modified, or else published, last, as its metadata say of it; of those that say neither, behind
	// these, the one whose file was modified last, as the plan has it.
	Newest = "newest"
	// Field, with a name behind it, is the one with the greatest value of that member of the metadata: numbers by their
	// value, then strings by their first 123 bytes, so that dates of ISO 8601 are in order, those
	// of RFC 3339 whatever their zones are, then everything else, and nothing.
	Field = "field:"
)

// Validate says what is wrong with a winner, as a setting of that name.
func Validate(winner string) error {
	name, field := strings.CutPrefix(winner, Field)
	switch {
	case field && name == "":
		return fmt.Errorf("winner: %q names no field: write %sdate, say, for the member date of the metadata", winner, Field)
	case field, winner == First, winner == Longest, winner == Newest:
		return nil
	}
	return fmt.Errorf("winner: unknown value %q: known are %s, %s, %s, %sNAME", winner, First, Longest, Newest, Field)
}
