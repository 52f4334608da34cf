package rows

// Column is a top-level column of a file.
type Column struct {
	Name string
	// Binary says that it is bytes that nothing calls text, or a list, map or structure with some in it. Where a file calls no
	// column text, as old writers did not, bytes of any length are taken for it.
	Binary bool
}

// Use is what becomes of a column.
type Use uint8

// What Select chooses from.
const (
	AsText   Use = iota // a member of the object; bytes are repaired to UTF-8
	AsBase64            // the same, but bytes that are no text are base64, with padding
	Left                // it is not read
)

// Select chooses the columns whose values the objects get, before the first row is read. Without it all are AsText.
func (f *File) Select(choose func(Column) Use) { f.choose(choose) }

// choose implements decoder.
func (p *parquetFile) choose(choose func(Column) Use) {
	plain := true // no column is called text
	for _, leaf := range p.leaves {
		plain = plain && !leaf.text
	}
	var nodes []*parquetNode
	var leaves []*parquetLeaf
	for _, n := range p.nodes {
		own := p.leaves[n.from:n.to]
		binary := false
		for _, leaf := range own {
			binary = binary || leaf.binary(plain)
		}
		use := choose(Column{n.name, binary})
		if use == Left {
			continue
		}
		for _, leaf := range own {
			if use == AsBase64 && leaf.binary(plain) {
				leaf.scalar.kind = kindBase64
			}
		}
		n.shift(len(leaves) - n.from)
		nodes, leaves = append(nodes, n), append(leaves, own...)
	}
	p.nodes, p.leaves = nodes, leaves
}

// shift moves the numbers of the leaves below a node.
func (n *parquetNode) shift(by int) {
	n.from, n.to = n.from+by, n.to+by
	for _, child := range n.children {
		child.shift(by)
	}
}

// choose implements decoder.
func (a *arrowFile) choose(choose func(Column) Use) {
	plain := true
	for _, n := range a.nodes {
		plain = plain && !n.any(func(n *arrowNode) bool { return n.text })
	}
	a.left = make([]bool, len(a.nodes))
	for i, n := range a.nodes {
		isBinary := func(n *arrowNode) bool { return n.bytes && (!plain || n.layout == layoutBytes) }
		switch choose(Column{n.path, n.any(isBinary)}) {
		case Left:
			a.left[i] = true
		case AsBase64:
			n.any(func(n *arrowNode) bool {
				if isBinary(n) {
					n.scalar.kind = kindBase64
				}
				return false
			})
		case AsText:
		}
	}
}

// any says whether one of the values that a column holds is such, a dictionary's among them.
func (n *arrowNode) any(is func(*arrowNode) bool) bool {
	if is(n) || n.values != nil && n.values.any(is) {
		return true
	}
	for _, child := range n.children {
		if child.any(is) {
			return true
		}
	}
	return false
}
