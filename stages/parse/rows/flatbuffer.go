package rows

import "encoding/binary"

// table is a table of a flatbuffer (flatbuffers, Internals): the metadata of Arrow messages. Whatever its bytes, reading
// one gives values or zeros, and never looks outside the buffer.
type table struct {
	b    []byte
	at   int // 0: no table
	vtab int
	size int // of the vtable
}

// rootTable returns the table that a buffer is for.
func rootTable(b []byte) table {
	return tableAt(b, int64(uint32At(b, 0)))
}

func tableAt(b []byte, at int64) table {
	if at <= 0 || at > int64(len(b))-4 {
		return table{}
	}
	vtab := at - int64(int32(uint32At(b, at)))
	if vtab < 0 || vtab > int64(len(b))-4 {
		return table{}
	}
	size := int64(binary.LittleEndian.Uint16(b[vtab:]))
	if size < 4 || size > int64(len(b))-vtab {
		return table{}
	}
	return table{b: b, at: int(at), vtab: int(vtab), size: int(size)}
}

func uint32At(b []byte, at int64) uint32 {
	if at < 0 || at > int64(len(b))-4 {
		return 0
	}
	return binary.LittleEndian.Uint32(b[at:])
}

func (t table) valid() bool { return t.at != 0 }

// field returns where the value of a field is, 0 if it has none.
func (t table) field(i int) int64 {
	if entry := 4 + 2*i; t.valid() && entry+2 <= t.size {
		if offset := binary.LittleEndian.Uint16(t.b[t.vtab+entry:]); offset != 0 {
			return int64(t.at) + int64(offset)
		}
	}
	return 0
}

func (t table) byte(i int) byte {
	at := t.field(i)
	if at == 0 || at >= int64(len(t.b)) {
		return 0
	}
	return t.b[at]
}

func (t table) int16(i int) int16 {
	at := t.field(i)
	if at == 0 || at > int64(len(t.b))-2 {
		return 0
	}
	return int16(binary.LittleEndian.Uint16(t.b[at:]))
}

func (t table) int32(i int) int32 {
	if at := t.field(i); at != 0 {
		return int32(uint32At(t.b, at))
	}
	return 0
}

func (t table) int64(i int) int64 {
	at := t.field(i)
	if at == 0 || at > int64(len(t.b))-8 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(t.b[at:]))
}

// child returns the table that a field refers to.
func (t table) child(i int) table {
	at := t.field(i)
	if at == 0 {
		return table{}
	}
	return tableAt(t.b, at+int64(uint32At(t.b, at)))
}

// vector returns the elements of a field, of so many bytes each, and where they begin.
func (t table) vector(i int, width int64) (elements []byte, at int64) {
	at = t.field(i)
	if at == 0 {
		return nil, 0
	}
	at += int64(uint32At(t.b, at))
	n := int64(uint32At(t.b, at)) * width
	at += 4
	if at > int64(len(t.b)) || n > int64(len(t.b))-at {
		return nil, 0
	}
	return t.b[at : at+n], at
}

// tables calls yield for the tables of a vector, until it says no.
func (t table) tables(i int, yield func(table) error) error {
	elements, at := t.vector(i, 4)
	for j := int64(0); j < int64(len(elements)); j += 4 {
		if err := yield(tableAt(t.b, at+j+int64(uint32At(t.b, at+j)))); err != nil {
			return err
		}
	}
	return nil
}
