package rows

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// next appends a row.
func (p *parquetFile) next(o *object) error {
	if err := p.object(o, p.nodes); err != nil {
		return err
	}
	for _, leaf := range p.leaves {
		more, err := leaf.more(0)
		if err != nil {
			return fmt.Errorf("column %s: %w", leaf.path, err)
		}
		if leaf.loaded && !more {
			return disagree(leaf)
		}
	}
	return nil
}

func (p *parquetFile) object(o *object, nodes []*parquetNode) error {
	o.mark('{')
	for i, n := range nodes {
		if i > 0 {
			o.mark(',')
		}
		o.buf = append(o.buf, n.key...)
		if err := p.node(o, n); err != nil {
			return err
		}
	}
	o.mark('}')
	return nil
}

// node appends what a column holds in this row or list item.
func (p *parquetFile) node(o *object, n *parquetNode) error {
	if n.repetition == format.Repeated {
		return p.list(o, n, p.content)
	}
	if n.repetition == format.Optional && n.leaf == nil {
		absent, err := p.absent(o, n)
		if err != nil {
			return err
		}
		if absent {
			o.null()
			return nil
		}
	}
	return p.content(o, n)
}

// content appends a value that is there, if it is not a leaf.
func (p *parquetFile) content(o *object, n *parquetNode) error {
	switch {
	case n.leaf != nil:
		err := n.leaf.load()
		if err == nil {
			err = n.leaf.take(o)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", n.path, err)
		}
		return nil
	case n.shape == shapeList:
		item := n.children[0]
		if item.unwrap {
			return p.list(o, item, func(o *object, item *parquetNode) error { return p.node(o, item.children[0]) })
		}
		return p.list(o, item, p.content)
	case n.shape == shapeMap:
		return p.entries(o, n.children[0])
	default:
		return p.object(o, n.children)
	}
}

func (p *parquetFile) list(o *object, item *parquetNode, write func(*object, *parquetNode) error) error {
	o.mark('[')
	err := p.each(o, item, func() error { return write(o, item) })
	o.mark(']')
	return err
}

func (p *parquetFile) entries(o *object, entry *parquetNode) error {
	o.mark('{')
	err := p.each(o, entry, func() error {
		if err := o.key(func() error { return p.node(o, entry.children[0]) }); err != nil {
			return err
		}
		return p.node(o, entry.children[1])
	})
	o.mark('}')
	return err
}

// each calls write for the items of a list.
func (p *parquetFile) each(o *object, item *parquetNode, write func() error) error {
	absent, err := p.absent(o, item)
	if absent || err != nil {
		return err
	}
	for first := true; ; first = false {
		if !first {
			o.mark(',')
		}
		if err := write(); err != nil {
			return err
		}
		leaves := p.leaves[item.from:item.to]
		goesOn, err := leaves[0].more(item.rep)
		if err != nil {
			return fmt.Errorf("column %s: %w", leaves[0].path, err)
		}
		for _, leaf := range leaves[1:] {
			more, err := leaf.more(item.rep)
			if err != nil {
				return fmt.Errorf("column %s: %w", leaf.path, err)
			}
			if more != goesOn {
				return disagree(leaf)
			}
		}
		if !goesOn {
			return nil
		}
	}
}

// absent says whether a node is missing here, by the first leaf below it, and then moves all leaves on.
func (p *parquetFile) absent(o *object, n *parquetNode) (bool, error) {
	leaves := p.leaves[n.from:n.to]
	for i, leaf := range leaves {
		if err := leaf.load(); err != nil {
			return false, fmt.Errorf("column %s: %w", leaf.path, err)
		}
		if leaf.curDef >= n.def && (i == 0 || !leaf.lost) {
			if i == 0 {
				return false, nil
			}
			return false, disagree(leaf)
		}
		from := len(o.buf)
		if err := leaf.take(o); err != nil {
			return false, fmt.Errorf("column %s: %w", leaf.path, err)
		}
		o.buf = o.buf[:min(from, len(o.buf))] // without the null
	}
	return true, nil
}

func disagree(leaf *parquetLeaf) error {
	return damaged(leaf.page, fmt.Errorf("column %s: %w", leaf.path, errors.New("its lists end elsewhere than those beside it")))
}
