package rows

import (
	"errors"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/format"

	"github.com/millrace/millrace/pipeline/columnar"
)

// parquetFile puts rows together from the leaves of a Parquet file (Melnik et al., Dremel, VLDB 2010, section 4.3, as
// Parquet has it).
type parquetFile struct {
	in     *input
	limits *Limits
	meta   *format.FileMetaData
	names  []string
	nodes  []*parquetNode
	leaves []*parquetLeaf
	unpacker
	row *object // of the Read that is running
}

func openParquet(in *input, limits *Limits) (*parquetFile, error) {
	footer, err := columnar.ReadFooter(in, in.size)
	if err != nil {
		return nil, err
	}
	p := &parquetFile{in: in, limits: limits, meta: footer.Meta(), names: footer.Columns}
	p.unpacker = unpacker{in: in, limit: limits.MemoryBytes}
	b := schemaBuilder{elements: p.meta.Schema, at: 1, depth: limits.Depth}
	if p.nodes, err = b.children(p.meta.Schema[0].NumChildren.V, new(parquetNode), 1); err != nil {
		return nil, err
	}
	if p.leaves = b.leaves; len(p.leaves) == 0 {
		return nil, errors.New("a schema without columns")
	}
	left := in.size // no two row groups can share their bytes
	for g := range p.meta.RowGroups {
		for c := range p.meta.RowGroups[g].Columns {
			n := p.meta.RowGroups[g].Columns[c].MetaData.TotalCompressedSize
			if n < 0 || n > left {
				return nil, fmt.Errorf("row group %d, column %d: %d bytes where %d are left of the file", g, c, n, left)
			}
			left -= n
		}
		if n := len(p.meta.RowGroups[g].Columns); n != len(p.leaves) {
			return nil, fmt.Errorf("row group %d has %d columns, the schema %d", g, n, len(p.leaves))
		}
	}
	return p, nil
}

func (p *parquetFile) columns() []string { return append([]string(nil), p.names...) }

func (p *parquetFile) groups() []Group {
	groups := make([]Group, len(p.meta.RowGroups))
	first := int64(0)
	for i := range groups {
		rg := &p.meta.RowGroups[i]
		g := Group{Offset: p.in.size, First: first, Rows: rg.NumRows}
		for c := range rg.Columns {
			m := &rg.Columns[c].MetaData
			g.Offset = min(g.Offset, max(chunkStart(m), 0))
			g.Bytes += m.TotalCompressedSize
			g.Expanded += min(max(m.TotalUncompressedSize, 0), math.MaxInt64-g.Expanded)
		}
		first += rg.NumRows
		groups[i] = g
	}
	return groups
}

func (p *parquetFile) open(group int, row *object) error {
	p.row = row
	columns := p.meta.RowGroups[group].Columns
	for _, leaf := range p.leaves {
		if err := leaf.start(p, &columns[leaf.column]); err != nil {
			return fmt.Errorf("column %s: %w", leaf.path, err)
		}
	}
	return nil
}

// finish says whether every column ends where the rows do.
func (p *parquetFile) finish() error {
	for _, leaf := range p.leaves {
		if leaf.left != 0 || leaf.inPage != 0 {
			return damaged(leaf.page, fmt.Errorf("column %s has %d values more than rows", leaf.path, leaf.left+leaf.inPage))
		}
	}
	return nil
}

func (p *parquetFile) close() {
	for _, leaf := range p.leaves {
		leaf.drop()
	}
	p.drop()
	p.row = nil
}
