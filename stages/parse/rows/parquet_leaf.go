package rows

import (
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// parquetLeaf reads a column chunk: levels and values, one page in memory.
type parquetLeaf struct {
	path       string
	column     int  // in a row group
	text       bool // the schema says so
	scalar     scalar
	unsigned32 bool
	def, rep   int // levels of a value that is there

	file   *parquetFile
	meta   *format.ColumnMetaData
	at     int64 // of the next page
	end    int64 // of the chunk
	left   int64 // values in the pages to come
	page   int64 // offset of the page
	inPage int64 // values of it to come
	lost   bool  // the page is too large: its rows are refused

	loaded     bool // curDef and curRep are of the next value
	curDef     int
	curRep     int
	defs, reps hybrid
	values     pageValues
	dict       pageDictionary
	hasDict    bool
	pageBuf    []byte
	dictBuf    []byte
}

// binary says whether its values are bytes that are no text; plain, that the file calls none text.
func (l *parquetLeaf) binary(plain bool) bool {
	k := l.values.kind
	return l.scalar.kind == kindText && !l.text && (k == format.FixedLenByteArray || k == format.ByteArray && !plain)
}

// start gets a column chunk ready.
func (l *parquetLeaf) start(file *parquetFile, chunk *format.ColumnChunk) error {
	l.file, l.meta = file, &chunk.MetaData
	switch m := l.meta; {
	case chunk.CryptoMetadata.Value != nil:
		return fmt.Errorf("encryption is %w", ErrUnsupported)
	case chunk.FilePath != "":
		return fmt.Errorf("a column in another file is %w", ErrUnsupported)
	case m.Type != l.values.kind:
		return fmt.Errorf("it holds %s, by the schema %s", m.Type, l.values.kind)
	case !supported(m.Codec):
		return fmt.Errorf("compression %s is %w", m.Codec, ErrUnsupported)
	case m.NumValues < 0:
		return fmt.Errorf("%d values", m.NumValues)
	}
	l.at = chunkStart(l.meta)
	if !file.in.holds(l.at, l.meta.TotalCompressedSize) {
		return fmt.Errorf("%d bytes at %d in a file of %d", l.meta.TotalCompressedSize, l.at, file.in.size)
	}
	l.end, l.left = l.at+l.meta.TotalCompressedSize, l.meta.NumValues
	l.page, l.inPage, l.lost, l.loaded, l.hasDict = l.at, 0, false, false, false
	return nil
}

func chunkStart(m *format.ColumnMetaData) int64 {
	if d := m.DictionaryPageOffset; d > 0 && d < m.DataPageOffset {
		return d
	}
	return m.DataPageOffset
}

// drop gives the memory back.
func (l *parquetLeaf) drop() {
	l.pageBuf, l.dictBuf, l.dict.data, l.dict.offsets = nil, nil, nil, nil
	l.values.data, l.values.last, l.defs.data, l.reps.data = nil, nil, nil, nil
}

// load reads the levels of the next value.
func (l *parquetLeaf) load() error {
	if l.loaded {
		return nil
	}
	for l.inPage == 0 {
		if err := l.nextPage(); err != nil {
			return damaged(l.page, err)
		}
	}
	l.curRep, l.curDef = 0, l.def
	if !l.lost {
		if l.rep > 0 {
			level, err := l.reps.next()
			if err != nil {
				return damaged(l.page, err)
			}
			l.curRep = int(level)
		}
		if l.def > 0 {
			level, err := l.defs.next()
			if err != nil {
				return damaged(l.page, err)
			}
			l.curDef = int(level)
		}
		if l.curRep > l.rep || l.curDef > l.def {
			return damaged(l.page, fmt.Errorf("levels %d and %d of at most %d and %d", l.curRep, l.curDef, l.rep, l.def))
		}
	}
	l.loaded = true
	return nil
}

// more says whether the next value belongs to the row that is being read, and is in a list of that level.
func (l *parquetLeaf) more(rep int) (bool, error) {
	if l.rep == 0 || !l.loaded && l.inPage == 0 && l.left == 0 {
		return false, nil
	}
	err := l.load()
	return l.curRep == rep, err
}

// take ends the value whose levels were loaded, and appends it, if it is there.
func (l *parquetLeaf) take(o *object) error {
	if err := o.tick(); err != nil {
		return err
	}
	l.loaded = false
	l.inPage--
	switch {
	case l.lost:
		if o.err == nil {
			o.err = fmt.Errorf("in a page of %s: %w", l.path, ErrTooLarge)
		}
		return nil
	case l.curDef < l.def:
		o.null()
		return nil
	}
	n, b, err := l.values.next()
	if err != nil {
		return damaged(l.page, err)
	}
	if k := l.values.kind; k == format.ByteArray || k == format.FixedLenByteArray || k == format.Int96 {
		return damaged(l.page, o.bytes(&l.scalar, b))
	}
	if l.unsigned32 {
		n = uint64(uint32(n))
	}
	o.number(&l.scalar, n)
	return nil
}
