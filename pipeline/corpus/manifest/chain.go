package manifest

import "fmt"

// CheckChain says what is wrong with the order of the manifests. Those that are missing were freed, if whatever is left
// before them is needed behind them.
func CheckChain(list []*Manifest) (problems []error) {
	present := map[int]bool{}
	needed := map[int]bool{} // by those behind the last gap
	gap := 0
	for i, m := range list {
		present[m.Version] = true
		if i > 0 && m.Version != list[i-1].Version+1 {
			gap = i
			clear(needed)
		}
		for _, v := range m.Live {
			needed[v] = true
		}
	}
	for i, m := range list {
		switch {
		case i < gap && !needed[m.Version]:
			problems = append(problems, fmt.Errorf("%s is missing", Name(list[gap].Version-1)))
			return problems
		case i > gap && m.Parent != list[i-1].Version, i > 0 && m.Parent != m.Version-1:
			problems = append(problems, fmt.Errorf("%s: its parent is %d, not %d", Name(m.Version), m.Parent, m.Version-1))
		}
	}
	if len(list) == 0 {
		return problems
	}
	newest := list[len(list)-1]
	for _, v := range newest.Live {
		if !present[v] {
			problems = append(problems, fmt.Errorf("%s is missing: %s needs it", Name(v), Name(newest.Version)))
		}
	}
	return problems
}
