package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// comparison is a rule of the form NAME OP NUMBER: what most are, and what needs no library.
type comparison struct {
	signal int
	op     string
	value  int64  // in the unit of the signal
	number string // as people read it
}

var comparisonForm = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(<=|>=|==|!=|<|>)\s*(?:([-+0-9.][0-9A-Za-z_.+-]*)|'([^'"\\]*)'|"([^'"\\]*)")\s*$`)

// parseComparison reads one; ok says whether the text has its form.
func parseComparison(text string, all Signals) (c comparison, ok bool, err error) {
	m := comparisonForm.FindStringSubmatch(text)
	if m == nil || slices.Contains(fieldNames, m[1]) {
		return c, false, nil
	}
	if c.signal, err = all.Find(m[1]); err != nil {
		return c, true, err
	}
	s := &all[c.signal]
	c.op, c.number = m[2], m[3]
	word := m[4] + m[5]
	if m[3] == "" {
		c.number = word
		c.value, err = s.label(word, c.op)
		return c, true, err
	}
	if s.Labels != nil {
		return c, true, fmt.Errorf("%s is a word: compare it with one, as in %s == '%s'", s.Name, s.Name, s.Labels[0])
	}
	n, err := s.number(m[3])
	c.value = n
	return c, true, err
}

// number is a number that is compared with the signal, in its unit.
func (s *Signal) number(text string) (int64, error) {
	n, err := s.Unit.Parse(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s is a %s: %w", s.Name, s.Unit, err)
	case s.Unit == Count && n < 0:
		return 0, fmt.Errorf("%s is a count: %s is below 0", s.Name, text)
	case s.Unit == Count:
		return int64(n / One), nil
	case n%10 != 0:
		return 0, fmt.Errorf("%s: %s has more than five decimals: no share or mean is known so exactly", s.Name, text)
	}
	return int64(n), nil
}

// label is the number of a word.
func (s *Signal) label(word, op string) (int64, error) {
	if s.Labels == nil {
		return 0, fmt.Errorf("%s is a %s: compare it with a number, and not with '%s'", s.Name, s.Unit, word)
	}
	if op != "==" && op != "!=" {
		return 0, fmt.Errorf("%s is a word: compare it with == or !=", s.Name)
	}
	if i := slices.Index(s.Labels, word); i >= 0 {
		return int64(i), nil
	}
	var near []string
	for _, l := range s.Labels {
		if strings.EqualFold(l, word) || alike(word, l) {
			near = append(near, l)
		}
	}
	if len(near) == 0 {
		near = s.Labels
	}
	hint := strings.Join(near[:min(len(near), maxLabels)], ", ")
	if len(near) > maxLabels {
		hint += ", …"
	}
	return 0, fmt.Errorf("%s is never '%s': it may be %s", s.Name, word, hint)
}

const maxLabels = 12

func (c *comparison) meets(v int64) bool {
	switch c.op {
	case "<":
		return v < c.value
	case "<=":
		return v <= c.value
	case ">":
		return v > c.value
	case ">=":
		return v >= c.value
	case "==":
		return v == c.value
	}
	return v != c.value
}

// sweep says of every value whether it is as asked.
func (c *comparison) sweep(column []int64, met []bool) {
	bound := c.value
	met = met[:len(column)]
	switch c.op {
	case "<":
		for i, v := range column {
			met[i] = v < bound
		}
	case "<=":
		for i, v := range column {
			met[i] = v <= bound
		}
	case ">":
		for i, v := range column {
			met[i] = v > bound
		}
	case ">=":
		for i, v := range column {
			met[i] = v >= bound
		}
	case "==":
		for i, v := range column {
			met[i] = v == bound
		}
	default:
		for i, v := range column {
			met[i] = v != bound
		}
	}
}
