package fasttext

// node is one of the tree of hierarchical softmax: a label, or a decision between two. Children stand before their parents.
type node struct {
	left, right, parent int32 // -1 for none
}

// countMost is the count that fastText gives decisions it has not come to yet: labels must have less.
const countMost = 1e15

// buildTree is Huffman's: labels come by falling count, and the two rarest of labels and decisions are joined, again and again. Nothing of it is
// in the file, so equals must be joined in the order of fastText.
func buildTree(r *reader, counts []int64) []node {
	labels := len(counts)
	tree, sums := make([]node, 2*labels-1), make([]int64, 2*labels-1)
	for i := range tree {
		tree[i], sums[i] = node{-1, -1, -1}, countMost
	}
	for i, n := range counts {
		if n < 0 || n >= countMost {
			r.fail("label %d has the count %d", i, n)
			return nil
		}
		sums[i] = n
	}
	leaf, next := labels-1, labels
	take := func() int {
		if leaf >= 0 && sums[leaf] < sums[next] {
			leaf--
			return leaf + 1
		}
		next++
		return next - 1
	}
	for i := labels; i < len(tree); i++ {
		left := take()
		right := take()
		tree[i].left, tree[i].right = int32(left), int32(right)
		sums[i] = sums[left] + sums[right]
		tree[left].parent, tree[right].parent = int32(i), int32(i)
	}
	return tree
}

// decision is the probability of a node's right child.
func (m *Model) decision(hidden []float32, n int32) float32 {
	return logistic(m.output.times(hidden, int(n)-len(m.words.labels)))
}

// path is a node that is yet to be looked at, and the probability of the decisions that lead there.
type path struct {
	node int32
	p    float64
}

// best looks for the label of the greatest probability, left before right, and leaves out what cannot have a greater one. The stack is the
// caller's scratch memory.
func (m *Model) best(hidden []float32, stack []path) (label int, p float64, scratch []path) {
	label = -1
	stack = append(stack[:0], path{int32(len(m.tree) - 1), 1})
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n := m.tree[at.node]
		switch {
		case !(at.p >= least) || at.p < p:
		case n.left < 0:
			label, p = int(at.node), at.p
		default:
			f := m.decision(hidden, at.node)
			stack = append(stack, path{n.right, float64(at.p * (float64(f) + least))}, path{n.left, float64(at.p * (float64(1-f) + least))})
		}
	}
	return label, p, stack
}

// down is the probability of a label, 0 where fastText gives none.
func (m *Model) down(hidden []float32, label int, stack []path) (p float64, scratch []path) {
	stack = stack[:0]
	for n := int32(label); n >= 0; n = m.tree[n].parent {
		stack = append(stack, path{node: n})
	}
	p = 1
	for i := len(stack) - 1; i > 0 && p >= least; i-- {
		f := m.decision(hidden, stack[i].node)
		if m.tree[stack[i].node].left == stack[i-1].node {
			f = 1 - f
		}
		p = float64(p * (float64(f) + least))
	}
	if !(p >= least) {
		p = 0
	}
	return p, stack
}
