package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// Missing stands for a signal that was not measured of a document.
const Missing = -1

// IDColumn is the column of the documents' ids, as in their shards.
const IDColumn = "id"

// Column is a signal in a file.
type Column struct {
	signal.Column
	Partial bool // it is Missing of some documents, or may be
}

// ColumnsOf are the signals of families, in their order.
func ColumnsOf(families []signal.Family) (columns []Column) {
	for _, f := range families {
		for _, c := range f.Columns {
			columns = append(columns, Column{Column: c})
		}
	}
	return columns
}

// Scale is how its values are put into buckets.
func (c *Column) Scale() columnar.Scale {
	switch {
	case len(c.Labels) > 0:
		return columnar.Exact
	case c.Unit == rule.Share:
		return columnar.Cents
	}
	return columnar.Log
}

// Schema are the columns of a file with these signals.
func Schema(columns []Column) []columnar.Column {
	schema := []columnar.Column{{Name: IDColumn, Type: columnar.String}}
	for _, c := range columns {
		schema = append(schema, columnar.Column{Name: c.Name, Type: columnar.Int64, Statistics: true, Histogram: c.Scale()})
	}
	return schema
}

// Selection reads signals by their names. Where a file lacks one it is Missing.
func Selection(names []string) columnar.Selection {
	s := columnar.Selection{Text: []string{IDColumn}, IntOr: map[string]int64{}}
	for _, name := range names {
		s.IntOr[name] = Missing
	}
	return s
}

// Options are those of every file: zstd, row groups of a few MiB, of which a reader decodes only the columns that it asks for.
func Options(plan *pipeline.Plan, columns []Column) columnar.TableOptions {
	o := columnar.TableOptions{Metadata: pipeline.Lineage(plan), GroupBytes: 8 << 20}
	o.Metadata[metadataKey] = encode(columns)
	return o
}

// metadataKey is the key in the footer of what the columns are.
const metadataKey = "millrace.signals"

// Description is a signal as the footer says it.
type Description struct {
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`
	Note    string   `json:"note"`
	Labels  []string `json:"labels,omitempty"`
	Partial bool     `json:"partial,omitempty"`
}

// units are the words for units in the footer.
var units = map[rule.Unit]string{rule.Count: "count", rule.Share: "millionths_share", rule.Mean: "millionths"}

// Describe says what signals are.
func Describe(columns []Column) (list []Description) {
	for _, c := range columns {
		list = append(list, Description{c.Name, units[c.Unit], c.Note, c.Labels, c.Partial})
	}
	return list
}

func encode(columns []Column) string {
	list := Describe(columns)
	data, err := json.Marshal(list)
	if err != nil {
		panic(err) // programmer error: strings only
	}
	return string(data)
}

func decode(text string) (columns []Column, err error) {
	var list []Description
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("what its signals are: %w", err)
	}
	for _, d := range list {
		unit := rule.Unit(-1)
		for u, word := range units {
			if word == d.Unit {
				unit = u
			}
		}
		if unit < 0 || d.Name == "" || d.Name == IDColumn {
			return nil, fmt.Errorf("what its signals are: %q in %q", d.Name, d.Unit)
		}
		columns = append(columns, Column{signal.Column{Name: d.Name, Unit: unit, Note: d.Note, Labels: d.Labels}, d.Partial})
	}
	return columns, nil
}

// Described are the signals of a file by its footer, in order.
func Described(f *columnar.Footer) (columns []Column, err error) {
	columns, err = decode(f.Metadata[metadataKey])
	if err == nil && !slices.Equal(f.Columns, columnNames(Schema(columns))) {
		err = fmt.Errorf("its columns are %q, it says %q", f.Columns, columnNames(Schema(columns)))
	}
	return columns, err
}

// Columns are the signals of a file, in order.
func Columns(ctx context.Context, s pipeline.Store, name string) (columns []Column, err error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	f, err := columnar.ReadFooter(o, o.Size())
	if err == nil {
		columns, err = Described(&f)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return columns, nil
}

func columnNames(schema []columnar.Column) (names []string) {
	for _, c := range schema {
		names = append(names, c.Name)
	}
	return names
}

// Union are the signals of several files, those of the first one first: what one of them lacks is partial. One that two files describe
// differently is an error.
func Union(ctx context.Context, s pipeline.Store, names []string) (columns []Column, err error) {
	has := map[string]int{} // in how many files a signal is whole
	for _, name := range names {
		list, err := Columns(ctx, s, name)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			at := slices.IndexFunc(columns, func(one Column) bool { return one.Name == c.Name })
			switch {
			case at < 0:
				columns = append(columns, c)
			case columns[at].Unit != c.Unit || !slices.Equal(columns[at].Labels, c.Labels):
				return nil, fmt.Errorf("%s: signal %s is not what it is in the files before", name, c.Name)
			}
			if !c.Partial {
				has[c.Name]++
			}
		}
	}
	for i := range columns {
		columns[i].Partial = has[columns[i].Name] < len(names)
	}
	return columns, nil
}

// Names are those of signals.
func Names(columns []Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}
