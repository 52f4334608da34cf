package dedupe

import (
	"cmp"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/stages/dedupe/order"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// ref names a document: one of the run, by its number or, where the run has an order of its own, by its place in it, where version is the plan's, else one of an earlier version, by its
// number among the kept ones.
type ref struct {
	number  uint64
	version uint32
}

// hash chooses the place of a ref in a table.
func (r ref) hash() uint64 { return shingle.Mix64(r.number ^ uint64(r.version)<<40) }

// records reads the record of any document, of the run or of its history, through a table of the last ones.
type records struct {
	plan    *ingest.Plan
	work    *sorted.Handles
	corpus  *sorted.Handles
	bases   []int64
	order   *order.Order               // of the run: documents are asked for by their places
	splits  map[int]sketchBlocks       // of the run; filled at first use: 24 bytes for 4096 documents
	history map[uint32][]signatureFile // by version; filled at first use
	refs    []ref                      // of cached; number+1, so that 0 is free
	cached  []record
	pages   [2]page // of the run, of its history
}

// maxRecords is the most records in memory: 20 MiB.
const maxRecords = 1 << 16

func newRecords(plan *ingest.Plan, work, corpus *sorted.Handles, bases []int64, places *order.Order) *records {
	size := tableSize(bases[len(bases)-1], maxRecords)
	return &records{
		plan: plan, work: work, corpus: corpus, bases: bases, order: places, splits: map[int]sketchBlocks{}, history: map[uint32][]signatureFile{},
		refs: make([]ref, size), cached: make([]record, size),
	}
}

// get returns a document's record. It is valid until the next get.
func (r *records) get(d ref) (*record, error) {
	at := r.at(d)
	tag := ref{d.number + 1, d.version}
	rec := &r.cached[at]
	if r.refs[at] == tag {
		return rec, nil
	}
	r.refs[at] = ref{}
	p, err := r.find(d)
	if err != nil {
		return nil, err
	}
	stored := rec[:]
	if p.short {
		*rec.signature() = noSignature
		stored = rec[signatureBytes:]
	}
	page := &r.pages[0]
	if p.files == r.corpus {
		page = &r.pages[1]
	}
	page.fits = p.files == r.work && r.order == nil && r.bases[len(r.bases)-1] <= int64(len(r.cached))
	if err := page.read(p, stored); err != nil {
		return nil, err
	}
	if !rec.sealed() {
		return nil, sorted.Damaged(p.name, "checksum of the record at %d", p.offset)
	}
	r.refs[at] = tag
	if page.fits {
		r.keep(d, p, page.behind(p.offset+int64(len(stored))))
	}
	return rec, nil
}

// check compares a text, which was read in a file, with the exact hash of its document.
func (r *records) check(d ref, name string, text []byte) error {
	rec, err := r.get(d)
	if err != nil {
		return err
	}
	if xxh3.Hash128(text).Bytes() != *rec.exact() {
		return sorted.Damaged(name, "the text of document %x is another one", *rec.id())
	}
	return nil
}

// keep puts the records that were read behind that of a document of the run into the table, where nothing else is. One that does not
// match its checksum is left for the one who asks for it.
func (r *records) keep(d ref, p place, data []byte) {
	width := recordBytes
	if p.short {
		width = shortBytes
	}
	for ; len(data) >= width; data = data[width:] {
		d.number++
		at := r.at(d)
		if r.refs[at] != (ref{}) {
			continue
		}
		rec := &r.cached[at]
		*rec.signature() = noSignature
		copy(rec[recordBytes-width:], data[:width])
		if rec.sealed() {
			r.refs[at] = ref{d.number + 1, d.version}
		}
	}
}

// at is the place of a document's record in the table. The documents of a run that all fit have places of their own.
func (r *records) at(d ref) uint64 {
	return (d.number + shingle.Mix64(uint64(d.version))) % uint64(len(r.cached))
}

// place is where a record lies.
type place struct {
	files  *sorted.Handles
	name   string
	offset int64
	end    int64 // of the records behind it
	short  bool  // it is stored without its signature
}

// page is a piece of a file, read ahead where records are asked for in their order.
type page struct {
	name  string
	from  int64
	data  []byte
	ahead int64 // bytes
	fits  bool  // all records are held once they are read, so some are read ahead in any order
}

const (
	leastAhead = 4 << 10
	mostAhead  = 64 << 10
	nearRecord = 2 << 10 // what lies between two records that are read as one
)

// read fills a record.
func (g *page) read(p place, b []byte) error {
	width := int64(len(b))
	end := g.from + int64(len(g.data))
	same := g.name == p.name
	if same && p.offset >= g.from && p.offset+width <= end {
		copy(b, g.data[p.offset-g.from:])
		return nil
	}
	near := same && p.offset+width > end && p.offset-end <= nearRecord
	g.name, g.from, g.data = p.name, p.offset, g.data[:0]
	if !near {
		g.ahead = leastAhead
	}
	if !near && !g.fits {
		if err := p.files.Read(p.name, b, p.offset); err != nil {
			return err
		}
		g.data = append(g.data, b...)
		return nil
	}
	n := max(min(p.end-p.offset, g.ahead), width)
	g.ahead = min(2*g.ahead, mostAhead)
	g.data = slices.Grow(g.data, int(n))[:n]
	if err := p.files.Read(p.name, g.data, p.offset); err != nil {
		g.name = ""
		return err
	}
	copy(b, g.data)
	return nil
}

// behind returns what was read from an offset in the page on.
func (g *page) behind(offset int64) []byte { return g.data[min(offset-g.from, int64(len(g.data))):] }

// find returns where a document's record lies.
func (r *records) find(d ref) (p place, err error) {
	if d.version == uint32(r.plan.Version) {
		number := r.order.Document(d.number)
		split := splitOf(r.bases, number)
		blocks, err := r.sketches(split)
		if err != nil {
			return p, err
		}
		p.files, p.name = r.work, ingest.SketchesName(split)
		p.offset, p.end, p.short = blocks.at(int64(number)-r.bases[split], r.bases[split+1]-r.bases[split])
		return p, nil
	}
	list, err := r.signatures(d.version)
	if err != nil {
		return p, err
	}
	// Files without documents share their first one with the next file that has some.
	behind, _ := slices.BinarySearchFunc(list, d.number+1, func(f signatureFile, n uint64) int { return cmp.Compare(f.first, n) })
	if behind == 0 || d.number-list[behind-1].first >= list[behind-1].count {
		return p, sorted.Damaged("index of version "+pipeline.VersionName(int(d.version)), "no document %d", d.number)
	}
	f := list[behind-1]
	at := func(n uint64) int64 { return signaturesHead + int64(n)*recordBytes }
	return place{r.corpus, f.name, at(d.number - f.first), at(f.count), false}, nil
}

// splitOf is the split of a document of the run.
func splitOf(bases []int64, document uint64) int {
	// Splits without documents share their base with the next one that has some.
	behind, _ := slices.BinarySearch(bases, int64(document)+1)
	return behind - 1
}

// sketches reads the table of a split's sketch file.
func (r *records) sketches(split int) (sketchBlocks, error) {
	if blocks, ok := r.splits[split]; ok {
		return blocks, nil
	}
	s, err := openSplit(r.work, split, r.bases[split+1]-r.bases[split])
	if err != nil {
		return nil, err
	}
	r.splits[split] = s.sketchBlocks
	return s.sketchBlocks, nil
}

// signatures reads the heads of a version's signature files.
func (r *records) signatures(version uint32) ([]signatureFile, error) {
	if list, ok := r.history[version]; ok {
		return list, nil
	}
	var list []signatureFile
	for _, v := range r.plan.History {
		if uint32(v.Version) != version {
			continue
		}
		next := uint64(0)
		for _, name := range v.Signatures {
			o, err := r.corpus.Get(name)
			if err != nil {
				return nil, err
			}
			f, err := openSignatures(o, name)
			if err != nil {
				return nil, err
			}
			if f.first != next {
				return nil, sorted.Damaged(name, "begins with document %d, not %d", f.first, next)
			}
			next += f.count
			list = append(list, f)
		}
	}
	r.history[version] = list
	return list, nil
}
