package columnar

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/parquet"
)

// columnBuilder turns the values of one column into data pages, cut at value granularity.
type columnBuilder struct {
	column Column
	page   *[]byte
	values int         // in page
	dict   *dictionary // nil: PLAIN
	bounds bounds
	emit   func(raw *[]byte, values int, encoding parquet.Encoding)
}

func newColumnBuilder(c Column, emit func(*[]byte, int, parquet.Encoding)) *columnBuilder {
	b := &columnBuilder{column: c, emit: emit, page: pageBuffers.get()}
	if c.Dictionary && (c.Type == String || c.Type == Binary) {
		b.dict = newDictionary()
	}
	return b
}

// append adds the values from..to-1 of a column that holds the right type.
func (b *columnBuilder) append(column any, from, to int) {
	switch v := column.(type) {
	case *Strings:
		b.appendStrings(v, from, to)
	case []int32:
		if b.column.Statistics {
			b.bounds.addInt32(v[from:to])
		}
		b.appendFixed(arrow.Int32Traits.CastToBytes(v[from:to]), 4)
	case []int64:
		if b.column.Statistics {
			b.bounds.addInt64(v[from:to])
		}
		b.appendFixed(arrow.Int64Traits.CastToBytes(v[from:to]), 8)
	}
}

// appendFixed adds values of width bytes.
func (b *columnBuilder) appendFixed(values []byte, width int) {
	for len(values) > 0 {
		room := (pageBytes - len(*b.page)) / width * width
		if room == 0 {
			b.flush()
			continue
		}
		n := min(room, len(values))
		*b.page = append(*b.page, values[:n]...)
		b.values += n / width
		values = values[n:]
	}
}

func (b *columnBuilder) appendStrings(s *Strings, from, to int) {
	for i := from; i < to; i++ {
		v := s.Data[s.Offsets[i]:s.Offsets[i+1]]
		if b.dict != nil && b.dict.on {
			fresh, ok := b.dict.add(v)
			if fresh && b.column.Statistics {
				b.bounds.addBytes(v)
			}
			if !ok {
				b.abandonDictionary()
			}
			continue
		}
		if b.column.Statistics {
			b.bounds.addBytes(v)
		}
		b.appendPlain(v)
	}
}

func (b *columnBuilder) appendPlain(v []byte) {
	if len(*b.page) > 0 && len(*b.page)+4+len(v) > pageBytes {
		b.flush()
	}
	*b.page = binary.LittleEndian.AppendUint32(*b.page, uint32(len(v)))
	*b.page = append(*b.page, v...)
	b.values++
}

// abandonDictionary writes what is in the dictionary as plain values, and goes on like that to the end of the row group.
func (b *columnBuilder) abandonDictionary() {
	b.dict.on = false
	for _, index := range b.dict.indices {
		b.appendPlain(b.dict.value(index))
	}
}

// flush ends the page.
func (b *columnBuilder) flush() {
	next := pageBuffers.get()
	if b.column.Delta {
		*next = appendDelta(*next, arrow.Int64Traits.CastFromBytes(*b.page))
		b.emit(next, b.values, parquet.Encodings.DeltaBinaryPacked)
		*b.page, b.values = (*b.page)[:0], 0
		return
	}
	b.emit(b.page, b.values, parquet.Encodings.Plain)
	b.page, b.values = next, 0
}

// finish ends the column's part of a row group and makes the builder ready for the next.
func (b *columnBuilder) finish(chunk *columnChunk) {
	if b.dict != nil && b.dict.on && !b.dict.pays() {
		b.abandonDictionary()
	}
	if b.dict != nil && b.dict.on {
		chunk.dictionary, chunk.entries = b.dict.plain()
		b.dict.pages(func(raw *[]byte, values int) { b.emit(raw, values, parquet.Encodings.RLEDict) })
	}
	if b.values > 0 {
		b.flush()
	}
	chunk.bounds = b.bounds
	b.bounds = bounds{}
	if b.dict != nil {
		b.dict.reset()
	}
}

// release gives the builder's buffer back.
func (b *columnBuilder) release() {
	pageBuffers.put(b.page)
	b.page = nil
}
