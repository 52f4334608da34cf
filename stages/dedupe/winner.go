package dedupe

import (
	"fmt"
	"strings"
)

// What decides which document of a run stays. Ties go to the one that comes first in the plan.
const (
	WinnerFirst   = "first"   // the one that comes first in the plan
	WinnerLongest = "longest" // the one with the most characters
	WinnerNewest  = "newest"  // the one whose file was modified last, as the plan has it
	// WinnerField, with a name behind it, is the one with the greatest value of that member of the metadata: numbers by their
	// value, then strings by their first 123 bytes, so that dates of ISO 8601 are in order, then everything else, and nothing.
	WinnerField = "field:"
)

// ByTime says that modification times have a part in the result. They belong into the digest of the plan then.
func (c Config) ByTime() bool { return c.Winner == WinnerNewest }

// ordered says whether documents are gone through in another order than that of the plan.
func (c Config) ordered() bool { return c.Winner != WinnerFirst }

func (c Config) validateWinner() error {
	name, field := strings.CutPrefix(c.Winner, WinnerField)
	switch {
	case field && name == "":
		return fmt.Errorf("winner: %q names no field: write %sdate, say, for the member date of the metadata", c.Winner, WinnerField)
	case field, c.Winner == WinnerFirst, c.Winner == WinnerLongest, c.Winner == WinnerNewest:
		return nil
	}
	return fmt.Errorf("winner: unknown value %q: known are %s, %s, %s, %sNAME", c.Winner, WinnerFirst, WinnerLongest, WinnerNewest, WinnerField)
}
