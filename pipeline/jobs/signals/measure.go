package signals

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/signal/table"
)

// measurer is the Runner of measure.<shard>.
type measurer struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r measurer) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(b.Shards) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(b.Shards)))
	}
	families, err := r.kind.families()
	if err != nil {
		return e, err
	}
	if names := table.Names(table.ColumnsOf(families)); !slices.Equal(names, b.Columns) {
		return e, pipeline.Permanent(fmt.Errorf("the signals here are %q, those of the plan %q", names, b.Columns))
	}
	s := &b.Shards[task.Index]
	families = s.families(families)
	m := measuring{format: r.kind.options.Tables.Of(s.Path), shard: s, rows: table.NewRows(slices.DeleteFunc(slices.Clone(families), ofCorpus))}
	if slices.ContainsFunc(families, ofCorpus) {
		if b.Lines == nil {
			return e, pipeline.Permanent(fmt.Errorf("%s: the plan counts no lines", task))
		}
		m.lines = lines.NewMeasurer(ctx, job, b.Lines)
		defer func() { err = errors.Join(err, m.lines.Close()) }()
	}
	if m.format == nil {
		return e, pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", s.Path))
	}
	columns := table.ColumnsOf(families)
	if s.Signals != "" {
		there, err := table.Columns(ctx, job.Corpus, s.Signals)
		if err != nil {
			return e, err
		}
		measured := table.Names(columns)
		m.kept = slices.DeleteFunc(there, func(c table.Column) bool { return slices.Contains(measured, c.Name) })
		columns = append(slices.Clone(m.kept), columns...)
	}
	out, err := pipeline.WriteTable(ctx, job, fileName(job.Plan, task.Index, len(b.Shards)), pipeline.SignalTable, table.Schema(columns), table.Options(job.Plan, columns),
		func(t columnar.TableWriter) (int64, error) { return m.write(ctx, job.Corpus, t) })
	if err != nil {
		return e, err
	}
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Bytes: out.Bytes,
		Sum: pipeline.Sum{In: s.Rows, Out: out.Rows}, Outputs: []pipeline.Output{out},
	}, nil
}

// fileName is that of the k-th file of the job.
func fileName(plan *pipeline.Plan, k, all int) string {
	return pipeline.SignalTable.Folder + "/" + pipeline.VersionName(plan.Version) + "/" + pipeline.SignalTable.ShardName(k, all)
}

// measuring is what a task does.
type measuring struct {
	format *pipeline.TableFormat
	shard  *measured
	rows   *table.Rows
	lines  *lines.Measurer // nil: their signals are not measured
	counts [][]int64       // of lines: a column a signal
	kept   []table.Column  // of the signals that are there
}

// write writes the rows: the signals that are there, and those that are measured.
func (m *measuring) write(ctx context.Context, from pipeline.Store, t columnar.TableWriter) (rows int64, err error) {
	there := &column{}
	if len(m.kept) > 0 {
		there.next, there.stop = iter.Pull2(m.there(ctx, from))
		defer there.stop()
	}
	columns := columnar.Selection{Text: []string{"id", "text", "source", "path", "metadata"}, Int: []string{"chars"}}
	err = m.format.ReadTable(ctx, from, m.shard.Path, columns, nil, func(f *columnar.Frame) error {
		measuredColumns, err := m.measure(ctx, f)
		if err != nil {
			return err
		}
		all := measuredColumns[:1:1]
		if len(m.kept) > 0 {
			kept, err := there.take(measuredColumns[0].(*columnar.Strings), len(m.kept))
			if err != nil {
				return fmt.Errorf("%s: %w", m.shard.Signals, err)
			}
			all = append(all, kept...)
		}
		rows += int64(f.Rows())
		return t.Write(append(all, measuredColumns[1:]...)...)
	})
	if err == nil && rows != m.shard.Rows {
		err = fmt.Errorf("%s has %d rows, it should have %d", m.shard.Path, rows, m.shard.Rows)
	}
	return rows, err
}

// measure measures the documents of a frame.
func (m *measuring) measure(ctx context.Context, f *columnar.Frame) ([]any, error) {
	ids, texts, sources, paths, metas, chars := f.Text("id"), f.Text("text"), f.Text("source"), f.Text("path"), f.Text("metadata"), f.Int("chars")
	document := func(i int, d *signal.Document) error {
		d.Text, d.Meta, d.Chars = texts.At(i), metas.At(i), int(chars[i])
		d.Source, d.Path = string(sources.At(i)), string(paths.At(i))
		return ctx.Err()
	}
	columns, err := m.rows.Measure(f.Rows(), func(i int, d *signal.Document) (id [16]byte, err error) {
		if id, err = ingest.ParseDocumentID(ids.At(i)); err != nil {
			return id, err
		}
		return id, document(i, d)
	})
	if err != nil || m.lines == nil {
		return columns, err
	}
	if m.counts == nil {
		m.counts = make([][]int64, lines.Columns)
	}
	for k := range m.counts {
		m.counts[k] = slices.Grow(m.counts[k][:0], f.Rows())[:f.Rows()]
	}
	if err := m.lines.Measure(f.Rows(), document, m.counts); err != nil {
		return nil, err
	}
	for _, c := range m.counts {
		columns = append(columns, c)
	}
	return columns, nil
}

// there yields the signals that are there, row by row: the id, and those of the columns that are kept.
func (m *measuring) there(ctx context.Context, from pipeline.Store) iter.Seq2[thereRow, error] {
	return func(yield func(thereRow, error) bool) {
		names := table.Names(m.kept)
		err := pipeline.SignalTable.ReadTable(ctx, from, m.shard.Signals, table.Selection(names), nil, func(f *columnar.Frame) error {
			r := thereRow{ids: f.Text(table.IDColumn)}
			for _, name := range names {
				r.figures = append(r.figures, f.Int(name))
			}
			for r.row = range f.Rows() {
				if !yield(r, nil) {
					return pipeline.ErrEnough
				}
			}
			return nil
		})
		if err != nil {
			yield(thereRow{}, err)
		}
	}
}

type thereRow struct {
	ids     *columnar.Strings
	figures [][]int64
	row     int
}

// column takes rows of signals that are there.
type column struct {
	next    func() (thereRow, error, bool)
	stop    func()
	columns [][]int64
}

// take returns the columns of the next rows, which must be those of the documents.
func (c *column) take(ids *columnar.Strings, width int) (columns []any, err error) {
	if c.columns == nil {
		c.columns = make([][]int64, width)
	}
	for k := range c.columns {
		c.columns[k] = c.columns[k][:0]
	}
	for i := range ids.Len() {
		r, err, ok := c.next()
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, errors.New("it has fewer rows than the shard")
		case string(r.ids.At(r.row)) != string(ids.At(i)):
			return nil, fmt.Errorf("it has %s where the shard has %s", r.ids.At(r.row), ids.At(i))
		}
		for k := range c.columns {
			c.columns[k] = append(c.columns[k], r.figures[k][r.row])
		}
	}
	for k := range c.columns {
		columns = append(columns, c.columns[k])
	}
	return columns, nil
}
