package mixture

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

// Stratum is what there is of a stratum.
type Stratum struct {
	Name      string
	Documents int64
	// Amount is the sum of weight times size, in the unit of the mixture.
	Amount int64
}

// Decision says how much of a stratum is taken. Whole and Bound say it of each document: see Copies.
type Decision struct {
	Name      string `json:"name"`
	Available int64  `json:"available"`
	Target    int64  `json:"target"`
	// Taken is Target, less than one document short of it. It is known when the bound is.
	Taken int64 `json:"taken"`
	// Repeats is Target by Available, rounded down.
	Repeats rule.Number `json:"repeats"`
	// Whole is how often every document is taken, and Bound says which are taken once more.
	Whole int   `json:"whole"`
	Bound Bound `json:"bound"`
	// Refused says why the target cannot be met, "" if it can.
	Refused string `json:"refused,omitempty"`
}

// Rest is how much of the target remains behind the whole times: the bound is where the sum of sizes reaches it.
func (d *Decision) Rest() int64 { return d.Target - int64(d.Whole)*d.Available }

// Settle takes the bound, and what is below it.
func (d *Decision) Settle(b Bound, amount int64) {
	d.Bound, d.Taken = b, int64(d.Whole)*d.Available+amount
}

// Copies is how often a document is taken, its weight left aside.
func (d *Decision) Copies(key uint64, id *[16]byte) int {
	if d.Bound.Below(key, id) {
		return d.Whole + 1
	}
	return d.Whole
}

// Decide gives each stratum its target; m may be nil. Strata have names that are told apart. A stratum that shares or budgets do not name is not
// taken; one that they name and of which there is nothing has a decision as well. The decisions are in the order of names. The error has all
// that cannot be met, with the figures and what would do; the decisions say it too.
//
// Without shares and budgets all strata are taken in the same proportion. Without a budget as much is taken as shares and repeat_at_most allow.
func Decide(m *recipe.Mix, strata []Stratum) ([]Decision, error) {
	d := &deciding{mix: m, most: rule.One}
	if m != nil && m.RepeatAtMost > 0 {
		d.most = m.RepeatAtMost
	}
	if err := d.gather(strata); err != nil {
		return nil, err
	}
	switch {
	case m == nil:
		d.all()
	case len(m.Budgets) > 0:
		for i := range d.list {
			d.list[i].Target = int64(m.Budgets[d.list[i].Name])
		}
	case len(m.Shares) > 0:
		d.shares()
	case m.Budget() > 0:
		d.proportion(m.Budget())
	default:
		d.all()
	}
	for i := range d.list {
		d.complete(&d.list[i])
	}
	return d.list, errors.Join(d.problems...)
}

type deciding struct {
	mix      *recipe.Mix
	most     rule.Number
	list     []Decision
	problems []error
}

// gather lists what there is, and what is named.
func (d *deciding) gather(strata []Stratum) error {
	there := map[string]int64{}
	var sum int64
	for _, s := range strata {
		if _, twice := there[s.Name]; twice || s.Amount < 0 || s.Amount > math.MaxInt64-sum {
			return fmt.Errorf("stratum %q is there twice, or too large", s.Name)
		}
		there[s.Name] = s.Amount
		sum += s.Amount
	}
	if d.mix != nil {
		for name := range maps.Keys(d.mix.Budgets) {
			there[name] += 0
		}
		for name := range maps.Keys(d.mix.Shares) {
			there[name] += 0
		}
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		d.list = append(d.list, Decision{Name: name, Available: there[name]})
	}
	return nil
}

// all takes everything once.
func (d *deciding) all() {
	for i := range d.list {
		d.list[i].Target = d.list[i].Available
	}
}

// proportion shares a budget as the strata are large.
func (d *deciding) proportion(budget int64) {
	parts := make([]int64, len(d.list))
	var sum int64
	for i := range d.list {
		parts[i] = d.list[i].Available
		sum += parts[i]
	}
	if most := times(sum, d.most); budget > most {
		d.problems = append(d.problems, fmt.Errorf("%s: %s", d.mix.Unit, d.short(budget, sum)))
		budget = most
	}
	for i, t := range apportion(budget, parts) {
		d.list[i].Target = min(t, times(d.list[i].Available, d.most)) // rounding takes nothing that is not there
	}
}

// shares gives each stratum its share of the budget, or of as much as there can be.
func (d *deciding) shares() {
	parts := make([]int64, len(d.list))
	var sum int64
	for i := range d.list {
		parts[i] = int64(d.mix.Shares[d.list[i].Name])
		sum += parts[i]
	}
	largest := int64(math.MaxInt64)
	for i, p := range parts {
		if p > 0 {
			largest = min(largest, mulDiv(times(d.list[i].Available, d.most), sum, p))
		}
	}
	d.empty(parts)
	budget := d.mix.Budget()
	if budget == 0 {
		budget = largest
		for i, t := range apportion(budget, parts) {
			d.list[i].Target = min(t, times(d.list[i].Available, d.most))
		}
		return
	}
	for i, t := range apportion(budget, parts) {
		d.list[i].Target = t
		// Rounding does not refuse what the exact share would not.
		if most := times(d.list[i].Available, d.most); t == most+1 && mulDiv(budget, parts[i], sum) <= most {
			d.list[i].Target = most
		}
	}
	if budget > largest && largest > 0 {
		d.problems = append(d.problems, fmt.Errorf("with these shares and repeat_at_most %s there are at most %s of %s", d.most, amount(largest), d.mix.Unit))
	}
}

// empty refuses shares of strata of which there is nothing.
func (d *deciding) empty(parts []int64) {
	for i, p := range parts {
		if one := &d.list[i]; p > 0 && one.Available == 0 {
			d.refuse(one, fmt.Sprintf("it has the share %s, and there is nothing of it", rule.Number(p)))
		}
	}
}

// complete says how a target is met.
func (d *deciding) complete(one *Decision) {
	if most := times(one.Available, d.most); one.Target > most && one.Refused == "" {
		d.refuse(one, d.short(one.Target, one.Available))
		return
	}
	if one.Available == 0 || one.Refused != "" {
		return
	}
	one.Repeats = rule.Number(mulDiv(one.Target, int64(rule.One), one.Available))
	one.Whole = int(one.Target / one.Available)
	one.Taken = int64(one.Whole) * one.Available
}

// refuse says that a stratum cannot be as it should.
func (d *deciding) refuse(one *Decision, why string) {
	one.Refused = why
	d.problems = append(d.problems, fmt.Errorf("stratum %s: %s", one.Name, why))
}

// short says that there is not enough, and what would do.
func (d *deciding) short(target, available int64) string {
	if available == 0 {
		return fmt.Sprintf("%s wanted, and there is nothing of it", amount(target))
	}
	text := fmt.Sprintf("%s wanted, and %s there", amount(target), amount(available))
	if d.most > rule.One {
		text += fmt.Sprintf(", or %s with repeat_at_most %s", amount(times(available, d.most)), d.most)
	}
	if needed := mulDivUp(target, int64(rule.One), available); needed < math.MaxInt64 {
		text += fmt.Sprintf(": that is repeat_at_most %s", rule.Number(needed))
	}
	return text
}

// times is so many times an amount, rounded up: a part of a unit does not refuse a target.
func times(amount int64, n rule.Number) int64 { return mulDivUp(amount, int64(n), int64(rule.One)) }

// mulDiv is a*b/c rounded down, or the largest number if it is above that. c is above 0, the others are not below.
func mulDiv(a, b, c int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	return divide(high, low, c)
}

// mulDivUp is mulDiv rounded up.
func mulDivUp(a, b, c int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	low, carry := bits.Add64(low, uint64(c-1), 0)
	return divide(high+carry, low, c)
}

func divide(high, low uint64, c int64) int64 {
	if high >= uint64(c) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(high, low, uint64(c))
	return int64(min(q, math.MaxInt64))
}

// amount writes a number with its thousands apart.
func amount(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return b.String()
}
