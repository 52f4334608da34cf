package dedupe

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// earlierTexts reads the texts of documents of earlier versions, in ascending order, and compares them with their exact
// hashes. A text that lies in a shard is one among thousands of a page, so what had to be read there is put aside for the
// nights to come, each by itself: what a night reads of shards is what no night before it has read.
type earlierTexts struct {
	records *records
	past    *withdrawn.Mask // of the plan: the documents whose texts lie nowhere. What the job withdraws is still there
	kept    []*comparedFile // of all earlier versions; opened at first use
	opened  bool
	aside   *comparedWriter

	asked []ref // that are asked for next, ascending
	lies  []comparedPlace
	at    int // of asked

	shard cursor
	rows  columnar.RowReader // of the shard
	page  comparedPage
	text  []byte
}

// cursor is where the documents of a version lie: it goes forward only.
type cursor struct {
	version uint32
	left    []ingest.TextRows
	first   uint64 // position of the first document of left
	path    string // of the open shard
}

func newEarlierTexts(records *records, past *withdrawn.Mask, aside *comparedWriter) *earlierTexts {
	return &earlierTexts{records: records, past: past, aside: aside}
}

// readable says whether the texts of a version can be read: a corpus may have been written without Parquet.
func (t *earlierTexts) readable(version uint32) bool { return len(t.rowsOf(version)) > 0 }

func (t *earlierTexts) rowsOf(version uint32) []ingest.TextRows {
	history := t.records.plan.History
	i, ok := slices.BinarySearchFunc(history, version, func(v ingest.IndexVersion, n uint32) int { return cmp.Compare(v.Version, int(n)) })
	if !ok {
		return nil
	}
	return history[i].Texts
}

// ask says which documents read returns the texts of: ascending by version and number, without repeats.
func (t *earlierTexts) ask(documents []ref) error {
	t.asked, t.at, t.shard = documents, 0, cursor{}
	t.lies = append(t.lies[:0], make([]comparedPlace, len(documents))...)
	if len(documents) == 0 {
		return nil
	}
	t.aside.turn()
	if !t.opened {
		for _, v := range t.records.plan.History {
			for _, name := range v.Compared {
				f, err := openCompared(t.records.corpus, name)
				if err != nil {
					return err
				}
				t.kept = append(t.kept, f)
			}
		}
		t.opened = true
	}
	for i, f := range t.kept {
		if err := f.find(documents, i+1, t.lies); err != nil {
			return err
		}
	}
	return nil
}

// read returns the text of the next document that was asked for. It is valid until the next call.
func (t *earlierTexts) read() ([]byte, error) {
	d, lies := t.asked[t.at], t.lies[t.at]
	t.at++
	if err := t.records.corpus.Err(); err != nil {
		return nil, err
	}
	if t.past.Has(int(d.version), int64(d.number)) {
		return nil, sorted.Damaged("plan", "document %d of version %d is withdrawn, but its text is asked for", d.number, d.version)
	}
	if lies.file > 0 {
		return t.readAside(d, lies)
	}
	text, path, err := t.readShard(d)
	if err != nil {
		return nil, err
	}
	if err := t.records.check(d, path, text); err != nil {
		return nil, err
	}
	return text, t.aside.add(d, text)
}

// readAside reads a text that an earlier night has put aside.
func (t *earlierTexts) readAside(d ref, lies comparedPlace) ([]byte, error) {
	r, err := t.records.get(d)
	if err != nil {
		return nil, err
	}
	f := t.kept[lies.file-1]
	if t.text, err = f.text(&t.page, lies, int(r.bytes()), t.text[:0]); err != nil {
		return nil, err
	}
	return t.text, t.records.check(d, f.name, t.text)
}

// readShard reads the text of a document of the shard that holds it.
func (t *earlierTexts) readShard(d ref) (text []byte, path string, err error) {
	c := &t.shard
	if c.version != d.version {
		c.version, c.left, c.first = d.version, t.rowsOf(d.version), 0
	}
	position := d.number - uint64(t.past.Before(int(d.version), int64(d.number))) // among those of the version that lie somewhere
	for len(c.left) > 0 && position-c.first >= uint64(c.left[0].Rows) {
		c.first += uint64(c.left[0].Rows)
		c.left = c.left[1:]
	}
	if len(c.left) == 0 {
		return nil, "", sorted.Damaged("plan", "version %d has no rows for document %d", d.version, d.number)
	}
	rows := c.left[0]
	if c.path != rows.Path {
		o, err := t.records.corpus.Get(rows.Path)
		if err != nil {
			return nil, "", err
		}
		c.path = ""
		if err := t.rows.Reset(named{t.records.corpus, rows.Path}, o.Size(), "text"); err != nil {
			return nil, "", sorted.Damaged(rows.Path, "%v", err)
		}
		c.path = rows.Path
	}
	if text, err = t.rows.At(rows.Row + int64(position-c.first)); err != nil {
		return nil, "", sorted.Damaged(rows.Path, "%v", err)
	}
	return text, rows.Path, nil
}
