package filter

import (
	"errors"
	"fmt"
	"strings"
)

// Config is one entry of the list, as in `- min_chars: 50`. Exactly one field is set.
type Config struct {
	MinChars              *int   `json:"min_chars,omitempty" yaml:"min_chars,omitempty"`
	MaxChars              *int   `json:"max_chars,omitempty" yaml:"max_chars,omitempty"`
	MinHanShare           *Share `json:"min_han_share,omitempty" yaml:"min_han_share,omitempty"`
	MaxDuplicateLineShare *Share `json:"max_duplicate_line_share,omitempty" yaml:"max_duplicate_line_share,omitempty"`
}

// List is the section filter of the settings: the entries in the order in which they are tried. All of it decides what
// comes out.
type List []Config

// Validate returns every problem of the list, joined, each with its path.
func (l List) Validate() error {
	var problems []error
	report := func(path, format string, args ...any) {
		problems = append(problems, fmt.Errorf("filter%s: %s", path, fmt.Sprintf(format, args...)))
	}
	atLeast, atMost := 0, 0 // the strictest bounds so far; 0: none
	for i, c := range l {
		path := fmt.Sprintf("[%d]", i)
		names := c.names()
		if len(names) != 1 {
			report(path, "%d filters in one entry (%s): there must be one of min_chars, max_chars, min_han_share, "+
				"max_duplicate_line_share", len(names), strings.Join(names, ", "))
			continue
		}
		path += "." + names[0]
		switch {
		case c.MinChars != nil:
			if *c.MinChars < 1 {
				report(path, "%d must be at least 1", *c.MinChars)
			}
			atLeast = max(atLeast, *c.MinChars)
		case c.MaxChars != nil:
			if *c.MaxChars < 1 {
				report(path, "%d must be at least 1", *c.MaxChars)
			} else if atMost == 0 || *c.MaxChars < atMost {
				atMost = *c.MaxChars
			}
		case c.MinHanShare != nil:
			if *c.MinHanShare <= 0 || *c.MinHanShare > whole {
				report(path, "%v must be above 0 and at most 1", *c.MinHanShare)
			}
		case c.MaxDuplicateLineShare != nil:
			if *c.MaxDuplicateLineShare < 0 || *c.MaxDuplicateLineShare >= whole {
				report(path, "%v must be at least 0 and below 1", *c.MaxDuplicateLineShare)
			}
		}
	}
	if atMost > 0 && atLeast > atMost {
		report("", "min_chars %d is above max_chars %d: no document passes", atLeast, atMost)
	}
	return errors.Join(problems...)
}

// names lists the fields that are set.
func (c Config) names() (names []string) {
	if c.MinChars != nil {
		names = append(names, "min_chars")
	}
	if c.MaxChars != nil {
		names = append(names, "max_chars")
	}
	if c.MinHanShare != nil {
		names = append(names, "min_han_share")
	}
	if c.MaxDuplicateLineShare != nil {
		names = append(names, "max_duplicate_line_share")
	}
	return names
}
