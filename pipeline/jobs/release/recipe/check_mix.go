package recipe

import (
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline/rule"
)

// budget is one of the keys that say how much a release has.
type budget struct {
	unit   string
	amount Amount
}

// budgets are those keys.
func (m *Mix) budgets() []budget {
	return []budget{{UnitTokens, m.Tokens}, {UnitChars, m.Chars}, {UnitDocuments, m.Documents}}
}

// Budget is how much the release has in Unit, 0 if that follows from what there is, or from the budgets of the strata.
func (m *Mix) Budget() int64 { return int64(m.Tokens + m.Chars + m.Documents) }

func (p *problems) mix(m *Mix, tokens bool) {
	p.by(&m.By)
	var said []string
	for _, b := range m.budgets() {
		switch {
		case b.amount < 0:
			p.add("mix."+b.unit, "%d is below 0", b.amount)
		case b.amount > 0:
			said = append(said, b.unit)
			if b.unit != m.Unit {
				p.add("mix.unit", "is %s, and the budget is in %s", m.Unit, b.unit)
			}
		}
	}
	if len(m.Budgets) > 0 {
		said = append(said, "budgets")
	}
	if len(said) > 1 {
		p.add("mix."+said[1], "%s is said as well: one of tokens, chars, documents, budgets", said[0])
	}
	p.one("mix.unit", m.Unit, UnitTokens, UnitChars, UnitDocuments)
	if m.Unit == UnitTokens && !tokens {
		path := "mix.unit"
		if m.Tokens > 0 {
			path = "mix.tokens"
		}
		p.add(path, "tokens are counted by a tokenizer: say under encode which, or take chars")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Budgets)) {
		if b := m.Budgets[name]; b < 0 {
			p.add("mix.budgets."+name, "%d is below 0", b)
		}
	}
	p.shares(m)
	p.buckets(m)
	if m.RepeatAtMost < rule.One || m.RepeatAtMost > maxRepeat {
		p.add("mix.repeat_at_most", "%s is not from 1 to %s", m.RepeatAtMost, maxRepeat)
	}
	if at, err := m.ByCopies.check(); err != nil {
		p.add(fmt.Sprintf("mix.by_copies[%d]", at), "%w", err)
	}
	if m.Cap != nil {
		p.field("mix.cap.by", m.Cap.By, FieldSource, FieldSite)
		if m.Cap.Documents < 1 {
			p.add("mix.cap.documents", "%d is less than 1", m.Cap.Documents)
		}
	}
}

// shares adds problems with those of the strata: they are of the release, so they add up to one; a millionth for each may be lost in rounding.
func (p *problems) shares(m *Mix) {
	if len(m.Shares) == 0 {
		return
	}
	if len(m.Budgets) > 0 {
		p.add("mix.shares", "budgets say already how much of each stratum there is")
	}
	var sum rule.Number
	for _, name := range slices.Sorted(maps.Keys(m.Shares)) {
		share := m.Shares[name]
		if share < 0 || share > rule.One {
			p.add("mix.shares."+name, "%s is not from 0 to 1", share)
			return
		}
		sum += share
	}
	if off := sum - rule.One; off > rule.Number(len(m.Shares)) || -off > rule.Number(len(m.Shares)) {
		p.add("mix.shares", "they add up to %s: as shares of the release they add up to 1", sum)
	}
}

// buckets adds problems with names that no bucket has.
func (p *problems) buckets(m *Mix) {
	n := m.By.Buckets
	if len(m.By.Borders) > 0 {
		n = len(m.By.Borders) + 1
	}
	if m.By.Signal == "" || n < 2 || n > maxBuckets {
		return
	}
	known := make([]string, n)
	for i := range known {
		known[i] = Bucket(i)
	}
	for _, of := range []struct {
		key   string
		names []string
	}{{"budgets", slices.Sorted(maps.Keys(m.Budgets))}, {"shares", slices.Sorted(maps.Keys(m.Shares))}} {
		for _, name := range of.names {
			if !slices.Contains(known, name) {
				p.add("mix."+of.key+"."+name, "is no bucket of %s: these are %s (lowest values) to %s", m.By.Signal, known[0], known[n-1])
			}
		}
	}
}

func (p *problems) by(b *By) {
	if b.Signal == "" {
		if b.Buckets != 0 || len(b.Borders) > 0 {
			p.add("mix.by", "signal is missing: the one that the buckets are of")
		} else {
			p.field("mix.by", b.Field, FieldSource, FieldSite, FieldLanguage, FieldScript)
		}
		return
	}
	switch {
	case b.Buckets != 0 && len(b.Borders) > 0:
		p.add("mix.by", "buckets and borders: one of the two")
	case b.Buckets == 0 && len(b.Borders) == 0:
		p.add("mix.by", "buckets or borders is missing: into what the values of %s are cut", b.Signal)
	case len(b.Borders) == 0 && (b.Buckets < 2 || b.Buckets > maxBuckets):
		p.add("mix.by.buckets", "%d is not from 2 to %d", b.Buckets, maxBuckets)
	case len(b.Borders) >= maxBuckets:
		p.add("mix.by.borders", "there are %d: at most %d", len(b.Borders), maxBuckets-1)
	}
	for i := 1; i < len(b.Borders); i++ {
		if b.Borders[i] <= b.Borders[i-1] {
			p.add(fmt.Sprintf("mix.by.borders[%d]", i), "%s is not above %s: borders rise", b.Borders[i], b.Borders[i-1])
		}
	}
}
