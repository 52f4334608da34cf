package sorted

// Range reads the entries of an index that are in one partition of the key space, which may be cut into others than the
// index is. It is a Source: a Merge of ranges makes one index of several. It is used by one goroutine, which is that of its
// Handles.
type Range struct {
	files       *Handles
	names       []string // by partition
	least, most uint64
	first       uint64
	numbers     uint64
	number      int // of the file
	file        *indexFile
	block       int // the next one
	buf         []byte
}

// NewRange returns the entries of partition number partition, of so many, in an index of these files, at least one. The
// numbers of the entries are below a bound, and first is added to them, so that they count through several indexes.
func NewRange(files *Handles, names []string, partition, partitions int, first, numbers uint64) *Range {
	r := &Range{files: files, names: names, first: first, numbers: numbers}
	r.least, r.most = KeyRange(partition, partitions)
	r.number = Partition(r.least, len(names))
	return r
}

// Fill implements Source.
func (r *Range) Fill(items []Item[uint64]) ([]Item[uint64], error) {
	for {
		if r.file == nil {
			if r.number == len(r.names) || Partition(r.most, len(r.names)) < r.number {
				return items, nil
			}
			var err error
			if r.file, err = openPartition(r.files, r.names, r.number); err != nil {
				return nil, err
			}
			r.block = r.file.find(0, r.least)
		}
		if r.block == len(r.file.blocks) || r.file.blocks[r.block].first > r.most {
			r.file, r.number = nil, r.number+1
			continue
		}
		n := r.file.groupEnd(r.block) - r.block // read at once: some 150 KB
		var err error
		if items, r.buf, err = r.file.read(r.files, r.block, n, items, r.buf); err != nil {
			return nil, err
		}
		r.block += n
		if items, err = r.within(items); err != nil || len(items) > 0 {
			return items, err
		}
	}
}

// within keeps the items of the range, which lie together, and numbers them.
func (r *Range) within(items []Item[uint64]) ([]Item[uint64], error) {
	kept := items[:0]
	for _, i := range items {
		if i.Key < r.least || i.Key > r.most {
			continue
		}
		if i.Value >= r.numbers {
			return nil, Damaged(r.file.name, "number %d of %d", i.Value, r.numbers)
		}
		i.Value += r.first
		kept = append(kept, i)
	}
	return kept, nil
}
