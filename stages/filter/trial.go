package filter

import (
	"slices"

	"github.com/millrace/millrace/pipeline/rule"
)

// Trial counts what rules would drop of documents, each alone and all in their order.
type Trial struct {
	rules    *Rules
	examples int
	testers  []*rule.Tester
	alive    []bool
	met      []bool
	subject  rule.Subject

	// Documents are all, Kept those that meet every rule.
	Documents, Kept int64
	// Rules are in the order of Rules.All.
	Rules []RuleTrial
	// Sources has the same of each source, if it was asked for; the rest is nil.
	Sources map[string]*SourceTrial
}

// RuleTrial is what one rule would drop.
type RuleTrial struct {
	// Alone is how many documents do not meet it, InOrder how many of them meet all rules before it.
	Alone, InOrder int64
	// Inside are some documents that meet it, Outside some that do not: those nearest to the bound first, if it is one.
	Inside, Outside []Example
}

// SourceTrial is what rules would drop of the documents of a source.
type SourceTrial struct {
	Documents, Kept int64
	Alone, InOrder  []int64 // by rule
}

// Example is a document near a bound.
type Example struct {
	Says     string // its figure
	Place    any    // of the document, as the block says
	distance uint64
}

// Block is some documents with the signals that rules ask for.
type Block struct {
	Len int
	// Columns are the signals, in the order of Rules.Signals, nil where no rule asks for one. Each has Len values.
	Columns [][]int64
	// File returns source, path and metadata of a document. It is called if a rule is an expression, or sources are counted.
	File func(i int) (source, path string, meta []byte)
	// Place says where a document is. It is called for those that become examples.
	Place func(i int) any
}

// Trial begins to count. examples is how many documents are kept on either side of a rule.
func (r *Rules) Trial(examples int, bySource bool) *Trial {
	t := &Trial{rules: r, examples: examples, Rules: make([]RuleTrial, len(r.All)), subject: rule.Subject{Values: make([]int64, len(r.Signals))}}
	for i := range r.All {
		t.testers = append(t.testers, r.All[i].Condition.Tester())
	}
	if bySource {
		t.Sources = map[string]*SourceTrial{}
	}
	return t
}

// Add counts the documents of a block.
func (t *Trial) Add(b *Block) {
	t.alive = slices.Grow(t.alive[:0], b.Len)[:b.Len]
	t.met = slices.Grow(t.met[:0], b.Len)[:b.Len]
	for i := range t.alive {
		t.alive[i] = true
	}
	sources := t.sources(b)
	for k := range t.rules.All {
		t.test(k, b)
		r := &t.Rules[k]
		for i, met := range t.met {
			if met {
				continue
			}
			r.Alone++
			if t.alive[i] {
				r.InOrder++
			}
			if sources != nil {
				sources[i].Alone[k]++
				if t.alive[i] {
					sources[i].InOrder[k]++
				}
			}
			t.alive[i] = false
		}
		t.exemplify(k, b)
	}
	t.Documents += int64(b.Len)
	for i, alive := range t.alive {
		if alive {
			t.Kept++
			if sources != nil {
				sources[i].Kept++
			}
		}
	}
}

// sources are those of the documents, nil if they are not counted.
func (t *Trial) sources(b *Block) []*SourceTrial {
	if t.Sources == nil {
		return nil
	}
	list := make([]*SourceTrial, b.Len)
	for i := range list {
		name, _, _ := b.File(i)
		s := t.Sources[name]
		if s == nil {
			s = &SourceTrial{Alone: make([]int64, len(t.rules.All)), InOrder: make([]int64, len(t.rules.All))}
			t.Sources[name] = s
		}
		s.Documents++
		list[i] = s
	}
	return list
}

// test says of every document whether it meets a rule.
func (t *Trial) test(k int, b *Block) {
	c := t.rules.All[k].Condition
	if c.Plain() {
		c.Sweep(b.Columns, t.met)
		return
	}
	for i := range t.met {
		t.subject.Next(b.File(i))
		t.values(c, b, i)
		t.met[i], _ = t.testers[k].Meets(&t.subject)
	}
}

// values puts what a condition asks for into the subject.
func (t *Trial) values(c *rule.Condition, b *Block, i int) {
	for _, s := range c.Signals {
		t.subject.Values[s] = b.Columns[s][i]
	}
}

// exemplify keeps the documents that are nearest to the bound of a rule.
func (t *Trial) exemplify(k int, b *Block) {
	if t.examples == 0 {
		return
	}
	c, r := t.rules.All[k].Condition, &t.Rules[k]
	var column []int64
	if c.Single() {
		column = b.Columns[c.Signals[0]]
	}
	for i, met := range t.met {
		list := &r.Outside
		if met {
			list = &r.Inside
		}
		distance := uint64(0)
		if column != nil {
			distance = c.Distance(column[i])
		}
		if len(*list) == t.examples && (*list)[t.examples-1].distance <= distance {
			continue
		}
		t.values(c, b, i)
		at, _ := slices.BinarySearchFunc(*list, distance, func(e Example, d uint64) int {
			if e.distance <= d {
				return -1
			}
			return 1
		})
		*list = slices.Insert(*list, at, Example{Says: c.Figures(t.subject.Values), Place: b.Place(i), distance: distance})
		if len(*list) > t.examples {
			*list = (*list)[:t.examples]
		}
	}
}

// Needed are the signals that rules ask for, by position, ascending.
func (r *Rules) Needed() (list []int) {
	for i := range r.All {
		if c := r.All[i].Condition; c != nil {
			list = append(list, c.Signals...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// MeasureAll measures all that rules ask for of the document, and returns the values in the order of Rules.Signals.
func (t *Tester) MeasureAll() []int64 {
	for i := range t.rules.All {
		for _, f := range t.rules.All[i].needs {
			t.measure(f)
		}
	}
	return t.subject.Values
}

// Examples gives every example another place.
func (t *Trial) Examples(replace func(place any) any) {
	for k := range t.Rules {
		for _, list := range [][]Example{t.Rules[k].Inside, t.Rules[k].Outside} {
			for i := range list {
				list[i].Place = replace(list[i].Place)
			}
		}
	}
}
