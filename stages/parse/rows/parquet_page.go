package rows

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/format"

	"github.com/millrace/millrace/pipeline/columnar"
)

// nextPage reads pages up to one with values.
func (l *parquetLeaf) nextPage() error {
	l.lost = false
	if l.left == 0 || l.at >= l.end {
		return fmt.Errorf("the pages end, %d values early, where a row goes on", l.left)
	}
	if err := l.file.row.ctx.Err(); err != nil {
		return err
	}
	l.page = l.at
	h, n, err := columnar.ReadPageHeader(l.file.in, l.at, l.end)
	if err != nil {
		return err
	}
	l.at += int64(n)
	body := int64(h.CompressedPageSize)
	if body < 0 || body > l.end-l.at || h.UncompressedPageSize < 0 {
		return fmt.Errorf("a page of %d bytes where %d are left", body, l.end-l.at)
	}
	from := l.at
	l.at += body
	switch {
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		return l.dictionary(h, from)
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		err = l.data(h, from)
		l.inPage = int64(h.DataPageHeader.V.NumValues)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		err = l.dataV2(h, from)
		l.inPage = int64(h.DataPageHeaderV2.V.NumValues)
	case h.Type == format.IndexPage:
		return nil
	default:
		return fmt.Errorf("unexpected page of type %d", h.Type)
	}
	if l.inPage < 0 || l.inPage > l.left {
		return fmt.Errorf("a page of %d values where %d are left", l.inPage, l.left)
	}
	if errors.Is(err, ErrMemory) && l.rep == 0 { // as many rows as values are in it
		l.lost, err = true, nil
	}
	l.left -= l.inPage
	return err
}

func (l *parquetLeaf) dictionary(h *format.PageHeader, from int64) (err error) {
	if l.hasDict {
		return errors.New("a second dictionary")
	}
	count := h.DictionaryPageHeader.V.NumValues
	if e := h.DictionaryPageHeader.V.Encoding; e != format.Plain && e != oldDictionary {
		return fmt.Errorf("a dictionary in the encoding %s", e)
	}
	if l.values.width == 0 {
		if int64(count) > int64(h.UncompressedPageSize)/4 {
			return fmt.Errorf("a dictionary of %d values in %d bytes", count, h.UncompressedPageSize)
		}
		if more := int64(count)*4 - int64(cap(l.dict.offsets))*4; more > 0 {
			if err := l.file.hold(more); err != nil {
				return err
			}
			l.dict.offsets = make([]uint32, 0, count)
		}
	}
	l.dictBuf, err = l.file.unpack(l.dictBuf, l.block(h, from))
	if err != nil {
		return err
	}
	l.hasDict = true
	return l.dict.reset(l.dictBuf, count)
}

func (l *parquetLeaf) data(h *format.PageHeader, from int64) (err error) {
	head := &h.DataPageHeader.V
	l.pageBuf, err = l.file.unpack(l.pageBuf, l.block(h, from))
	if err != nil {
		return err
	}
	data := l.pageBuf
	levels := func(most int, encoding format.Encoding) (h hybrid, err error) {
		if most == 0 {
			return h, nil
		}
		if encoding != format.RLE {
			return h, fmt.Errorf("levels in the encoding %s are %w", encoding, ErrUnsupported)
		}
		if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
			return h, errCut
		}
		n := binary.LittleEndian.Uint32(data)
		h = newHybrid(data[4:4+n], levelWidth(most))
		data = data[4+n:]
		return h, nil
	}
	if l.reps, err = levels(l.rep, head.RepetitionLevelEncoding); err != nil {
		return err
	}
	if l.defs, err = levels(l.def, head.DefinitionLevelEncoding); err != nil {
		return err
	}
	return l.values.reset(head.Encoding, data, l.dictOrNone())
}

func (l *parquetLeaf) dataV2(h *format.PageHeader, from int64) (err error) {
	head := &h.DataPageHeaderV2.V
	b := l.block(h, from)
	reps, defs := int64(head.RepetitionLevelsByteLength), int64(head.DefinitionLevelsByteLength)
	levels := reps + defs
	if reps < 0 || defs < 0 || levels > b.size || levels > b.raw {
		return errors.New("the page header contradicts itself")
	}
	b.plain = levels
	if head.IsCompressed.Valid && !head.IsCompressed.V {
		b.codec = format.Uncompressed
	}
	if l.pageBuf, err = l.file.unpack(l.pageBuf, b); err != nil {
		return err
	}
	l.reps = newHybrid(l.pageBuf[:reps], levelWidth(l.rep))
	l.defs = newHybrid(l.pageBuf[reps:levels], levelWidth(l.def))
	return l.values.reset(head.Encoding, l.pageBuf[levels:], l.dictOrNone())
}

func (l *parquetLeaf) block(h *format.PageHeader, from int64) block {
	return block{
		codec: l.meta.Codec, at: from, size: int64(h.CompressedPageSize), raw: int64(h.UncompressedPageSize),
		crc: uint32(h.CRC),
	}
}

func (l *parquetLeaf) dictOrNone() *pageDictionary {
	if !l.hasDict {
		return nil
	}
	return &l.dict
}

// levelWidth is how many bits hold a level.
func levelWidth(most int) int {
	n := 0
	for ; most > 0; most >>= 1 {
		n++
	}
	return n
}
