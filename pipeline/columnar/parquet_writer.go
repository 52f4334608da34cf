package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

const parquetMagic = "PAR1"

// parquetWriter cuts and compresses pages itself and has the Arrow library write them: page headers, column chunks, row
// groups and the footer. The library's own row group writer loses errors, cuts pages by the calls it gets, copies every
// byte three times and works on one core.
type parquetWriter struct {
	out      latch
	schema   []Column
	options  TableOptions
	cut      rowCutter
	builders []*columnBuilder
	mem      memory.Allocator
	footer   *metadata.FileMetaDataBuilder
	counts   *histogramWriter

	group   *rowGroup     // being filled
	pending *rowGroup     // full, and perhaps still being compressed while the next one fills
	slots   chan struct{} // holds a token for each page being compressed; nil: pages are compressed at once
	groups  int           // written
	rows    int64
	err     error
}

// NewParquetWriter starts a Parquet file: data pages V1 of about 1 MiB, zstd with checksums, PLAIN, dictionary or delta encoding,
// every column required. With Parallel above 1, pages are compressed by that many goroutines at a time; none is left when
// Finish or Close has returned.
func NewParquetWriter(w io.Writer, schema []Column, o TableOptions) (TableWriter, error) {
	return newParquetWriter(w, schema, o, memory.DefaultAllocator)
}

func newParquetWriter(w io.Writer, columns []Column, o TableOptions, mem memory.Allocator) (*parquetWriter, error) {
	if err := errors.Join(o.Check(columns), registerCodecs()); err != nil {
		return nil, err
	}
	p := &parquetWriter{
		out: latch{w: w}, schema: slices.Clone(columns), options: o, mem: mem,
		cut: newRowCutter(columns, o.GroupBytes), counts: newHistogramWriter(columns),
	}
	if err := protect("start the file", p.start); err != nil {
		return nil, err
	}
	if o.Parallel > 1 {
		p.slots = make(chan struct{}, o.Parallel)
	}
	for i, c := range p.schema {
		p.builders = append(p.builders, newColumnBuilder(c, func(raw *[]byte, values int, encoding parquet.Encoding) {
			p.compress(i, raw, values, encoding)
		}))
	}
	p.group = p.newGroup()
	return p, nil
}

func (p *parquetWriter) newGroup() *rowGroup {
	return &rowGroup{columns: make([]columnChunk, len(p.schema))}
}

// start prepares the footer and writes the magic word.
func (p *parquetWriter) start() error {
	var fields schema.FieldList
	for _, c := range p.schema {
		field, err := c.parquetNode()
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		fields = append(fields, field)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return err
	}
	props := parquet.NewWriterProperties(
		parquet.WithRootRepetition(parquet.Repetitions.Required),
		parquet.WithDataPageVersion(parquet.DataPageV1),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("millrace"),
		parquet.WithCompression(p.options.Codec.id()),
		parquet.WithCompressionLevel(p.options.Level),
		parquet.WithStats(false),
		parquet.WithAllocator(p.mem),
	)
	pairs := metadata.NewKeyValueMetadata()
	for _, key := range slices.Sorted(maps.Keys(p.options.Metadata)) {
		if err := pairs.Append(key, p.options.Metadata[key]); err != nil {
			return err
		}
	}
	p.footer = metadata.NewFileMetadataBuilder(schema.NewSchema(root), props, pairs)
	_, err = io.WriteString(&p.out, parquetMagic)
	return err
}

func (c Column) parquetNode() (schema.Node, error) {
	required := parquet.Repetitions.Required
	switch c.Type {
	case String:
		return schema.NewPrimitiveNodeLogical(c.Name, required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
	case Binary:
		return schema.NewPrimitiveNode(c.Name, required, parquet.Types.ByteArray, -1, -1)
	case Int32:
		return schema.NewPrimitiveNode(c.Name, required, parquet.Types.Int32, -1, -1)
	default:
		return schema.NewPrimitiveNode(c.Name, required, parquet.Types.Int64, -1, -1)
	}
}

// Write implements TableWriter.
func (p *parquetWriter) Write(columns ...any) error {
	if p.err == nil {
		p.err = protect("write rows", func() error { return p.write(columns) })
	}
	return p.err
}

func (p *parquetWriter) write(columns []any) error {
	rows, err := CheckRows(p.schema, columns)
	if err != nil {
		return err
	}
	for from := 0; from < rows; {
		to := p.cut.take(columns, from, rows)
		if to == from {
			if err := p.endGroup(); err != nil {
				return err
			}
			continue
		}
		for i, column := range columns {
			p.builders[i].append(column, from, to)
		}
		p.group.rows += to - from
		from = to
	}
	p.counts.write(columns, rows)
	p.rows += int64(rows)
	return nil
}

// compress starts the compression of a page of the group that is being filled.
func (p *parquetWriter) compress(column int, raw *[]byte, values int, encoding parquet.Encoding) {
	page := &dataPage{raw: raw, rawBytes: len(*raw), values: values, encoding: encoding}
	chunk := &p.group.columns[column]
	chunk.pages = append(chunk.pages, page)
	if p.slots == nil {
		page.compress(p.options.Codec, p.options.Level)
		return
	}
	p.slots <- struct{}{}
	p.group.work.Go(func() {
		defer func() { <-p.slots }()
		page.compress(p.options.Codec, p.options.Level)
	})
}

// endGroup ends the row group that is being filled. The one before it is written now, so the cores need not wait.
func (p *parquetWriter) endGroup() error {
	for i, b := range p.builders {
		b.finish(&p.group.columns[i])
	}
	p.cut.used = 0
	full := p.group
	p.group = p.newGroup()
	previous := p.pending
	p.pending = full
	if previous != nil {
		if err := p.writeGroup(previous); err != nil {
			return err
		}
	}
	if p.slots == nil {
		return p.writePending()
	}
	return nil
}

func (p *parquetWriter) writePending() error {
	g := p.pending
	p.pending = nil
	if g == nil {
		return nil
	}
	return p.writeGroup(g)
}

// writeGroup writes a row group whose pages are, or soon will be, compressed.
func (p *parquetWriter) writeGroup(g *rowGroup) error {
	err := g.wait(p.schema)
	defer g.release()
	if err != nil {
		return err
	}
	if p.groups == math.MaxInt16 {
		return fmt.Errorf("more than %d row groups: raise GroupBytes", math.MaxInt16)
	}
	group := p.footer.AppendRowGroup()
	group.SetNumRows(g.rows)
	raw := int64(0)
	for i := range g.columns {
		n, err := p.writeChunk(group.NextColumnChunk(), i, &g.columns[i])
		if err == nil {
			err = p.out.err
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", p.schema[i].Name, err)
		}
		raw += n
	}
	if err := group.Finish(raw, int16(p.groups)); err != nil {
		return err
	}
	p.groups++
	return nil
}

// writeChunk writes one column of a row group and returns its length before compression.
func (p *parquetWriter) writeChunk(meta *metadata.ColumnChunkMetaDataBuilder, column int, chunk *columnChunk) (int64, error) {
	pager, err := file.NewPageWriter(&p.out, p.options.Codec.id(), p.options.Level, meta, int16(p.groups), int16(column),
		p.mem, false, nil, nil)
	if err != nil {
		return 0, err
	}
	if chunk.dictionary != nil {
		page := file.NewDictionaryPage(memory.NewBufferBytes(chunk.dictionary), int32(chunk.entries), parquet.Encodings.Plain)
		_, err := pager.WriteDictionaryPage(page)
		page.Release()
		if err != nil {
			return 0, err
		}
	}
	levels := parquet.Encodings.RLE // there are none, as every column is required
	for _, d := range chunk.pages {
		page := file.NewDataPageV1WithStats(memory.NewBufferBytes(d.compressed), int32(d.values), d.encoding, levels, levels,
			int32(d.rawBytes), metadata.EncodedStatistics{})
		_, err := pager.WriteDataPage(page)
		page.Release()
		if err != nil {
			return 0, err
		}
	}
	if stats, ok := chunk.bounds.encode(); ok {
		meta.SetStats(stats)
	}
	if err := pager.Close(chunk.dictionary != nil, false); err != nil {
		return 0, err
	}
	return meta.Contents().MetaData.TotalUncompressedSize, nil
}

// Finish implements TableWriter.
func (p *parquetWriter) Finish() (rows int64, err error) {
	if p.err == nil {
		p.err = protect("end the file", p.finish)
	}
	err = p.err
	p.stop()
	if err != nil {
		return 0, err
	}
	return p.rows, nil
}

func (p *parquetWriter) finish() error {
	if p.group.rows > 0 {
		if err := p.endGroup(); err != nil {
			return err
		}
	}
	if err := p.writePending(); err != nil {
		return err
	}
	histograms, err := p.counts.all().encode()
	if err == nil && histograms != "" {
		err = p.footer.AppendKeyValueMetadata(HistogramsKey, histograms)
	}
	if err != nil {
		return err
	}
	footer, err := p.footer.Finish()
	if err != nil {
		return err
	}
	if footer.NumRows != p.rows {
		return fmt.Errorf("the footer says %d rows, %d were written", footer.NumRows, p.rows)
	}
	start := p.out.n
	if _, err := footer.WriteTo(&p.out, nil); err != nil {
		return err
	}
	end := binary.LittleEndian.AppendUint32(nil, uint32(p.out.n-start))
	_, _ = p.out.Write(append(end, parquetMagic...))
	return p.out.err // the latch knows of every failure, whatever the library made of it
}

// Close implements TableWriter.
func (p *parquetWriter) Close() error {
	p.stop()
	return nil
}

// stop waits for the goroutines and gives the buffers back.
func (p *parquetWriter) stop() {
	if p.err == nil {
		p.err = errors.New("the file is finished")
	}
	for _, g := range []*rowGroup{p.group, p.pending} {
		if g != nil {
			g.work.Wait()
			g.release()
		}
	}
	p.group, p.pending = nil, nil
	for _, b := range p.builders {
		b.release()
	}
	p.builders = nil
}
