package sorted

import (
	"cmp"
	"slices"
)

// Lookup looks keys up in an index. Keys are asked for in ascending order: where many are, the filters of the index are read
// from end to end, where few are, only those of the blocks that they fall in. It holds the filters of a group, one block, and
// the sparse index of one file. It is used by one goroutine, which is that of its Handles.
type Lookup struct {
	// Skip says of the numbers of entries which are passed over: they are not found, and take the place of no others. May be nil.
	Skip func(number uint64) bool

	files  *Handles
	names  []string // by partition
	kept   map[int]*indexFile
	opened int // number of file
	file   *indexFile
	at     int // the first block that may hold the next key

	filters   []byte // of the blocks from..end-1
	from, end int
	ahead     int // how many were read at once
	loaded    int // the block in buf, -1 if none is
	block     int // the one in items, -1 if none is
	items     []Item[uint64]
	buf       []byte
}

// NewLookup returns a Lookup in an index of these files, one a partition. With none it finds nothing.
func NewLookup(files *Handles, names []string) *Lookup {
	return &Lookup{files: files, names: names, opened: -1}
}

// Again begins anew: the next key may be smaller than the last. From the second time on the sparse indexes of all files are kept.
func (l *Lookup) Again() {
	if l.kept == nil {
		l.kept = map[int]*indexFile{}
	}
	l.opened = -1
}

// Find appends the entries that have one of the keys, in order: at most some of each key. Neither keys nor those of the calls
// before may be greater than a later one.
func (l *Lookup) Find(keys []uint64, most int, found []Item[uint64]) ([]Item[uint64], error) {
	if len(l.names) == 0 {
		return found, nil
	}
	for _, key := range keys {
		if p := Partition(key, len(l.names)); p != l.opened {
			if err := l.open(p); err != nil {
				return found, err
			}
		}
		blocks := l.file.blocks
		if l.at+1 < len(blocks) && blocks[l.at+1].first < key {
			l.at = l.file.find(l.at, key)
		}
		word, bits := filterBits(key)
		for b, n := l.at, 0; b < len(blocks) && blocks[b].first <= key && n < most; b++ {
			if l.file.filter > 0 {
				if b < l.from || b >= l.end {
					if err := l.readFilters(b); err != nil {
						return found, err
					}
				}
				if !passes(l.filters[(b-l.from)*filterBytes:], word, bits) {
					continue
				}
			}
			items, err := l.read(b, key)
			if err != nil {
				return found, err
			}
			for _, i := range items {
				if i.Key != key || n == most {
					break
				}
				if l.Skip != nil && l.Skip(i.Value) {
					continue
				}
				found = append(found, i)
				n++
			}
		}
	}
	return found, nil
}

// nearBlocks is how many blocks may be skipped where reading their filters with the rest costs less than reading twice.
const nearBlocks = 2

// readFilters reads the filter of a block, and those of the next ones of the group where nearly all are asked for.
func (l *Lookup) readFilters(b int) (err error) {
	if b >= l.end && b-l.end <= nearBlocks {
		l.ahead = min(2*l.ahead, groupBlocks)
	} else {
		l.ahead = 1
	}
	n := min(l.ahead, l.file.groupEnd(b)-b)
	l.filters, err = l.file.readFilters(l.files, b, n, l.filters)
	l.from, l.end = b, b+n
	return err
}

// read returns the entries of a block that have a key, and maybe such as come behind them. All of a block is decoded when it is asked
// for the second time.
func (l *Lookup) read(b int, key uint64) (items []Item[uint64], err error) {
	switch {
	case l.block == b:
	case l.loaded == b:
		if l.items, err = l.file.decode(b, l.buf, l.items[:0]); err != nil {
			return nil, err
		}
		l.block = b
	default:
		l.loaded, l.block = -1, -1
		if l.buf, err = l.file.load(l.files, b, 1, l.buf); err != nil {
			return nil, err
		}
		l.loaded = b
		l.items, err = l.file.search(b, l.buf, key, l.items[:0])
		return l.items, err
	}
	return notLess(l.items, key), nil
}

// notLess returns the items from the first one whose key is not less.
func notLess(items []Item[uint64], key uint64) []Item[uint64] {
	i, _ := slices.BinarySearchFunc(items, key, func(i Item[uint64], key uint64) int { return cmp.Compare(i.Key, key) })
	return items[i:]
}

// open opens a file.
func (l *Lookup) open(number int) error {
	f := l.kept[number]
	if f == nil {
		var err error
		if f, err = openPartition(l.files, l.names, number); err != nil {
			return err
		}
		if l.kept != nil {
			l.kept[number] = f
		}
	}
	l.opened, l.file = number, f
	l.at, l.from, l.end, l.ahead, l.loaded, l.block = 0, 0, 0, 1, -1, -1
	return nil
}
