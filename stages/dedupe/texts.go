package dedupe

import (
	"cmp"
	"slices"

	"github.com/zeebo/xxh3"

	"millrace/pipeline/columnar"
	"millrace/pipeline/ingest"
	"millrace/pipeline/sorted"
	"millrace/pipeline/withdrawn"
)

// texts reads the texts of documents, which are compared with their exact hashes: those of the run one at a time, anywhere
// in the document spills, those of earlier versions in the order of the shards that hold them.
type texts struct {
	records *records
	past    *withdrawn.Mask         // of the plan: those of earlier versions whose texts lie nowhere. What the job withdraws is still there
	spills  map[int]*columnar.Spill // of the run, by split; filled at first use: 44 bytes a block
	buf     []byte
}

func newTexts(records *records, past *withdrawn.Mask) *texts {
	return &texts{records: records, past: past, spills: map[int]*columnar.Spill{}}
}

// named reads a file that need not be open.
type named struct {
	files *sorted.Handles
	name  string
}

// ReadAt implements io.ReaderAt.
func (n named) ReadAt(b []byte, at int64) (int, error) {
	o, err := n.files.Get(n.name)
	if err != nil {
		return 0, err
	}
	return o.ReadAt(b, at)
}

// tonight returns the text of a document of the run. It is valid until the next call.
func (t *texts) tonight(number uint64) ([]byte, error) {
	document := t.records.order.Document(number)
	split := splitOf(t.records.bases, document)
	name := ingest.DocumentsName(split)
	spill, err := t.spill(split, name)
	if err != nil {
		return nil, err
	}
	row := int64(document) - t.records.bases[split]
	for block := range spill.Blocks() {
		if rows := int64(spill.Rows(block)); row >= rows {
			row -= rows
			continue
		}
		if t.buf, err = spill.Text(block, int(row), t.buf[:0]); err != nil {
			return nil, sorted.Damaged(name, "%v", err)
		}
		return t.buf, t.check(ref{number, uint32(t.records.plan.Version)}, name, t.buf)
	}
	return nil, sorted.Damaged(name, "no document %d", row)
}

func (t *texts) spill(split int, name string) (*columnar.Spill, error) {
	if s, ok := t.spills[split]; ok {
		return s, nil
	}
	o, err := t.records.work.Get(name)
	if err != nil {
		return nil, err
	}
	s, err := columnar.OpenSpill(named{t.records.work, name}, o.Size())
	if err != nil {
		return nil, sorted.Damaged(name, "%v", err)
	}
	t.spills[split] = s
	return s, nil
}

// check compares a text with its exact hash.
func (t *texts) check(d ref, name string, text []byte) error {
	r, err := t.records.get(d)
	if err != nil {
		return err
	}
	if xxh3.Hash128(text).Bytes() != *r.exact() {
		return sorted.Damaged(name, "the text of document %x is another one", *r.id())
	}
	return nil
}

// readable says whether the texts of a version can be read: a corpus may have been written without Parquet.
func (t *texts) readable(version uint32) bool { return len(t.rowsOf(version)) > 0 }

func (t *texts) rowsOf(version uint32) []ingest.TextRows {
	history := t.records.plan.History
	i, ok := slices.BinarySearchFunc(history, version, func(v ingest.IndexVersion, n uint32) int { return cmp.Compare(v.Version, int(n)) })
	if !ok {
		return nil
	}
	return history[i].Texts
}

// earlier calls yield with the text of every document of a list, which is of one earlier version, ascending and without
// repeats. A shard is read once, its row groups as far as they are asked for. The text is valid until yield returns.
func (t *texts) earlier(version uint32, numbers []uint64, yield func(number uint64, text []byte) error) error {
	positions, err := t.positions(version, numbers)
	if err != nil {
		return err
	}
	first := uint64(0) // of the rows
	for _, rows := range t.rowsOf(version) {
		n, _ := slices.BinarySearch(positions, first+uint64(rows.Rows))
		if n > 0 {
			err := t.shard(rows, positions[:n], first, func(_ uint64, text []byte) error {
				number := numbers[0]
				numbers = numbers[1:]
				if err := t.check(ref{number, version}, rows.Path, text); err != nil {
					return err
				}
				return yield(number, text)
			})
			if err != nil {
				return err
			}
		}
		positions, first = positions[n:], first+uint64(rows.Rows)
	}
	if len(positions) > 0 {
		return sorted.Damaged("plan", "version %d has no rows for document %d", version, numbers[0])
	}
	return nil
}

// positions are those of documents of an earlier version among the ones of it whose texts there are.
func (t *texts) positions(version uint32, numbers []uint64) ([]uint64, error) {
	if t.past.Count(int(version)) == 0 {
		return numbers, nil
	}
	list := make([]uint64, len(numbers))
	for i, n := range numbers {
		if t.past.Has(int(version), int64(n)) {
			return nil, sorted.Damaged("plan", "document %d of version %d is withdrawn, but its text is asked for", n, version)
		}
		list[i] = n - uint64(t.past.Before(int(version), int64(n)))
	}
	return list, nil
}

// shard reads the documents of a list from rows of a shard, the first of which is the given one.
func (t *texts) shard(rows ingest.TextRows, numbers []uint64, first uint64, yield func(number uint64, text []byte) error) error {
	o, err := t.records.corpus.Get(rows.Path)
	if err != nil {
		return err
	}
	rowOf := func(number uint64) int64 { return rows.Row + int64(number-first) }
	want := func(g *columnar.RowGroup) bool { return len(numbers) > 0 && rowOf(numbers[0]) < g.First+g.Rows }
	var stopped error
	columns := columnar.Selection{Text: []string{"text"}}
	err = columnar.ReadTable(named{t.records.corpus, rows.Path}, o.Size(), columns, want, func(f *columnar.Frame) error {
		column := f.Text("text")
		for len(numbers) > 0 && rowOf(numbers[0]) < f.First()+int64(f.Rows()) {
			if stopped = yield(numbers[0], column.At(int(rowOf(numbers[0])-f.First()))); stopped != nil {
				return stopped
			}
			numbers = numbers[1:]
		}
		return t.records.corpus.Err()
	})
	switch {
	case stopped != nil:
		return stopped
	case err != nil:
		return sorted.Damaged(rows.Path, "%v", err)
	case len(numbers) > 0:
		return sorted.Damaged(rows.Path, "no row %d", rowOf(numbers[0]))
	}
	return nil
}
