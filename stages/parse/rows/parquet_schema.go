package rows

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// shape says what a column, or a part of one, becomes.
type shape uint8

const (
	shapeValue shape = iota
	shapeObject
	shapeList
	shapeMap
)

// parquetNode is an element of the schema, below the root.
type parquetNode struct {
	name, path string
	key        []byte // the name as JSON, with the colon
	shape      shape
	repetition format.FieldRepetitionType
	def, rep   int // levels of a value that is there
	children   []*parquetNode
	unwrap     bool // of a repeated child of a list: the item is its only child
	from, to   int  // leaves below
	leaf       *parquetLeaf
}

// schemaBuilder makes nodes of the flat list in a footer.
type schemaBuilder struct {
	elements []format.SchemaElement
	at       int
	depth    int // limit
	leaves   []*parquetLeaf
}

// children reads the n elements that follow, and all below them.
func (b *schemaBuilder) children(n int32, parent *parquetNode, depth int) ([]*parquetNode, error) {
	if depth > b.depth {
		return nil, fmt.Errorf("columns nested more than %d deep", b.depth)
	}
	var nodes []*parquetNode
	for range n {
		node, err := b.node(parent, depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

func (b *schemaBuilder) node(parent *parquetNode, depth int) (n *parquetNode, err error) {
	if b.at >= len(b.elements) {
		return nil, errors.New("the schema ends early")
	}
	e := &b.elements[b.at]
	b.at++
	n = &parquetNode{
		name: e.Name, key: append(appendText(nil, []byte(e.Name)), ':'), repetition: e.RepetitionType.V,
		path: e.Name, def: parent.def, rep: parent.rep, from: len(b.leaves),
	}
	if parent.path != "" {
		n.path = parent.path + "." + e.Name
	}
	switch {
	case !e.RepetitionType.Valid || n.repetition < format.Required || n.repetition > format.Repeated:
		return nil, fmt.Errorf("column %q is neither required, optional nor repeated", n.path)
	case n.repetition == format.Repeated:
		n.rep++
		n.def++
	case n.repetition == format.Optional:
		n.def++
	}
	if count := e.NumChildren.V; e.NumChildren.Valid && count > 0 {
		if n.children, err = b.children(count, n, depth+1); err != nil {
			return nil, err
		}
		n.setShape(e)
	} else if n.leaf, err = newLeaf(e, n); err != nil {
		return nil, fmt.Errorf("column %q: %w", n.path, err)
	} else {
		n.leaf.column = len(b.leaves)
		b.leaves = append(b.leaves, n.leaf)
	}
	n.to = len(b.leaves)
	return n, nil
}

// setShape recognises lists and maps, of the old ways too (parquet-format, LogicalTypes.md, nested types).
func (n *parquetNode) setShape(e *format.SchemaElement) {
	n.shape = shapeObject
	_, list := e.LogicalType.Value.(*format.ListType)
	_, mapped := e.LogicalType.Value.(*format.MapType)
	if e.LogicalType.Value == nil && e.ConvertedType.Valid {
		list = e.ConvertedType.V == deprecated.List
		mapped = e.ConvertedType.V == deprecated.Map || e.ConvertedType.V == deprecated.MapKeyValue
	}
	if len(n.children) != 1 || n.children[0].repetition != format.Repeated {
		return
	}
	switch item := n.children[0]; {
	case list:
		n.shape = shapeList
		item.unwrap = item.leaf == nil && len(item.children) == 1 && item.shape == shapeObject &&
			item.children[0].repetition != format.Repeated && item.name != "array" && item.name != n.name+"_tuple"
	case mapped && item.leaf == nil && len(item.children) == 2 && item.children[0].repetition != format.Repeated:
		n.shape = shapeMap
	}
}

func newLeaf(e *format.SchemaElement, n *parquetNode) (*parquetLeaf, error) {
	leaf := &parquetLeaf{path: n.path, def: n.def, rep: n.rep}
	leaf.values.kind = e.Type.V
	width := &leaf.values.width
	switch {
	case !e.Type.Valid:
		return nil, errors.New("it has no type and no parts")
	case e.Type.V == format.Boolean:
		leaf.scalar.kind = kindBool
	case e.Type.V == format.Int32:
		leaf.scalar.kind, *width = kindInt, 4
	case e.Type.V == format.Int64:
		leaf.scalar.kind, *width = kindInt, 8
	case e.Type.V == format.Int96:
		leaf.scalar.kind, *width = kindInt96, 12
	case e.Type.V == format.Float:
		leaf.scalar.kind, *width = kindFloat32, 4
	case e.Type.V == format.Double:
		leaf.scalar.kind, *width = kindFloat64, 8
	case e.Type.V == format.ByteArray:
		leaf.scalar.kind = kindText
	case e.Type.V == format.FixedLenByteArray:
		leaf.scalar.kind, *width = kindText, int(e.TypeLength.V)
		if *width <= 0 {
			return nil, fmt.Errorf("values of %d bytes", *width)
		}
	default:
		return nil, fmt.Errorf("unknown type %d", e.Type.V)
	}
	leaf.dict.physical = leaf.values.physical
	return leaf, leaf.annotate(e)
}

// annotate refines the type of a leaf by what the schema says it means, where that goes with how it is stored.
func (l *parquetLeaf) annotate(e *format.SchemaElement) error {
	stored := l.values.kind
	number := stored == format.Int32 || stored == format.Int64
	bytes := stored == format.ByteArray || stored == format.FixedLenByteArray
	converted, old := e.ConvertedType.V, e.ConvertedType.Valid && e.LogicalType.Value == nil
	s := &l.scalar
	switch t := e.LogicalType.Value.(type) {
	case *format.DecimalType:
		if number || bytes {
			s.kind, s.scale = kindDecimal, t.Scale
		}
	case *format.DateType:
		if number {
			s.kind = kindDate
		}
	case *format.TimestampType:
		if number && t.Unit.Value != nil {
			s.kind, s.utc, s.unit = kindTimestamp, t.IsAdjustedToUTC, int64(1e9/t.Unit.Value.Duration())
		}
	case *format.TimeType:
		if number && t.Unit.Value != nil {
			s.kind, s.unit = kindTime, int64(1e9/t.Unit.Value.Duration())
		}
	case *format.IntType:
		l.setUnsigned(number && !t.IsSigned)
	case *format.StringType, *format.EnumType, *format.JsonType:
		l.text = true
	case *format.UUIDType:
		if l.values.width == 16 {
			s.kind = kindUUID
		}
	case *format.Float16Type:
		if stored == format.FixedLenByteArray && l.values.width == 2 {
			s.kind = kindFloat16
		}
	}
	switch {
	case !old:
	case converted == deprecated.UTF8, converted == deprecated.Enum, converted == deprecated.Json:
		l.text = true
	case converted == deprecated.Decimal && (number || bytes):
		s.kind, s.scale = kindDecimal, e.Scale.V
	case converted == deprecated.Interval && l.values.width == 12 && bytes:
		s.kind = kindParquetSpan
	case !number:
	case converted == deprecated.Date:
		s.kind = kindDate
	case converted == deprecated.TimeMillis:
		s.kind, s.unit = kindTime, 1e3
	case converted == deprecated.TimeMicros:
		s.kind, s.unit = kindTime, 1e6
	case converted == deprecated.TimestampMillis:
		s.kind, s.unit, s.utc = kindTimestamp, 1e3, true
	case converted == deprecated.TimestampMicros:
		s.kind, s.unit, s.utc = kindTimestamp, 1e6, true
	case converted >= deprecated.Uint8 && converted <= deprecated.Uint64:
		l.setUnsigned(true)
	}
	if s.kind == kindDecimal {
		return checkScale(s.scale)
	}
	return nil
}

func (l *parquetLeaf) setUnsigned(unsigned bool) {
	if unsigned {
		l.scalar.kind, l.unsigned32 = kindUint, l.values.kind == format.Int32
	}
}
