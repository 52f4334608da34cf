package columnar

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Scale says how the values of a column are put into buckets. The buckets are the same in every file, so that histograms of
// many files are added.
type Scale string

// Scales.
const (
	// NoScale: the column has no histogram.
	NoScale Scale = ""
	// Exact is a bucket for each value.
	Exact Scale = "exact"
	// Log has a bucket for each value below 32, and then 16 for every power of two: a bucket is at most a sixteenth as wide as its values.
	Log Scale = "log"
	// Cents are for millionths: 0, each hundredth part of the way from 1 to 999 999, a million, and what is beyond.
	Cents Scale = "cents"
)

const (
	million      = 1_000_000
	cent         = million / 100
	logBits      = 5 // of a value that are kept
	logExact     = 1 << logBits
	logPerPower  = logExact / 2
	logBuckets   = logExact + (63-logBits)*logPerPower
	centsBuckets = 103
	// mostExact and mostParts bound the histogram of a file: one with more different values, or more parts, has none.
	mostExact = 4096
	mostParts = 256
)

// index is the number of the bucket of a value that is not negative, on any scale but Exact.
func (s Scale) index(n int64) int {
	switch {
	case s == Log && n < logExact:
		return int(n)
	case s == Log:
		shift := bits.Len64(uint64(n)) - logBits
		return logExact + (shift-1)*logPerPower + int(n>>shift) - logPerPower
	case n == 0:
		return 0
	case n < million:
		return 1 + int(n/cent)
	case n == million:
		return centsBuckets - 2
	}
	return centsBuckets - 1
}

// bounds are the least value of a bucket, and the least that is beyond it.
func (s Scale) bounds(i int) (from, to int64) {
	switch {
	case s == Log && i < logExact:
		return int64(i), int64(i) + 1
	case s == Log:
		shift := (i-logExact)/logPerPower + 1
		from = int64((i-logExact)%logPerPower+logPerPower) << shift
		if to = from + 1<<shift; to < from {
			to = math.MaxInt64
		}
		return from, to
	case i == 0:
		return 0, 1
	case i < centsBuckets-2:
		return max(1, int64(i-1)*cent), int64(i) * cent
	case i == centsBuckets-2:
		return million, million + 1
	}
	return million + 1, math.MaxInt64
}

// Bucket is the bucket that a value is in: from its least value to the least that is beyond it. Values are not negative.
func (s Scale) Bucket(n int64) (from, to int64) {
	if s == Exact {
		return n, addUp(n, 1)
	}
	return s.bounds(s.index(n))
}

func (s Scale) known() bool { return s == NoScale || s == Exact || s == Log || s == Cents }

// Histogram is how many values of a column are in which bucket, where negative ones count as missing. Add and Merge change it;
// it is not safe for concurrent use.
type Histogram struct {
	Scale   Scale
	Values  int64 // missing ones not among them
	Missing int64
	Sum     int64 // of the values; the greatest number there is if they add up to more
	Least   int64 // 0 of no values
	Most    int64

	counts []int64         // Log, Cents: by bucket
	exact  map[int64]int64 // Exact
}

// NewHistogram is one of no values.
func NewHistogram(s Scale) *Histogram {
	h := &Histogram{Scale: s}
	switch s {
	case Log:
		h.counts = make([]int64, logBuckets)
	case Cents:
		h.counts = make([]int64, centsBuckets)
	default:
		h.exact = map[int64]int64{}
	}
	return h
}

// Add counts a value.
func (h *Histogram) Add(n int64) {
	if n < 0 {
		h.Missing++
		return
	}
	if h.Values == 0 || n < h.Least {
		h.Least = n
	}
	h.Most = max(h.Most, n)
	h.Values++
	h.Sum = addUp(h.Sum, n)
	if h.counts != nil {
		h.counts[h.Scale.index(n)]++
		return
	}
	h.exact[n]++
}

func addUp(a, b int64) int64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return math.MaxInt64
}

// Merge adds what another histogram of the same scale has.
func (h *Histogram) Merge(o *Histogram) error {
	if h.Scale != o.Scale {
		return fmt.Errorf("a histogram in buckets %q and one in %q", h.Scale, o.Scale)
	}
	if o.Values > 0 {
		if h.Values == 0 || o.Least < h.Least {
			h.Least = o.Least
		}
		h.Most = max(h.Most, o.Most)
	}
	h.Values, h.Missing, h.Sum = h.Values+o.Values, h.Missing+o.Missing, addUp(h.Sum, o.Sum)
	for i, n := range o.counts {
		h.counts[i] += n
	}
	for v, n := range o.exact {
		h.exact[v] += n
	}
	return nil
}

// Bucket is one of a histogram: how many values are From or more, and less than To.
type Bucket struct{ From, To, Count int64 }

// Buckets are those that have values, ascending.
func (h *Histogram) Buckets() (list []Bucket) {
	for i, n := range h.counts {
		if n > 0 {
			from, to := h.Scale.bounds(i)
			list = append(list, Bucket{from, to, n})
		}
	}
	for v, n := range h.exact {
		list = append(list, Bucket{v, addUp(v, 1), n})
	}
	slices.SortFunc(list, func(a, b Bucket) int { return cmp.Compare(a.From, b.From) })
	return list
}

// At is the lower bound of the bucket that a value is in: the one with so many per cent of the values, rounded down, before it in
// their order. Of no values it is 0.
func (h *Histogram) At(percent int64) int64 {
	rank := (h.Values - 1) / 100 * percent
	rank += (h.Values - 1) % 100 * percent / 100
	for _, b := range h.Buckets() {
		if rank -= b.Count; rank < 0 {
			return b.From
		}
	}
	return 0
}

// HistogramsKey is the key in the footer of a Parquet file of the histograms of its columns.
const HistogramsKey = "millrace.histograms"

// Histograms are those of a file.
type Histograms []ColumnHistograms

// ColumnHistograms are those of a column: one for each value of another column, or one of all rows.
type ColumnHistograms struct {
	Column string
	By     string // "": of all rows, and Parts has one, without a name
	Parts  []NamedHistogram
}

// NamedHistogram is the histogram of the rows in which the column By has this value.
type NamedHistogram struct {
	Name string
	*Histogram
}

// Of returns what the file says of a column, false if it says nothing.
func (l Histograms) Of(column string) (ColumnHistograms, bool) {
	for _, c := range l {
		if c.Column == column {
			return c, true
		}
	}
	return ColumnHistograms{}, false
}

// histogramJSON is a histogram in the footer.
type histogramJSON struct {
	Column string     `json:"column"`
	By     string     `json:"by,omitempty"`
	Scale  Scale      `json:"scale"`
	Parts  []partJSON `json:"parts"`
}

type partJSON struct {
	Name    string     `json:"name,omitempty"`
	Values  int64      `json:"values"`
	Missing int64      `json:"missing,omitempty"`
	Sum     int64      `json:"sum"`
	Least   int64      `json:"least"`
	Most    int64      `json:"most"`
	Buckets [][2]int64 `json:"buckets"` // the least value of a bucket, and how many are in it
}

// encode is what stands in the footer, "" if there is nothing.
func (l Histograms) encode() (string, error) {
	if len(l) == 0 {
		return "", nil
	}
	list := make([]histogramJSON, 0, len(l))
	for _, c := range l {
		one := histogramJSON{Column: c.Column, By: c.By, Scale: c.Parts[0].Scale, Parts: []partJSON{}}
		for _, p := range c.Parts {
			part := partJSON{p.Name, p.Values, p.Missing, p.Sum, p.Least, p.Most, [][2]int64{}}
			for _, b := range p.Buckets() {
				part.Buckets = append(part.Buckets, [2]int64{b.From, b.Count})
			}
			one.Parts = append(one.Parts, part)
		}
		list = append(list, one)
	}
	data, err := json.Marshal(list)
	return string(data), err
}

// Histograms are those that the footer of a file says it has; none of one that was written without.
func (f *Footer) Histograms() (list Histograms, err error) {
	text, ok := f.Metadata[HistogramsKey]
	if !ok {
		return nil, nil
	}
	var read []histogramJSON
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, fmt.Errorf("histograms of the footer: %w", err)
	}
	for i := range read {
		c := ColumnHistograms{Column: read[i].Column, By: read[i].By}
		for k := range read[i].Parts {
			h, err := read[i].Parts[k].histogram(read[i].Scale)
			if err != nil {
				return nil, fmt.Errorf("histogram of the footer, column %q: %w", c.Column, err)
			}
			c.Parts = append(c.Parts, NamedHistogram{read[i].Parts[k].Name, h})
		}
		if rows := c.rows(); rows != f.Rows {
			return nil, fmt.Errorf("histogram of the footer, column %q: it is of %d rows, the file has %d", c.Column, rows, f.Rows)
		}
		list = append(list, c)
	}
	return list, nil
}

func (c *ColumnHistograms) rows() (rows int64) {
	for _, p := range c.Parts {
		rows += p.Values + p.Missing
	}
	return rows
}

func (p *partJSON) histogram(s Scale) (*Histogram, error) {
	if s == NoScale || !s.known() {
		return nil, fmt.Errorf("its buckets are %q", s)
	}
	h := NewHistogram(s)
	h.Values, h.Missing, h.Sum, h.Least, h.Most = p.Values, p.Missing, p.Sum, p.Least, p.Most
	all := int64(0)
	for _, b := range p.Buckets {
		from, n := b[0], b[1]
		if from < 0 || n <= 0 || n > p.Values-all {
			return nil, errors.New("its buckets do not add up")
		}
		if first, _ := s.Bucket(from); first != from {
			return nil, fmt.Errorf("no bucket begins at %d", from)
		}
		if all += n; h.counts != nil {
			h.counts[s.index(from)] += n
		} else {
			h.exact[from] += n
		}
	}
	if all != p.Values || p.Values < 0 || p.Missing < 0 || p.Least < 0 || p.Most < p.Least || p.Sum < 0 {
		return nil, errors.New("its buckets do not add up")
	}
	return h, nil
}

// histogramWriter counts the values of the columns of a file that are to have histograms.
type histogramWriter struct {
	schema  []Column
	columns []histogramColumn
}

type histogramColumn struct {
	at, by int // in the schema; by is -1 where it goes by none
	parts  map[string]*Histogram
	last   *Histogram // of the row before
	name   []byte     // and its name
	gaveUp bool       // there are too many, and it counts no more
}

func newHistogramWriter(schema []Column) *histogramWriter {
	w := &histogramWriter{schema: schema}
	for i, c := range schema {
		if c.Histogram == NoScale {
			continue
		}
		by := -1
		if c.By != "" {
			by = slices.IndexFunc(schema, func(o Column) bool { return o.Name == c.By })
		}
		w.columns = append(w.columns, histogramColumn{at: i, by: by, parts: map[string]*Histogram{}})
	}
	return w
}

// write counts rows: see TableWriter.
func (w *histogramWriter) write(columns []any, rows int) {
	for i := range w.columns {
		c := &w.columns[i]
		if c.gaveUp {
			continue
		}
		var of func(row int) int64
		switch values := columns[c.at].(type) {
		case []int32:
			of = func(row int) int64 { return int64(values[row]) }
		case []int64:
			of = func(row int) int64 { return values[row] }
		}
		var by *Strings
		if c.by >= 0 {
			by = columns[c.by].(*Strings)
		}
		c.count(rows, of, by, w.schema[c.at].Histogram)
	}
}

func (c *histogramColumn) count(rows int, of func(int) int64, by *Strings, scale Scale) {
	for row := range rows {
		if by != nil {
			if name := by.At(row); c.last == nil || string(name) != string(c.name) {
				c.name, c.last = append(c.name[:0], name...), c.parts[string(name)]
			}
		}
		if c.last == nil {
			if len(c.parts) == mostParts {
				c.gaveUp, c.parts = true, nil
				return
			}
			c.last = NewHistogram(scale)
			c.parts[string(c.name)] = c.last
		}
		if c.last.Add(of(row)); len(c.last.exact) > mostExact {
			c.gaveUp, c.parts = true, nil
			return
		}
	}
}

// all are the histograms of the rows so far.
func (w *histogramWriter) all() (list Histograms) {
	for i := range w.columns {
		c := &w.columns[i]
		if c.gaveUp || len(c.parts) == 0 {
			continue
		}
		one := ColumnHistograms{Column: w.schema[c.at].Name, By: w.schema[c.at].By}
		for name, h := range c.parts {
			one.Parts = append(one.Parts, NamedHistogram{name, h})
		}
		slices.SortFunc(one.Parts, func(a, b NamedHistogram) int { return cmp.Compare(a.Name, b.Name) })
		list = append(list, one)
	}
	return list
}
