package release

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Counters of entries of write.
const (
	countSequences = "sequences"
	countWritten   = "tokens"
	countPadded    = "padded"
	countParts     = "parts" // of documents
)

// writer is the Runner of write.<shard>: it puts the documents of a shard in order, and writes them in all formats, with the tables that say where each is.
// The entry's rows are the documents, with all copies.
type writer struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r writer) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	d, err := readDecision(ctx, job)
	if err != nil {
		return e, err
	}
	split, number, err := d.shardOf(task.Index)
	if err != nil {
		return e, err
	}
	from, err := openScattered(ctx, job, scatteredNames(b), d.partitions())
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	w := &writing{job: job, body: b, decision: d, split: split, shard: tokens.Shard{Split: split.Name, Number: number, Of: split.Shards}}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.open(ctx, r.kind); err != nil {
		return e, err
	}
	l := layoutOf(b)
	for p := range split.PerShard {
		if err := from.gather(ctx, split.First+number*split.PerShard+p, &l, r.kind.options.PartitionBytes, w.document); err != nil {
			return e, err
		}
	}
	if e.Outputs, err = w.commit(ctx); err != nil {
		return e, err
	}
	e.Stage, e.Index, e.Verdict, e.Rows, e.Counters = task.Stage, task.Index, pipeline.VerdictDone, w.documents, w.counters
	for _, o := range e.Outputs {
		e.Bytes += o.Bytes
	}
	return e, nil
}

// releasedRow is a row of released, but for the position.
type releasedRow struct {
	stratum, copies, tokens int
}

// writing writes a shard.
type writing struct {
	job      *pipeline.Job
	body     *body
	decision *decision
	split    *splitOf
	shard    tokens.Shard

	tokens    []tokens.Writer
	tables    []*documentTable
	pack      *packer
	documents int64
	position  int64 // tokens so far
	counters  columnar.Counters

	ids struct {
		id, texts  columnar.Strings
		start, end []int64
		copy, part []int32
	}
	released struct {
		id, split, stratum columnar.Strings
		copies, shard      []int32
		tokens, position   []int64
	}
}

func (w *writing) open(ctx context.Context, k *Kind) error {
	for _, f := range w.body.Recipe.Write {
		if of := k.tokens(f.Format); of != nil {
			writer, err := of.New(ctx, w.job, of.Name, w.shard, w.body.spec())
			if err != nil {
				return err
			}
			w.tokens = append(w.tokens, writer)
			continue
		}
		t, err := newDocumentTable(ctx, w.job, k.documents(f.Format), w.shard, f.Columns, w.body.columns(), w.decision.Strata)
		if err != nil {
			return err
		}
		w.tables = append(w.tables, t)
	}
	if w.body.Tokens != nil {
		w.pack = newPacker(w.body.Recipe.Encode, w.body.pad(), w.sequence)
	}
	return nil
}

func (w *writing) close() (err error) {
	for _, t := range w.tokens {
		err = errors.Join(err, t.Close())
	}
	for _, t := range w.tables {
		err = errors.Join(err, t.close())
	}
	return err
}

// document takes the next one.
func (w *writing) document(r *record) error {
	row := releasedRow{r.stratum, r.copies, len(r.tokens)}
	first := w.first(r)
	for _, t := range w.tables {
		if err := t.add(r); err != nil {
			return err
		}
	}
	if w.pack == nil {
		if first {
			w.release(&r.id, row, w.documents)
		}
	} else if err := w.pack.add(part{id: r.id, copy: r.copy, first: first, row: row}, r.tokens); err != nil {
		return err
	}
	w.documents++
	return nil
}

// first says whether a copy is the first one of its document, in the order of the release.
func (w *writing) first(r *record) bool {
	if r.copies == 1 {
		return true
	}
	switch o := &w.body.Recipe.Order; o.How {
	case recipe.OrderCorpus:
		return r.copy == 0
	case recipe.OrderSignal:
		return r.copy == firstCopy(0, &r.id, r.copies)
	default:
		return r.copy == firstCopy(o.Seed, &r.id, r.copies)
	}
}

func firstCopy(seed uint64, id *[16]byte, copies int) (first int) {
	least := shuffled(seed, id, 0)
	for c := 1; c < copies; c++ {
		if h := shuffled(seed, id, c); h < least {
			first, least = c, h
		}
	}
	return first
}

// sequence writes one, and says whose tokens it has.
func (w *writing) sequence(s *tokens.Sequence, parts []part) error {
	for _, t := range w.tokens {
		if err := t.Write(s); err != nil {
			return err
		}
	}
	for i := range parts {
		p := &parts[i]
		start := w.position + int64(s.Starts[i])
		w.ids.id.Data = hex.AppendEncode(w.ids.id.Data, p.id[:])
		w.ids.id.Seal()
		w.ids.start, w.ids.end = append(w.ids.start, start), append(w.ids.end, start+int64(p.tokens))
		w.ids.copy, w.ids.part = append(w.ids.copy, int32(p.copy)), append(w.ids.part, int32(p.number))
		if p.first {
			w.release(&p.id, p.row, start)
		}
	}
	w.position += int64(len(s.Tokens))
	w.counters.Add(countSequences, 1)
	w.counters.Add(countWritten, int64(len(s.Tokens)-s.Padded))
	w.counters.Add(countPadded, int64(s.Padded))
	w.counters.Add(countParts, int64(len(parts)))
	return nil
}

// release adds a row of released.
func (w *writing) release(id *[16]byte, row releasedRow, position int64) {
	t := &w.released
	t.id.Data = hex.AppendEncode(t.id.Data, id[:])
	t.id.Seal()
	t.split.Append([]byte(w.split.Name))
	name := ""
	if row.stratum > 0 && row.stratum <= len(w.decision.Strata) {
		name = w.decision.Strata[row.stratum-1].Name
	}
	t.stratum.Append([]byte(name))
	t.copies, t.shard = append(t.copies, int32(row.copies)), append(t.shard, int32(w.shard.Number))
	t.tokens, t.position = append(t.tokens, int64(row.tokens)), append(t.position, position)
}

var releasedSchema = []columnar.Column{
	{Name: "id", Type: columnar.String},
	{Name: "split", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "stratum", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "copies", Type: columnar.Int32},
	{Name: "tokens", Type: columnar.Int64},
	{Name: "shard", Type: columnar.Int32, Statistics: true},
	{Name: "position", Type: columnar.Int64},
}

var idsSchema = []columnar.Column{
	{Name: "start", Type: columnar.Int64, Statistics: true},
	{Name: "end", Type: columnar.Int64},
	{Name: "id", Type: columnar.String},
	{Name: "copy", Type: columnar.Int32},
	{Name: "part", Type: columnar.Int32},
}

// commit makes all files appear.
func (w *writing) commit(ctx context.Context) (outputs []pipeline.Output, err error) {
	if w.pack != nil {
		if err := w.pack.end(); err != nil {
			return nil, err
		}
	}
	for _, t := range w.tokens {
		of, err := t.Commit()
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, of...)
	}
	for _, t := range w.tables {
		of, err := t.commit(ctx)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, of)
	}
	table := func(folder string, schema []columnar.Column, rows int, columns ...any) error {
		if rows == 0 { // columns without a value have no offsets
			return nil
		}
		out, err := pipeline.WriteTable(ctx, w.job, folder+"/"+w.shard.Name()+".parquet", pipeline.ParquetTable, schema, tableOptions,
			func(t columnar.TableWriter) (int64, error) { return int64(rows), t.Write(columns...) })
		outputs = append(outputs, out)
		return err
	}
	if w.pack != nil {
		if err := table(idsFolder, idsSchema, w.ids.id.Len(), w.ids.start, w.ids.end, &w.ids.id, w.ids.copy, w.ids.part); err != nil {
			return nil, err
		}
	}
	t := &w.released
	err = table(releasedFolder, releasedSchema, t.id.Len(), &t.id, &t.split, &t.stratum, t.copies, t.tokens, t.shard, t.position)
	return outputs, err
}

// spec is what holds for the token files of all shards.
func (b *body) spec() tokens.Spec {
	s := tokens.Spec{EOS: -1, Pad: -1}
	if b.Tokens != nil {
		s.Vocabulary, s.EOS, s.Tokenizer = b.Tokens.Size, b.Tokens.EOS, b.Tokens.Digest
		if e := b.Recipe.Encode; e.Pack.How != recipe.PackNone {
			s.Length, s.Pad = e.Pack.Length, b.pad()
		}
	}
	return s
}

// pad is the token that sequences are filled up with: the end of a document, where there is one.
func (b *body) pad() int32 { return max(b.Tokens.EOS, 0) }

// documentTable writes documents as they are, with what the release says of them.
type documentTable struct {
	file    *pipeline.TableFile
	columns []releaseColumn
	n       int64
	bytes   int
	strata  []stratum
	ids     []byte
}

// releaseColumn is a column that is written, and the values that wait for that.
type releaseColumn struct {
	columnar.Column
	at      int // its number among the texts, or the numbers, of records; -1: it is the release's
	texts   columnar.Strings
	numbers []int64
}

// ofRelease are the columns that a corpus does not have.
var ofRelease = []columnar.Column{
	{Name: recipe.ColumnStratum, Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: recipe.ColumnRepeat, Type: columnar.Int32},
	{Name: recipe.ColumnTokenCount, Type: columnar.Int64},
	{Name: recipe.ColumnTokens, Type: columnar.Binary},
}

// tableBytes of texts are written at once.
const tableBytes = 4 << 20

func newDocumentTable(ctx context.Context, job *pipeline.Job, format *pipeline.TableFormat, shard tokens.Shard, names, all []string, strata []stratum) (*documentTable, error) {
	if format == nil {
		return nil, pipeline.Permanent(errors.New("a format of documents is not known here"))
	}
	t := &documentTable{strata: strata}
	var schema []columnar.Column
	for _, name := range names {
		c := releaseColumn{at: -1}
		if i := slices.IndexFunc(ofRelease, func(c columnar.Column) bool { return c.Name == name }); i >= 0 {
			c.Column = ofRelease[i]
		} else {
			c.Column, _ = documentColumn(name)
			c.at = 0
			for _, before := range all[:slices.Index(all, name)] {
				if o, _ := documentColumn(before); (o.Type == columnar.String) == (c.Type == columnar.String) {
					c.at++
				}
			}
		}
		if !slices.Contains(names, c.By) { // what a histogram goes by may not be wanted
			c.By = ""
		}
		t.columns, schema = append(t.columns, c), append(schema, c.Column)
	}
	var err error
	t.file, err = pipeline.CreateTable(ctx, job, fmt.Sprintf("%s/%s.%s", format.Name, shard.Name(), format.Extension), *format, schema, tableOptions)
	return t, err
}

func (t *documentTable) add(r *record) error {
	for i := range t.columns {
		c := &t.columns[i]
		switch {
		case c.at < 0:
			t.release(c, r)
		case c.Type == columnar.String:
			c.texts.Append(r.texts[c.at])
			t.bytes += len(r.texts[c.at])
		default:
			c.numbers = append(c.numbers, r.numbers[c.at])
		}
	}
	t.n++
	if t.bytes += 8; t.bytes >= tableBytes {
		return t.flush()
	}
	return nil
}

// release adds what the release says of a document.
func (t *documentTable) release(c *releaseColumn, r *record) {
	switch c.Name {
	case recipe.ColumnStratum:
		name := ""
		if r.stratum > 0 && r.stratum <= len(t.strata) {
			name = t.strata[r.stratum-1].Name
		}
		c.texts.Append([]byte(name))
	case recipe.ColumnRepeat:
		c.numbers = append(c.numbers, int64(r.copy))
	case recipe.ColumnTokenCount:
		c.numbers = append(c.numbers, int64(len(r.tokens)))
	case recipe.ColumnTokens:
		t.ids = appendIDs(t.ids[:0], r.tokens)
		c.texts.Append(t.ids)
		t.bytes += len(t.ids)
	}
}

func (t *documentTable) flush() error {
	if t.bytes == 0 {
		return nil
	}
	var values []any
	for i := range t.columns {
		c := &t.columns[i]
		switch c.Type {
		case columnar.String, columnar.Binary:
			values = append(values, &c.texts)
		case columnar.Int32:
			narrow := make([]int32, len(c.numbers))
			for k, v := range c.numbers {
				narrow[k] = int32(v)
			}
			values = append(values, narrow)
		default:
			values = append(values, c.numbers)
		}
	}
	err := t.file.Write(values...)
	for i := range t.columns {
		t.columns[i].texts.Reset()
		t.columns[i].numbers = t.columns[i].numbers[:0]
	}
	t.bytes = 0
	return err
}

func (t *documentTable) commit(ctx context.Context) (pipeline.Output, error) {
	if err := t.flush(); err != nil {
		return pipeline.Output{}, err
	}
	return t.file.Commit(ctx, t.n)
}

func (t *documentTable) close() error { return t.file.Close() }
