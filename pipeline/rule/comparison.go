package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// comparison is a rule of the form NAME OP NUMBER, or of the form NAME * NUMBER OP NAME * NUMBER where both are counts and either product may be
// missing: what most rules are, and what needs no library.
type comparison struct {
	signal int
	op     string
	value  int64  // in the unit of the signal
	number string // as people read it

	pair                bool // it is of the second form
	other               int  // the signal on the right
	factor, otherFactor int64
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

var pairForm = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_]*)(?:\s*\*\s*([0-9]{1,6}))?\s*(<=|>=|==|!=|<|>)\s*([A-Za-z_][A-Za-z0-9_]*)(?:\s*\*\s*([0-9]{1,6}))?\s*$`)

// parsePair reads one of the second form; whatever is wrong with it is for the library to say.
func parsePair(text string, all Signals) (c comparison, ok bool) {
	m := pairForm.FindStringSubmatch(text)
	if m == nil {
		return c, false
	}
	left, errLeft := all.Find(m[1])
	right, errRight := all.Find(m[4])
	if errLeft != nil || errRight != nil || slices.Contains(fieldNames, m[1]) || slices.Contains(fieldNames, m[4]) {
		return c, false
	}
	for _, i := range []int{left, right} {
		if all[i].Unit != Count || all[i].Labels != nil {
			return c, false
		}
	}
	return comparison{signal: left, factor: factor(m[2]), op: m[3], pair: true, other: right, otherFactor: factor(m[5])}, true
}

// factor is a number of a product, 1 if there is none.
func factor(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 1
	}
	return n
}

// sweepPair says of every pair of counts whether it is as asked.
func (c *comparison) sweepPair(left, right []int64, met []bool) {
	for i, v := range left {
		met[i] = compare(c.op, v*c.factor, right[i]*c.otherFactor)
	}
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

func (c *comparison) meets(values []int64) bool {
	if c.pair {
		return compare(c.op, values[c.signal]*c.factor, values[c.other]*c.otherFactor)
	}
	return compare(c.op, values[c.signal], c.value)
}

func compare(op string, a, b int64) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "==":
		return a == b
	}
	return a != b
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
