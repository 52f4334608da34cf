package lines

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"millrace/pipeline"
	"millrace/pipeline/signal"
	"millrace/pipeline/sorted"
)

// Measurer measures the signals of Family by the keys that a job has found frequent. It is used by one goroutine.
type Measurer struct {
	files  *sorted.Handles
	lookup *sorted.Lookup
	scan   Scanner
	group  []byte

	keys   []uint64 // of documents one behind the other: that of the group, and those of the lines
	asked  []uint64
	found  []sorted.Item[uint64]
	counts map[uint64]int64
}

// NewMeasurer returns a Measurer of a job whose lines are counted.
func NewMeasurer(ctx context.Context, job *pipeline.Job, p *Plan) *Measurer {
	names := make([]string, p.Partitions)
	for i := range names {
		names[i] = frequentName(i)
	}
	files := sorted.NewHandles(ctx, job.Work)
	return &Measurer{files: files, lookup: sorted.NewLookup(files, names), counts: map[uint64]int64{}}
}

// Close closes the files.
func (m *Measurer) Close() error { return m.files.Close() }

// Measure measures n documents into a column a signal, as long as there are documents. of puts one into d, and is asked twice for each.
func (m *Measurer) Measure(n int, of func(i int, d *signal.Document) error, out [][]int64) error {
	if len(out) != Columns {
		return errors.New("the signals of lines are in other columns")
	}
	m.keys = m.keys[:0]
	var d signal.Document
	ends := make([]int, n)
	for i := range n {
		if err := of(i, &d); err != nil {
			return err
		}
		m.document(&d)
		ends[i] = len(m.keys)
	}
	if err := m.count(); err != nil {
		return err
	}
	from := 0
	for i, end := range ends {
		if err := of(i, &d); err != nil {
			return err
		}
		f := figuresOf(d.Text, m.keys[from:end], m.counts)
		out[0][i], out[1][i], out[2][i] = signal.Share(f.boilerplate, int64(d.Chars)), signal.Share(f.edge, int64(d.Chars)), f.copies
		from = end
	}
	return nil
}

// document notes the keys of a document.
func (m *Measurer) document(d *signal.Document) {
	m.group = AppendGroup(m.group[:0], d.Meta, d.Source)
	g := GroupOf(m.group)
	m.keys = append(m.keys, g.Key())
	m.scan.Each(d.Text, g, func(_ []byte, key uint64) { m.keys = append(m.keys, key) })
}

// count looks up what was noted.
func (m *Measurer) count() (err error) {
	m.asked = append(m.asked[:0], m.keys...)
	slices.Sort(m.asked)
	m.asked = slices.Compact(m.asked)
	if len(m.asked) > 0 && m.asked[0] == 0 {
		m.asked = m.asked[1:]
	}
	m.lookup.Again()
	if m.found, err = m.lookup.Find(m.asked, 1, m.found[:0]); err != nil {
		return err
	}
	clear(m.counts)
	for _, f := range m.found {
		m.counts[f.Key] = int64(f.Value)
	}
	return nil
}

// figures are what is measured of a document, in characters and documents.
type figures struct{ boilerplate, edge, copies int64 }

// figuresOf are those of a document by the keys of its group and of its lines.
func figuresOf(text []byte, keys []uint64, counts map[uint64]int64) (f figures) {
	group := counts[keys[0]]
	behind := int64(0) // boilerplate since the last line that is none
	first := true      // there was none yet
	for _, key := range keys[1:] {
		line := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			line = text[:end+1]
		}
		text = text[len(line):]
		if key == 0 {
			continue
		}
		n, short := counts[key], IsShort(key)
		if !short {
			f.copies = max(f.copies, n)
		}
		switch is := Boilerplate(key, n, group); {
		case !is && short: // which tells nothing
			continue
		case !is:
			if first {
				f.edge = behind
			}
			first, behind = false, 0
			continue
		}
		chars := int64(utf8.RuneCount(line))
		f.boilerplate += chars
		behind += chars
	}
	f.edge += behind
	return f
}
