package rule

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/vm"
)

// Condition is what a rule asks of a document: a comparison of one signal with a number,
//
//	chars >= 50
//
// or an expression in the language of expr-lang/expr over signals, metadata, source and path,
//
//	han_share >= 0.3 and not (source == 'forum' and adult > 2)
//
// Shares and means are written as decimals, and compared as millionths. It is a function of the document alone. Safe for concurrent use;
// each goroutine tries documents by an own Tester.
type Condition struct {
	// Text is the rule as it was written.
	Text string
	// Signals are the positions of those that it asks for, each once, in the order in which they stand there.
	Signals []int
	// Fields are those of source, path and metadata that it asks for, each once.
	Fields []string

	all     Signals
	compare comparison  // if there is no program
	program *vm.Program // nil if it is one comparison
}

// ParseCondition reads a rule over these signals. The error says what is wrong with it, and the way out.
func ParseCondition(text string, all Signals) (*Condition, error) {
	if strings.TrimSpace(text) == "" || len(text) > maxExpression {
		return nil, fmt.Errorf("a rule of %d bytes: from 1 to %d are read", len(text), maxExpression)
	}
	c := &Condition{Text: text, all: all}
	compare, ok, err := parseComparison(text, all)
	if err != nil {
		return nil, err
	}
	if ok {
		c.compare, c.Signals = compare, []int{compare.signal}
		return c, nil
	}
	if pair, ok := parsePair(text, all); ok {
		if c.compare, c.Signals = pair, []int{pair.signal}; pair.other != pair.signal {
			c.Signals = append(c.Signals, pair.other)
		}
		return c, nil
	}
	return c, c.compile()
}

// Plain says that it is a comparison of signals alone: then Sweep can be used, and trying a document allocates nothing.
func (c *Condition) Plain() bool { return c.program == nil }

// Single says that it is a comparison of one signal with a number: then Distance can be used.
func (c *Condition) Single() bool { return c.program == nil && !c.compare.pair }

// Bound is what a condition that is Single compares: a signal by its position, the operator, and a number in the unit of the signal. It is not
// ok of any other.
func (c *Condition) Bound() (signal int, op string, at int64, ok bool) {
	if !c.Single() {
		return 0, "", 0, false
	}
	return c.compare.signal, c.compare.op, c.compare.value, true
}

// Sweep says of documents whether they meet a condition that is Plain: columns have the signals of each, in the order of all, and met gets as many
// answers.
func (c *Condition) Sweep(columns [][]int64, met []bool) {
	if c.compare.pair {
		c.compare.sweepPair(columns[c.compare.signal][:len(met)], columns[c.compare.other][:len(met)], met)
		return
	}
	c.compare.sweep(columns[c.compare.signal][:len(met)], met)
}

// Distance is how far a value of the signal is from the bound of a condition that is Single, in the unit of the signal; never negative.
func (c *Condition) Distance(v int64) uint64 {
	if v >= c.compare.value {
		return uint64(v) - uint64(c.compare.value)
	}
	return uint64(c.compare.value) - uint64(v)
}

// Says is how a document that does not meet the condition is told: "chars is 41, not >= 50". values are as in Subject.
func (c *Condition) Says(values []int64) string {
	if c.Single() {
		s := &c.all[c.compare.signal]
		return fmt.Sprintf("%s is %s, not %s %s", s.Name, s.Format(values[c.compare.signal]), c.compare.op, c.compare.number)
	}
	if len(c.Signals) == 0 {
		return "not " + c.Text
	}
	return c.Figures(values)
}

// Figures are the values of the signals that it asks for, for people: "chars is 41".
func (c *Condition) Figures(values []int64) string {
	var parts []string
	for _, i := range c.Signals {
		parts = append(parts, fmt.Sprintf("%s is %s", c.all[i].Name, c.all[i].Format(values[i])))
	}
	return strings.Join(parts, ", ")
}

// Format is a value as people read it: a whole number, a decimal, or the word.
func (s *Signal) Format(v int64) string {
	switch {
	case s.Labels != nil && v >= 0 && v < int64(len(s.Labels)):
		return s.Labels[v]
	case s.Unit == Count:
		return strconv.FormatInt(v, 10)
	case v == math.MaxInt64:
		return "without bounds"
	}
	return Number(v).String()
}

// Subject is a document that is tried.
type Subject struct {
	// Values are the signals of the document, in the order of all: those that the condition does not ask for are not looked at.
	Values []int64
	// Source and Path are those of its file.
	Source, Path string
	// Meta is a JSON object, or nothing. It is read for conditions that ask for metadata only, once for a subject.
	Meta []byte

	read     bool
	metadata map[string]any
	err      error
}

// Next makes it the subject of another document.
func (s *Subject) Next(source, path string, meta []byte) {
	s.Source, s.Path, s.Meta = source, path, meta
	s.read, s.metadata, s.err = false, nil, nil
}

// fields reads the metadata.
func (s *Subject) fields() (map[string]any, error) {
	if !s.read {
		d := Document{}
		s.err = d.SetMetadata(s.Meta)
		s.read, s.metadata = true, d.Metadata
	}
	return s.metadata, s.err
}

// Tester tries documents, for one goroutine.
type Tester struct {
	c    *Condition
	vm   vm.VM
	env  map[string]any
	meta bool
}

// Tester returns one.
func (c *Condition) Tester() *Tester {
	t := &Tester{c: c, vm: vm.VM{MemoryBudget: maxMemory}}
	if c.program != nil {
		t.env = map[string]any{}
		t.meta = slices.Contains(c.Fields, fieldMetadata)
	}
	return t
}

// Meets says whether a document is as asked. An error says why that cannot be told of this document, as of a field of the metadata that is
// missing; nothing is allocated for a condition that is Plain.
func (t *Tester) Meets(s *Subject) (bool, error) {
	if t.c.program == nil {
		return t.c.compare.meets(s.Values), nil
	}
	for _, i := range t.c.Signals {
		t.env[t.c.all[i].Name] = int(s.Values[i])
	}
	t.env[fieldSource], t.env[fieldPath] = s.Source, s.Path
	if t.meta {
		metadata, err := s.fields()
		if err != nil {
			return false, err
		}
		t.env[fieldMetadata] = metadata
	}
	out, err := t.vm.Run(t.c.program, t.env)
	if err != nil {
		return false, err
	}
	met, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("it gives %T, not yes or no", out)
	}
	return met, nil
}
