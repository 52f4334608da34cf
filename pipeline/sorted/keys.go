package sorted

import "encoding/binary"

// keyWidth is that of a record of a key uint64 and a number uint32.
const keyWidth = 12

// KeysKind is a kind of runs file whose records are keys with numbers, as WriteKeys writes them.
func KeysKind(magic string) Kind { return Kind{Magic: magic, Width: keyWidth} }

// WriteKeys writes sorted items as one run of a file of KeysKind, by the partitions of their keys. With no items it writes
// nothing.
func (r *Writer) WriteKeys(items []Item[uint32]) {
	if len(items) == 0 {
		return
	}
	r.Start()
	for _, i := range items {
		b := r.Add(Partition(i.Key, r.partitions))
		binary.LittleEndian.PutUint64(b, i.Key)
		binary.LittleEndian.PutUint32(b[8:], i.Value)
	}
	r.End()
}

// Keys is a run of keys with numbers as a Source. Numbers count something of one file, such as its rows: they are below most,
// and first is added to them, so that they count through all files.
func (r *Run) Keys(first uint64, most uint32) Source[uint64] { return &keySource{r, first, most} }

type keySource struct {
	run   *Run
	first uint64
	most  uint32
}

// Fill implements Source.
func (s *keySource) Fill(items []Item[uint64]) ([]Item[uint64], error) {
	data, err := s.run.Next()
	if err != nil {
		return nil, err
	}
	for ; len(data) >= keyWidth; data = data[keyWidth:] {
		number := binary.LittleEndian.Uint32(data[8:])
		if number >= s.most {
			return nil, Damaged(s.run.name, "number %d of %d", number, s.most)
		}
		items = append(items, Item[uint64]{binary.LittleEndian.Uint64(data), s.first + uint64(number)})
	}
	return items, nil
}
