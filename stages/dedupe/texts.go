package dedupe

import (
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// texts reads the texts of documents of the run, one at a time, anywhere in the document spills. They are compared with their exact
// hashes.
type texts struct {
	records *records
	spills  map[int]*columnar.Spill // of the run, by split; filled at first use: 44 bytes a block
	buf     []byte
}

func newTexts(records *records) *texts {
	return &texts{records: records, spills: map[int]*columnar.Spill{}}
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
		return t.buf, t.records.check(ref{number, uint32(t.records.plan.Version)}, name, t.buf)
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
