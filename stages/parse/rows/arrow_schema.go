package rows

import (
	"errors"
	"fmt"
)

// Types of columns (Arrow, Schema.fbs).
const (
	arrowNull        = 1
	arrowInt         = 2
	arrowFloat       = 3
	arrowBinary      = 4
	arrowText        = 5
	arrowBool        = 6
	arrowDecimal     = 7
	arrowDate        = 8
	arrowTime        = 9
	arrowTimestamp   = 10
	arrowInterval    = 11
	arrowList        = 12
	arrowStruct      = 13
	arrowFixedBinary = 15
	arrowFixedList   = 16
	arrowMap         = 17
	arrowDuration    = 18
	arrowLargeBinary = 19
	arrowLargeText   = 20
	arrowLargeList   = 21
	arrowBinaryView  = 23
	arrowTextView    = 24
)

// layout is how a column lies in buffers.
type layout uint8

const (
	layoutNone    layout = iota // null: no buffers
	layoutBits                  // booleans
	layoutNumber                // of at most 8 bytes
	layoutBytes                 // of fixed width
	layoutText                  // offsets and bytes
	layoutView                  // views of 16 bytes, and bytes
	layoutList                  // offsets and a child
	layoutFixed                 // a child, so many items each
	layoutStruct                // children
	layoutIndices               // into a dictionary
)

// arrowNode is a field of the schema.
type arrowNode struct {
	path     string
	key      []byte // the name as JSON, with the colon
	layout   layout
	scalar   scalar
	width    int64      // bytes of a value, of an offset or an index; items of a fixed list
	signed   bool       // number or index
	reversed bool       // decimals, whose bytes are little-endian
	mapped   bool       // a list of keys and values
	dict     int64      // id
	values   *arrowNode // of the dictionary
	text     bool
	bytes    bool // that are no text
	children []*arrowNode
}

// arrowSchema reads the fields of a schema.
type arrowSchema struct {
	depth  int
	fields int
	dicts  map[int64]*arrowNode // by id: the values
}

func (s *arrowSchema) read(t table) (nodes []*arrowNode, err error) {
	if t.int16(0) != 0 {
		return nil, fmt.Errorf("big-endian data is %w", ErrUnsupported)
	}
	err = t.tables(1, func(f table) error {
		n, err := s.field(f, "", 1)
		nodes = append(nodes, n)
		return err
	})
	if err == nil && len(nodes) == 0 {
		err = errors.New("a schema without columns")
	}
	return nodes, err
}

func (s *arrowSchema) field(f table, path string, depth int) (*arrowNode, error) {
	if s.fields++; s.fields > maxFields {
		return nil, fmt.Errorf("more than %d columns", maxFields)
	}
	if depth > s.depth {
		return nil, fmt.Errorf("columns nested more than %d deep", s.depth)
	}
	name, _ := f.vector(0, 1)
	n := &arrowNode{path: string(name), key: append(appendText(nil, name), ':')}
	if path != "" {
		n.path = path + "." + n.path
	}
	err := f.tables(5, func(child table) error {
		c, err := s.field(child, n.path, depth+1)
		n.children = append(n.children, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := n.setType(f.byte(2), f.child(3)); err != nil {
		return nil, fmt.Errorf("column %q: %w", n.path, err)
	}
	dictionary := f.child(4)
	if !dictionary.valid() {
		return n, nil
	}
	index := &arrowNode{path: n.path, key: n.key, layout: layoutIndices, dict: dictionary.int64(0), width: 4, signed: true}
	if t := dictionary.child(1); t.valid() {
		index.width, index.signed = int64(t.int32(0))/8, t.byte(1) != 0
	}
	if !index.numeric() {
		return nil, fmt.Errorf("column %q: indices of %d bytes", n.path, index.width)
	}
	if s.dicts[index.dict] == nil {
		s.dicts[index.dict] = n
	}
	index.values = s.dicts[index.dict]
	return index, nil
}

// numeric says whether the width is that of a number.
func (n *arrowNode) numeric() bool {
	return n.width == 1 || n.width == 2 || n.width == 4 || n.width == 8
}

func (n *arrowNode) setType(code byte, t table) error {
	units := [4]int64{1, 1e3, 1e6, 1e9}
	unit := func(field int, standard int16) int64 {
		u := t.int16(field)
		if t.field(field) == 0 {
			u = standard
		}
		return units[u&3]
	}
	number := func(k kind, width int64) { n.layout, n.scalar.kind, n.width, n.signed = layoutNumber, k, width, true }
	bytes := func(k kind, width int64) { n.layout, n.scalar.kind, n.width = layoutBytes, k, width }
	children := -1
	n.text = code == arrowText || code == arrowLargeText || code == arrowTextView
	n.bytes = code == arrowBinary || code == arrowLargeBinary || code == arrowBinaryView || code == arrowFixedBinary
	switch code {
	case arrowNull:
		n.layout, n.scalar.kind = layoutNone, kindNull
	case arrowInt:
		number(kindInt, int64(t.int32(0))/8)
		if n.signed = t.byte(1) != 0; !n.signed {
			n.scalar.kind = kindUint
		}
	case arrowFloat:
		p := min(uint16(t.int16(0)), 2)
		number([3]kind{kindFloat16, kindFloat32, kindFloat64}[p], 2<<p)
		n.signed = false
	case arrowBool:
		n.layout, n.scalar.kind = layoutBits, kindBool
	case arrowBinary, arrowText:
		n.layout, n.width = layoutText, 4
	case arrowLargeBinary, arrowLargeText:
		n.layout, n.width = layoutText, 8
	case arrowBinaryView, arrowTextView:
		n.layout, n.width = layoutView, 16
	case arrowFixedBinary:
		bytes(kindText, int64(t.int32(0)))
	case arrowDecimal:
		bits := t.int32(2)
		if t.field(2) == 0 {
			bits = 128
		}
		bytes(kindDecimal, int64(bits)/8)
		n.reversed, n.scalar.scale = true, t.int32(1)
		if n.width <= 0 || n.width > maxDecimalBytes {
			return fmt.Errorf("decimals of %d bits", bits)
		}
		if err := checkScale(n.scalar.scale); err != nil {
			return err
		}
	case arrowDate:
		if t.field(0) != 0 && t.int16(0) == 0 {
			number(kindDate, 4)
			break
		}
		number(kindTimestamp, 8)
		n.scalar.unit = 1e3
	case arrowTime:
		bits := t.int32(1)
		if t.field(1) == 0 {
			bits = 32
		}
		number(kindTime, int64(bits)/8)
		n.scalar.unit = unit(0, 1)
	case arrowTimestamp:
		number(kindTimestamp, 8)
		zone, _ := t.vector(1, 1)
		n.scalar.unit, n.scalar.utc = unit(0, 0), len(zone) > 0
	case arrowDuration:
		number(kindDuration, 8)
		n.scalar.unit = unit(0, 1)
	case arrowInterval:
		switch t.int16(0) {
		case 0:
			number(kindMonths, 4)
		case 1:
			bytes(kindDayTimeSpan, 8)
		default:
			bytes(kindMonthDayNano, 16)
		}
	case arrowList:
		n.layout, n.width, children = layoutList, 4, 1
	case arrowLargeList:
		n.layout, n.width, children = layoutList, 8, 1
	case arrowMap:
		n.layout, n.width, n.mapped, children = layoutList, 4, true, 1
	case arrowFixedList:
		n.layout, n.width, children = layoutFixed, int64(t.int32(0)), 1
	case arrowStruct:
		n.layout, children = layoutStruct, len(n.children)
	default:
		return fmt.Errorf("type %d of Arrow: unions, run-end encoding and list views are %w", code, ErrUnsupported)
	}
	switch {
	case n.layout == layoutNumber && !n.numeric():
		return fmt.Errorf("numbers of %d bytes", n.width)
	case n.width < 0:
		return fmt.Errorf("values of %d bytes", n.width)
	case len(n.children) != max(children, 0):
		return fmt.Errorf("it has %d parts", len(n.children))
	case n.mapped && (n.children[0].layout != layoutStruct || len(n.children[0].children) != 2):
		return errors.New("a map without keys and values")
	}
	return nil
}
