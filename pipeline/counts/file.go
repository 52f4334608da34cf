package counts

import "github.com/millrace/millrace/pipeline/sorted"

// File reads the items of one partition of the hashes out of a file: a Source. It holds one block.
type File struct {
	*blockFile
	least, most uint64
	item        Item
	token       []byte // of item: it outlives the block
	begun       bool
}

// Open opens a file of a store, and reads its index. It is closed with files.
func Open(files *sorted.Handles, name string, partition, partitions int) (*File, error) {
	b, err := openBlocks(files, name, magic)
	if err != nil {
		return nil, err
	}
	f := &File{blockFile: b}
	f.least, f.most = sorted.KeyRange(partition, partitions)
	f.cut(f.least, f.most)
	return f, nil
}

// Next implements Source.
func (f *File) Next() bool {
	for {
		token, ok := f.record()
		if !ok {
			return false
		}
		next := Item{Hash: Hash(token), Token: token}
		next.Count, next.Documents = f.number(), f.number()
		if f.err != nil {
			return false
		}
		if f.begun && f.item.compare(&next) >= 0 {
			f.err = sorted.Damaged(f.name, "token %.40q is out of order", token)
			return false
		}
		f.token = append(f.token[:0], token...)
		next.Token = f.token
		f.item, f.begun = next, true
		switch {
		case next.Hash > f.most:
			f.left, f.rest, f.index = 0, nil, nil
			return false
		case next.Hash >= f.least:
			return true
		}
	}
}

// Item implements Source.
func (f *File) Item() *Item { return &f.item }
