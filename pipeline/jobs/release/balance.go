package release

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/jobs/release/mixture"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

// balancer is the Runner of balance.0: it says how often documents are taken and where they go. It reads the rows of all tasks several times, one task after
// the other: to find which documents are above a cap, the borders of buckets, what there is of each stratum, and where the part of a stratum ends that is
// taken once more.
type balancer struct{}

// Run implements pipeline.Runner.
func (balancer) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	l := &balancing{ctx: ctx, job: job, body: b, mix: b.Recipe.Mix, d: &decision{}}
	for _, step := range []func() error{l.caps, l.buckets, l.available, l.decide, l.splits, l.cuts} {
		if err := step(); err != nil {
			return e, err
		}
	}
	data, _, err := dataset.Encode(l.d)
	if err != nil {
		return e, err
	}
	f, err := pipeline.CreateWork(ctx, job, decisionName)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return e, err
	}
	out, err := f.Commit(0)
	return pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: l.d.Selected, Bytes: out.Bytes, Outputs: []pipeline.Output{out}}, err
}

// balancing is the task.
type balancing struct {
	ctx  context.Context // of the task
	job  *pipeline.Job
	body *body
	mix  *recipe.Mix // nil: there is none
	d    *decision

	strata map[string]*mixture.Stratum
}

// each hands over the rows of all tasks, in their order.
func (l *balancing) each(yield func(task int, r *rows) error) error {
	for i := range l.body.Splits {
		r, err := readRows(l.ctx, l.job.Work, l.body.settledName(i))
		if err != nil {
			return err
		}
		if err := yield(i, r); err != nil {
			return err
		}
		if err := l.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (l *balancing) seed() uint64 {
	if l.mix == nil {
		return 0
	}
	return l.mix.Seed
}

// capItems of documents are sorted in memory at once.
const capItems = 4 << 20

// caps finds the groups with more documents than the cap: those with the lowest keys stay. Groups are looked at by parts of their hashes, as many as memory
// wants.
func (l *balancing) caps() error {
	if l.mix == nil || l.mix.Cap == nil {
		return nil
	}
	total := 0
	if err := l.each(func(_ int, r *rows) error {
		for _, why := range r.why {
			if why == 0 {
				total++
			}
		}
		return nil
	}); err != nil {
		return err
	}
	type item struct {
		site uint64
		border
	}
	passes := total/capItems + 1
	for pass := range passes {
		var items []item
		if err := l.each(func(_ int, r *rows) error {
			for i := range r.id {
				if r.why[i] == 0 && int(r.site[i]%uint64(passes)) == pass {
					items = append(items, item{r.site[i], border{mixture.Key(l.seed(), &r.id[i]), r.id[i]}})
				}
			}
			return nil
		}); err != nil {
			return err
		}
		slices.SortFunc(items, func(a, b item) int {
			return cmp.Or(cmp.Compare(a.site, b.site), cmp.Compare(a.Key, b.Key), bytes.Compare(a.ID[:], b.ID[:]))
		})
		for from := 0; from < len(items); {
			to := from
			for to < len(items) && items[to].site == items[from].site {
				to++
			}
			if n := int(l.mix.Cap.Documents); to-from > n {
				l.d.Caps = append(l.d.Caps, capped{items[from].site, items[from+n].border})
			}
			from = to
		}
	}
	return nil
}

// buckets finds the borders of the buckets of a signal.
func (l *balancing) buckets() error {
	if l.mix == nil || l.mix.By.Signal == "" {
		return nil
	}
	for _, n := range l.mix.By.Borders {
		l.d.Borders = append(l.d.Borders, l.borderValue(int64(n)))
	}
	if len(l.d.Borders) > 0 {
		return nil
	}
	var v mixture.Values
	if err := l.train(func(t *taking, i int) { v.Add(t.rows.value[i], 1) }); err != nil {
		return err
	}
	q := v.Quantiles(l.mix.By.Buckets)
	err := l.train(func(t *taking, i int) { q.Add(t.rows.value[i], 1) })
	l.d.Borders = q.Borders()
	return err
}

// borderValue is a border as it stands in a recipe, a decimal, in the unit of the signal.
func (l *balancing) borderValue(n int64) int64 {
	all := rulesOf(l.body.Signals)
	if i, err := all.Find(l.mix.By.Signal); err == nil && all[i].Unit == 0 {
		return n / 1_000_000
	}
	return n
}

// train goes through the documents that are in the training split, as far as they are not above a cap.
func (l *balancing) train(yield func(t *taking, i int)) error {
	return l.each(func(_ int, r *rows) error {
		t := l.d.taking(l.mix, r)
		for i := range r.id {
			if r.why[i] == 0 && r.split[i] == 0 && !t.capped(i) {
				yield(t, i)
			}
		}
		return nil
	})
}

// available adds up what there is of each stratum.
func (l *balancing) available() error {
	l.strata = map[string]*mixture.Stratum{}
	return l.train(func(t *taking, i int) {
		name := t.name(i)
		s := l.strata[name]
		if s == nil {
			s = &mixture.Stratum{Name: name}
			l.strata[name] = s
		}
		s.Documents++
		s.Amount += int64(t.rows.weight[i]) * t.rows.amount[i]
	})
}

// decide says how much of each stratum is taken.
func (l *balancing) decide() error {
	var list []mixture.Stratum
	for _, name := range slices.Sorted(maps.Keys(l.strata)) {
		list = append(list, *l.strata[name])
	}
	decisions, err := mixture.Decide(l.mix, list)
	if err != nil {
		return pipeline.Permanent(fmt.Errorf("%w: %w", pipeline.ErrUsage, err))
	}
	size := func(t *taking, i int) int64 { return int64(t.rows.weight[i]) * t.rows.amount[i] }
	sums, borders, items := map[string]*mixture.Histogram{}, map[string]*mixture.Border{}, map[string]mixture.Items{}
	for i := range decisions {
		if d := &decisions[i]; d.Rest() > 0 {
			sums[d.Name] = mixture.NewHistogram(len(decisions))
		}
	}
	if len(sums) > 0 {
		err := l.train(func(t *taking, i int) {
			if h := sums[t.name(i)]; h != nil {
				h.Add(mixture.Key(l.seed(), &t.rows.id[i]), size(t, i))
			}
		})
		if err != nil {
			return err
		}
		for i := range decisions {
			if d := &decisions[i]; sums[d.Name] != nil {
				b := sums[d.Name].Border(d.Rest())
				borders[d.Name] = &b
			}
		}
		err = l.train(func(t *taking, i int) {
			name, key := t.name(i), mixture.Key(l.seed(), &t.rows.id[i])
			if b := borders[name]; b != nil && b.Has(key) {
				items[name] = append(items[name], mixture.Item{Key: key, ID: t.rows.id[i], Size: size(t, i)})
			}
		})
		if err != nil {
			return err
		}
	}
	for i := range decisions {
		d := &decisions[i]
		if b := borders[d.Name]; b != nil {
			d.Settle(b.Bound(items[d.Name]))
		}
		documents := int64(0)
		if s := l.strata[d.Name]; s != nil {
			documents = s.Documents
		}
		l.d.Strata = append(l.d.Strata, stratum{*d, documents})
	}
	return nil
}

// recordBytes is what a record has beside texts and tokens, about.
const recordBytes = 64

// splits says into how many shards, and partitions, each split goes.
func (l *balancing) splits() error {
	for _, name := range splitNames(l.body.Recipe.Split) {
		l.d.Splits = append(l.d.Splits, splitOf{Name: name})
	}
	l.d.LeftOut = map[string]int64{}
	cut := &CutTotals{}
	if l.body.Lines != nil && l.body.measured() {
		l.d.Cut = cut
	}
	if err := l.each(func(_ int, r *rows) error {
		t := l.d.taking(l.mix, r)
		l.d.Documents += int64(r.len())
		for i := range r.id {
			n, why := t.of(i)
			if why != "" {
				l.d.LeftOut[why]++
			}
			s := &l.d.Splits[r.split[i]]
			s.Documents += int64(n)
			s.Bytes += int64(n) * r.bytes[i]
			if n > 0 && len(r.cutLines) > 0 {
				cut.add(int64(r.cutLines[i]), r.cutChars[i])
			}
			if r.why[i] == 0 {
				l.d.Selected++
			}
		}
		return nil
	}); err != nil {
		return err
	}
	payloads := int64(0)
	if l.body.Tokens != nil {
		payloads++
	}
	if slices.Contains(l.body.columns(), "text") {
		payloads++
	}
	o := &l.body.Recipe.Shards
	train := &l.d.Splits[0]
	for i := range l.d.Splits {
		s := &l.d.Splits[i]
		switch {
		case o.Number == 0:
			s.Shards = int(max(1, (s.Bytes+o.Bytes-1)/max(1, o.Bytes)))
		case i == 0 || train.Bytes == 0:
			s.Shards = o.Number
		default: // files as large as those to train on, about
			s.Shards = int(min(max(1, s.Bytes*int64(o.Number)/train.Bytes), int64(o.Number)))
		}
		if s.Documents == 0 {
			s.Shards = 0
		}
		if s.Shards > recipe.MostShards {
			return pipeline.Permanent(fmt.Errorf("%w: split %s would have %d shards, of at most %d: make them larger", pipeline.ErrUsage, s.Name, s.Shards, recipe.MostShards))
		}
	}
	all := l.d.shards()
	for i := range l.d.Splits {
		s := &l.d.Splits[i]
		if s.Shards == 0 {
			continue
		}
		raw := (s.Bytes*payloads + s.Documents*recordBytes) / int64(s.Shards)
		s.PerShard = int(max(1, min((raw+partitionBytes-1)/partitionBytes, int64(mostPartitions/all))))
		s.Partitions = s.Shards * s.PerShard
		s.First = 0
		for k := range i {
			s.First += l.d.Splits[k].Partitions
		}
	}
	return nil
}

// cutSamples documents tell where partitions are cut that are no equal parts of the keys.
const cutSamples = 1 << 16

// cuts finds where partitions end in an order that is no shuffle, by a part of the documents that their keys draw: so partitions are of about one size.
func (l *balancing) cuts() error {
	o := &l.body.Recipe.Order
	if o.How == recipe.OrderShuffle {
		return nil
	}
	type sample struct {
		place
		bytes int64
	}
	samples := make([][]sample, len(l.d.Splits))
	every := uint64(max(1, l.d.Documents/cutSamples))
	if err := l.each(func(task int, r *rows) error {
		t := l.d.taking(l.mix, r)
		for i := range r.id {
			if mixture.Key(0, &r.id[i])%every != 0 {
				continue
			}
			if n, _ := t.of(i); n > 0 {
				samples[r.split[i]] = append(samples[r.split[i]], sample{placeOf(o, task, r, i, 0), int64(n) * (r.bytes[i] + recordBytes)})
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range l.d.Splits {
		s, of := &l.d.Splits[i], samples[i]
		slices.SortFunc(of, func(a, b sample) int { return a.compare(b.place) })
		all, sum := int64(0), int64(0)
		for k := range of {
			all += of[k].bytes
		}
		s.Cuts = make([]place, 0, max(0, s.Partitions-1))
		for k := range of {
			for len(s.Cuts) < s.Partitions-1 && sum >= all/int64(s.Partitions)*int64(len(s.Cuts)+1) {
				s.Cuts = append(s.Cuts, of[k].place)
			}
			sum += of[k].bytes
		}
		for len(s.Cuts) < s.Partitions-1 {
			s.Cuts = append(s.Cuts, place{^uint64(0), ^uint64(0)})
		}
	}
	return nil
}

// totals are the sums of a release as they were decided.
func (d *decision) totals() Totals {
	t := Totals{Documents: d.Documents, Released: d.Documents, LeftOut: d.LeftOut, Cut: d.Cut, Borders: d.Borders}
	for _, n := range d.LeftOut {
		t.Released -= n
	}
	for i := range d.Splits {
		s := &d.Splits[i]
		t.Copies += s.Documents
		t.Splits = append(t.Splits, SplitTotals{Name: s.Name, Shards: s.Shards, Documents: s.Documents})
	}
	for i := range d.Strata {
		s := &d.Strata[i]
		t.Strata = append(t.Strata, StratumTotals{s.Name, s.Documents, s.Available, s.Target, s.Taken, s.Repeats.String()})
	}
	return t
}
