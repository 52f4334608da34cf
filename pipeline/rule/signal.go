package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Signal is a number of documents that rules ask for by its name.
type Signal struct {
	Name string
	Unit Unit
	// Labels are the words that the numbers stand for, from 0 on, where the signal is one of several words.
	Labels []string
	// Family is the group that it is measured with.
	Family string
}

// Signals are all that rules may ask for. The values of a document are in their order.
type Signals []Signal

// UnknownSignalError is a name that no signal has.
type UnknownSignalError struct {
	Name string
	hint string
}

func (e *UnknownSignalError) Error() string {
	return fmt.Sprintf("unknown signal %q%s", e.Name, e.hint)
}

// digest ends the names of signals that hold for one model or list only.
var digest = regexp.MustCompile(`_[0-9a-f]{8}$`)

// Find returns the position of a signal. Where the name of a signal ends in the digest of its model, it is found without that, too, if no
// other has that name.
func (s Signals) Find(name string) (int, error) {
	if i := slices.IndexFunc(s, func(o Signal) bool { return o.Name == name }); i >= 0 {
		return i, nil
	}
	var found []int
	for i, o := range s {
		if short := digest.ReplaceAllString(o.Name, ""); short == name && short != o.Name {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, &UnknownSignalError{name, s.suggest(name)}
	}
	var names []string
	for _, i := range found {
		names = append(names, s[i].Name)
	}
	return 0, fmt.Errorf("%s is one of several models: write %s", name, strings.Join(names, " or "))
}

// suggest is what somebody may have meant, or else all there is.
func (s Signals) suggest(name string) string {
	var near, families []string
	byFamily := map[string][]string{}
	for _, o := range s {
		if o.Name == "" {
			continue
		}
		if alike(name, o.Name) {
			near = append(near, o.Name)
		}
		if byFamily[o.Family] == nil {
			families = append(families, o.Family)
		}
		byFamily[o.Family] = append(byFamily[o.Family], o.Name)
	}
	if len(near) > 0 {
		return fmt.Sprintf(" (did you mean %s?)", strings.Join(near[:min(len(near), maxNear)], ", "))
	}
	if len(families) == 0 {
		return ": there is none"
	}
	var lines []string
	for _, f := range families {
		list := strings.Join(byFamily[f], " ")
		if f != "" {
			list = f + ": " + list
		}
		lines = append(lines, list)
	}
	return " (known are " + strings.Join(lines, "; ") + ")"
}

const maxNear = 5

// alike says whether somebody who wrote a may have meant b: one begins or ends with the other, or one or two changes make one of the other.
func alike(a, b string) bool {
	if len(a) >= 3 && (strings.HasPrefix(b, a) || strings.HasSuffix(b, "_"+a) || strings.HasPrefix(a, b) && len(b) >= 3) {
		return true
	}
	most := min(2, len(a)/3)
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return false
	}
	return Changes(a, b) <= most
}

// Changes is the Levenshtein distance of two short names, in bytes.
func Changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
