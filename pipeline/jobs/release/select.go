package release

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/beside"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

// countRead is the counter of entries of select: bytes of the corpus that were read.
const countRead = "read"

// selector is the Runner of select.<split>: it says of each document whether it is selected, and what it is counted by. The entry's rows are the documents.
type selector struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r selector) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(b.Splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, len(b.Splits)))
	}
	s, err := r.kind.selecting(ctx, job, b)
	if err != nil {
		return e, err
	}
	read := &atomic.Int64{}
	s.from = metered{job.Corpus, read}
	for _, p := range b.Splits[task.Index] {
		if err := s.read(p); err != nil {
			return e, err
		}
	}
	out, err := s.rows.write(ctx, job, rowsName(task.Index))
	e = pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: int64(s.rows.len()), Bytes: s.bytes, Outputs: []pipeline.Output{out},
	}
	e.Counters.Add(countRead, read.Load())
	return e, err
}

// selecting selects documents of one task.
type selecting struct {
	ctx        context.Context // of the task
	job        *pipeline.Job
	from       pipeline.Store // the corpus
	body       *body
	tables     pipeline.TableFormats
	conditions []condition
	testers    []*rule.Tester // nil of those that are plain
	sides      *sides

	stratum, group, capped *grouping // of the mixture, the split and the cap; nil: none
	text                   []string  // columns of documents that are read beside their ids
	own, signals           []string
	unit                   string
	value, order, copies   int // numbers among body.Signals, -1: none
	tokens                 int // likewise
	byLabel                bool

	values [][]int64
	met    []bool
	rows   rows
	of     map[string]int32 // numbers of strata
	bytes  int64
}

func (k *Kind) selecting(ctx context.Context, job *pipeline.Job, b *body) (*selecting, error) {
	s := &selecting{ctx: ctx, job: job, body: b, tables: k.options.Tables, value: -1, order: -1, copies: -1, tokens: -1, of: map[string]int32{}}
	all := rulesOf(b.Signals)
	var err error
	if s.conditions, err = conditionsOf(b.Recipe.Select, all, k.options.Presets); err != nil {
		return nil, pipeline.Permanent(err)
	}
	s.text = []string{"id"}
	need := func(columns ...string) {
		for _, c := range columns {
			if !slices.Contains(s.text, c) {
				s.text = append(s.text, c)
			}
		}
	}
	for _, c := range s.conditions {
		var t *rule.Tester
		if !c.Plain() {
			t = c.Tester()
			need(c.Fields...)
		}
		s.testers = append(s.testers, t)
	}
	find := func(name string) (int, error) {
		i, err := all.Find(name)
		return i, pipeline.Permanent(err)
	}
	grouped := func(field string) *grouping {
		g := &grouping{field: field}
		need(g.reads()...)
		return g
	}
	if m := b.Recipe.Mix; m != nil {
		s.unit = m.Unit
		switch {
		case m.By.Signal != "":
			s.value, err = find(m.By.Signal)
		case m.By.Field == recipe.FieldLanguage || m.By.Field == recipe.FieldScript:
			s.value, err = find(m.By.Field)
			s.byLabel = true
		case m.By.Field != "":
			s.stratum = grouped(m.By.Field)
		}
		if err == nil && len(m.ByCopies) > 0 {
			s.copies, err = find(ingest.CopiesColumn)
		}
		if m.Cap != nil {
			s.capped = grouped(m.Cap.By)
		}
	}
	if err == nil && b.Counts != "" {
		s.tokens, err = find(b.Counts)
	}
	if o := &b.Recipe.Order; err == nil && o.How == recipe.OrderSignal {
		s.order, err = find(o.Signal)
	}
	if err != nil {
		return nil, err
	}
	if s.sides, err = k.sidesOf(ctx, job, b); err != nil {
		return nil, err
	}
	if by := s.sides.by; by != "" && by != recipe.FieldID {
		s.group = grouped(by)
	}
	for _, d := range b.Signals {
		if d.Own {
			s.own = append(s.own, d.Name)
		} else {
			s.signals = append(s.signals, d.Name)
		}
	}
	for _, name := range []string{"bytes", "chars"} {
		if !slices.Contains(s.own, name) {
			s.own = append(s.own, name)
		}
	}
	s.values = make([][]int64, len(b.Signals))
	return s, nil
}

// read reads a piece.
func (s *selecting) read(p piece) error {
	f := &s.body.Shards[p.Shard]
	format := s.tables.Of(f.Path)
	if format == nil {
		return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", f.Path))
	}
	const documents = 0
	tables := []beside.Table{{Format: format, Path: f.Path, Columns: columnar.Selection{Text: s.text, Int: s.own}}}
	if len(s.signals) > 0 {
		tables = append(tables, beside.Table{Format: &pipeline.SignalTable, Path: f.Signals.Path, Columns: columnar.Selection{Int: s.signals}})
	}
	return beside.Each(s.ctx, s.from, beside.Rows{First: p.First, Rows: p.Rows}, tables, func(b *beside.Block) error {
		for i, d := range s.body.Signals {
			table := documents
			if !d.Own {
				table = 1
			}
			s.values[i] = b.Int(table, d.Name)
		}
		return s.block(b)
	})
}

// block decides on some documents.
func (s *selecting) block(b *beside.Block) error {
	base, n := s.rows.len(), b.Len
	if err := s.ids(b); err != nil {
		return err
	}
	s.rows.why = append(s.rows.why, make([]uint8, n)...)
	why := s.rows.why[base:]
	for i := range s.conditions {
		if err := s.try(i, b, why); err != nil {
			return err
		}
	}
	chars, bytes := b.Int(0, "chars"), b.Int(0, "bytes")
	source, meta := s.field(b, "source"), s.field(b, "metadata")
	figures := figuresOf{s: s, b: b}
	for i := range n {
		id := &s.rows.id[base+i]
		figures.add(i, why[i])
		s.bytes += bytes[i]
		s.rows.bytes = append(s.rows.bytes, bytes[i])
		amount, weight := int64(1), int32(1)
		switch {
		case s.unit == recipe.UnitChars:
			amount = chars[i]
		case s.tokens >= 0:
			amount = s.values[s.tokens][i] + int64(s.body.Tokens.marks())
		}
		if s.copies >= 0 {
			weight = int32(min(s.body.Recipe.Mix.ByCopies.Weight(s.values[s.copies][i]), maxCopies))
		}
		s.rows.amount, s.rows.weight = append(s.rows.amount, amount), append(s.rows.weight, weight)
		s.rows.split = append(s.rows.split, s.sides.of(id, s.group, source(i), meta(i)))
		s.rows.stratum = append(s.rows.stratum, s.stratumOf(i, source, meta))
		s.rows.value = append(s.rows.value, valueOf(s.values, s.value, i))
		s.rows.order = append(s.rows.order, valueOf(s.values, s.order, i))
		site := uint64(0)
		if s.capped != nil {
			site = xxh3.Hash(s.capped.of(source(i), meta(i)))
		}
		s.rows.site = append(s.rows.site, site)
	}
	return s.ctx.Err()
}

func valueOf(values [][]int64, at, i int) int64 {
	if at < 0 {
		return 0
	}
	return values[at][i]
}

// field returns what reads a column of the block: nothing, if it was not asked for.
func (s *selecting) field(b *beside.Block, name string) func(i int) []byte {
	if !slices.Contains(s.text, name) {
		return func(int) []byte { return nil }
	}
	column, first := b.Text(0, name)
	return func(i int) []byte { return column.At(first + i) }
}

func (s *selecting) ids(b *beside.Block) error {
	id := s.field(b, "id")
	for i := range b.Len {
		d, err := ingest.ParseDocumentID(id(i))
		if err != nil {
			return pipeline.Permanent(err)
		}
		s.rows.id = append(s.rows.id, d)
	}
	return nil
}

// stratumOf is the number of a document's stratum. Buckets have none yet: where they end, balance knows.
func (s *selecting) stratumOf(i int, source, meta func(int) []byte) int32 {
	var name []byte
	switch {
	case s.byLabel:
		labels, v := s.body.Signals[s.value].Labels, s.values[s.value][i]
		if v < 0 || v >= int64(len(labels)) {
			name = []byte(noValue)
		} else {
			name = []byte(labels[v])
		}
	case s.stratum != nil:
		name = s.stratum.of(source(i), meta(i))
	default:
		name = nil
	}
	n, ok := s.of[string(name)]
	if !ok {
		n = int32(len(s.rows.strata))
		s.of[string(name)] = n
		s.rows.strata = append(s.rows.strata, string(name))
	}
	return n
}

// try tries a condition on the documents that are selected so far.
func (s *selecting) try(c int, b *beside.Block, why []uint8) error {
	n := b.Len
	s.met = slices.Grow(s.met[:0], n)[:n]
	if s.testers[c] == nil {
		s.conditions[c].Sweep(s.values, s.met)
	} else {
		source, path, meta := s.field(b, "source"), s.field(b, "path"), s.field(b, "metadata")
		subject := rule.Subject{Values: make([]int64, len(s.values))}
		for i := range n {
			if why[i] != 0 {
				continue
			}
			for k := range s.values {
				subject.Values[k] = s.values[k][i]
			}
			subject.Next(string(source(i)), string(path(i)), meta(i))
			met, err := s.testers[c].Meets(&subject)
			s.met[i] = met && err == nil // what cannot be told of a document is not so
		}
	}
	number := uint8(0)
	for i := range n {
		if why[i] == 0 && !s.met[i] {
			if number == 0 {
				number = s.rows.reason(s.conditions[c].reason)
			}
			why[i] = number
		}
	}
	return nil
}

// figuresOf adds what is said of documents that are left out.
type figuresOf struct {
	s *selecting
	b *beside.Block
}

func (f *figuresOf) add(i int, why uint8) {
	s := f.s
	if why != 0 {
		values := make([]int64, len(s.values))
		for k := range s.values {
			values[k] = s.values[k][i]
		}
		reason := s.rows.reasons[why-1]
		c := slices.IndexFunc(s.conditions, func(c condition) bool { return c.reason == reason })
		s.rows.figure.Data = append(s.rows.figure.Data, s.conditions[c].Says(values)...)
	}
	s.rows.figure.Seal()
}
