package corpus

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// copiesFormat is the first corpus format whose shards have ingest.CopiesColumn.
const copiesFormat = 4

// SaysCopies says whether the shards of a version have ingest.CopiesColumn.
func SaysCopies(maker *manifest.Manifest) bool { return maker.Format >= copiesFormat }

// Ledger is the table of duplicates of a version.
type Ledger struct {
	Version int `json:"version"`
	dataset.File
}

// UncountedOf returns the ledgers by which the copies of the documents in some shards are counted: those of the versions whose documents
// are in shards of a format that does not say them, oldest first. Whoever writes such shards anew counts by them.
func UncountedOf(v *manifest.View, shards []manifest.Shard) (ledgers []Ledger, err error) {
	for _, s := range shards {
		if SaysCopies(s.Maker) {
			continue
		}
		for _, h := range s.Holds {
			m := v.Made[h.Version]
			if m == nil {
				return nil, fmt.Errorf("%s holds documents of version %d, which is not live", s.Path, h.Version)
			}
			f, ok := m.Find(pipeline.LedgerFolder, DuplicatesTable)
			if !ok {
				return nil, fmt.Errorf("%s names no %s", manifest.Name(h.Version), TableName(h.Version, DuplicatesTable))
			}
			ledgers = append(ledgers, Ledger{h.Version, f})
		}
	}
	slices.SortFunc(ledgers, func(a, b Ledger) int { return a.Version - b.Version })
	return slices.CompactFunc(ledgers, func(a, b Ledger) bool { return a.Version == b.Version }), nil
}

// Copies says how many documents each of some documents stands for, by the ledgers of their versions: for shards of formats that do not
// say it. It takes 28 bytes for each of them, and is used by one goroutine.
type Copies struct {
	ids    []VersionedID // ascending
	losers []int64
}

// EachFrame is called with frames of shards: the rows from first to end-1 of each are meant.
type EachFrame = func(f *columnar.Frame, first, end int) error

// copiesAt is the number of ingest.CopiesColumn.
var copiesAt = slices.IndexFunc(ingest.DocumentSchema(), func(c columnar.Column) bool { return c.Name == ingest.CopiesColumn })

// CountCopies counts for those documents that do not say it, by those of the ledgers that are of their versions. frames reads columns of
// the documents.
func CountCopies(ctx context.Context, s pipeline.Store, ledgers []Ledger, frames func(columnar.Selection, EachFrame) error) (*Copies, error) {
	c, of := &Copies{}, map[int64]bool{}
	columns := columnar.Selection{Text: []string{"id"}, Int: []string{"version"}, IntOr: map[string]int64{ingest.CopiesColumn: ingest.UnknownCopies}}
	err := frames(columns, func(f *columnar.Frame, first, end int) error {
		ids, versions, copies := f.Text("id"), f.Int("version"), f.Int(ingest.CopiesColumn)
		for i := first; i < end; i++ {
			if copies[i] != ingest.UnknownCopies {
				continue
			}
			id, err := ingest.ParseDocumentID(ids.At(i))
			if err != nil {
				return err
			}
			of[versions[i]] = true
			c.ids = append(c.ids, VersionedID{id, int32(versions[i])})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(c.ids, CompareIDs)
	c.losers = make([]int64, len(c.ids))
	for _, l := range ledgers {
		if of[int64(l.Version)] {
			if err := c.add(ctx, s, l); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// add counts the losers of a version.
func (c *Copies) add(ctx context.Context, s pipeline.Store, l Ledger) error {
	rows := int64(0)
	columns := columnar.Selection{Text: []string{"winner_id"}, Int: []string{"winner_version"}}
	err := pipeline.ReadTable(ctx, s, l.Path, columns, func(f *columnar.Frame) error {
		rows += int64(f.Rows())
		winners := f.Text("winner_id")
		for i, version := range f.Int("winner_version") {
			if version != int64(l.Version) { // a document of an earlier version stands for those of its own alone
				continue
			}
			id, err := ingest.ParseDocumentID(winners.At(i))
			if err != nil {
				return err
			}
			if at, ok := c.find(VersionedID{id, int32(version)}); ok {
				c.losers[at]++
			}
		}
		return nil
	})
	if err == nil && rows != l.Rows && l.Rows != anyRows {
		err = fmt.Errorf("%s has %d rows, its manifest says %d", l.Path, rows, l.Rows)
	}
	return err
}

func (c *Copies) find(id VersionedID) (int, bool) {
	return slices.BinarySearchFunc(c.ids, id, CompareIDs)
}

// Fill says the copies of rows that do not say them: those of a frame, which has id and version, from the given one on. columns are theirs,
// those of ingest.DocumentSchema. A row that was not counted is an error.
func (c *Copies) Fill(f *columnar.Frame, first int, columns []any) error {
	copies := columns[copiesAt].([]int32)
	ids, versions := f.Text("id"), f.Int("version")
	for i, n := range copies {
		if n != ingest.UnknownCopies {
			continue
		}
		id, err := ingest.ParseDocumentID(ids.At(first + i))
		if err != nil {
			return err
		}
		version := int32(versions[first+i])
		at, ok := c.find(VersionedID{id, version})
		if !ok {
			return fmt.Errorf("document %x of version %d does not say how many documents it stands for", id, version)
		}
		copies[i] = ingest.CopiesOf(c.losers[at])
	}
	return nil
}

// FillCopies makes what fills in the copies of rows of some versions whose shards do not say them: see Copies.Fill. It counts by the ledgers
// of these versions, which every version has. frames reads columns of the rows.
func FillCopies(ctx context.Context, job *pipeline.Job, versions []int, frames func(columnar.Selection, EachFrame) error) (fill func(*columnar.Frame, int, []any) error, err error) {
	var ledgers []Ledger
	for _, version := range versions {
		ledgers = append(ledgers, Ledger{Version: version, File: dataset.File{Path: TableName(version, DuplicatesTable), Rows: anyRows}})
	}
	counted, err := CountCopies(ctx, job.Corpus, ledgers, frames)
	if err != nil {
		return nil, err
	}
	return counted.Fill, nil
}

// anyRows are those of a table that no manifest was asked about.
const anyRows = -1
