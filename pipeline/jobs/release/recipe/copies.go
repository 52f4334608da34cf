package recipe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Copies is a table of weights, in order of Most. In YAML it is the name of a known one, or a list of pairs: [[1, 1], [4, 2], [more, 3]].
type Copies []CopyWeight

// CopyWeight is how often a document is taken that had at most so many copies, itself among them. Most is 0 for all that have more.
type CopyWeight struct {
	Most   int64 `json:"most,omitempty"`
	Weight int64 `json:"weight"`
}

// copyTables are those that have a name.
var copyTables = map[string]Copies{"fineweb2": FineWeb2}

// more is how the last pair of a table is written that is without bounds.
const more = "more"

// FineWeb2 are the weights of FineWeb-2: what was copied very often is mostly boilerplate, and counts once.
var FineWeb2 = Copies{{1, 1}, {2, 2}, {4, 3}, {99, 5}, {999, 8}, {0, 1}}

// Weight is how often a document is taken that had so many copies: once, if there is no table.
func (c Copies) Weight(copies int64) int64 {
	for _, w := range c {
		if w.Most == 0 || copies <= w.Most {
			return w.Weight
		}
	}
	return 1
}

// UnmarshalYAML reads a name, or pairs.
func (c *Copies) UnmarshalYAML(unmarshal func(any) error) error {
	var name string
	if unmarshal(&name) == nil {
		table, known := copyTables[name]
		if !known {
			return fmt.Errorf("unknown weights %q: known are %s, or give pairs: [[1, 1], [4, 2], [more, 3]]", name,
				strings.Join(slices.Sorted(maps.Keys(copyTables)), ", "))
		}
		*c = slices.Clone(table)
		return nil
	}
	type list Copies
	return unmarshal((*list)(c))
}

// UnmarshalYAML reads a pair.
func (w *CopyWeight) UnmarshalYAML(unmarshal func(any) error) error {
	var pair []string
	if err := unmarshal(&pair); err != nil || len(pair) != 2 {
		return errors.New("a pair is expected here, of copies and a weight: [4, 2], or [more, 3]")
	}
	most, weight := Amount(0), Amount(0)
	if pair[0] != more {
		if err := most.UnmarshalText([]byte(pair[0])); err != nil {
			return err
		} else if most == 0 {
			return errors.New("no document has 0 copies: the least is 1")
		}
	}
	err := weight.UnmarshalText([]byte(pair[1]))
	*w = CopyWeight{int64(most), int64(weight)}
	return err
}

// check returns what is wrong with a table, with the pair's position.
func (c Copies) check() (at int, err error) {
	for i, w := range c {
		switch {
		case w.Most == 0 && i+1 < len(c):
			return i, fmt.Errorf("%s has to be the last pair", more)
		case w.Most > 0 && i > 0 && w.Most <= c[i-1].Most:
			return i, fmt.Errorf("%d is not above %d: pairs are in order of copies", w.Most, c[i-1].Most)
		case w.Weight > maxWeight:
			return i, fmt.Errorf("a weight of %d is above %d", w.Weight, maxWeight)
		}
	}
	if n := len(c); n > 0 && c[n-1].Most > 0 {
		return n - 1, fmt.Errorf("documents with more than %d copies have no weight: end with [%s, 1]", c[n-1].Most, more)
	}
	return 0, nil
}

const maxWeight = 1000
