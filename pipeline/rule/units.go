package rule

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// units goes through an expression before it is compiled: every number beside a share or a mean becomes whole millionths, every word beside
// a signal of words its number, and what would be a float, or compares what cannot be compared, is refused.
type units struct {
	all       Signals
	asked     []int
	fields    []string
	predicate bool
	err       error // the first
}

// kind is what a part of an expression is.
type kind int

const (
	other   kind = iota // texts, metadata, yes or no
	literal             // a number as it is written
	count               // whole numbers
	share               // millionths of at most 1
	scaled              // millionths
	word                // the number of a word
)

func (k kind) String() string {
	return [...]string{"no signal", "a number", "a count", "a share", "a mean", "a word"}[k]
}

func (k kind) signal() bool     { return k >= count }
func (k kind) millionths() bool { return k == share || k == scaled }

func (u *units) fail(n ast.Node, format string, args ...any) kind {
	if u.err == nil {
		u.err = &file.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	}
	return other
}

// visit returns what the node is.
func (u *units) visit(node *ast.Node) kind {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		return u.identifier(n)
	case *ast.IntegerNode, *ast.FloatNode:
		return literal
	case *ast.UnaryNode:
		k := u.visit(&n.Node)
		if k == word {
			return u.fail(n, "%s of a word", n.Operator)
		}
		if n.Operator == "-" || n.Operator == "+" {
			return k
		}
	case *ast.BinaryNode:
		return u.binary(n)
	case *ast.ConditionalNode:
		u.plain(&n.Cond)
		return u.same(n, "? :", &n.Exp1, &n.Exp2)
	case *ast.BuiltinNode:
		switch n.Name {
		case "abs":
			return u.visit(&n.Arguments[0])
		case "min", "max":
			return u.extreme(n)
		}
		u.plains(n.Arguments)
	case *ast.CallNode:
		return u.fail(n, "%s is no function of rules: these are %v", n.Callee, functions)
	case *ast.PredicateNode:
		if u.predicate {
			return u.fail(n, "a condition inside of a condition over a list: it could take for ever")
		}
		u.predicate = true
		u.visit(&n.Node)
		u.predicate = false
	case *ast.MemberNode:
		u.plain(&n.Node)
		u.plain(&n.Property)
	case *ast.ChainNode:
		u.plain(&n.Node)
	case *ast.SliceNode:
		for _, part := range []*ast.Node{&n.Node, &n.From, &n.To} {
			if *part != nil {
				u.plain(part)
			}
		}
	case *ast.ArrayNode:
		u.plains(n.Nodes)
	case *ast.NilNode, *ast.BoolNode, *ast.StringNode, *ast.BytesNode, *ast.ConstantNode, *ast.PointerNode:
	default:
		return u.fail(n, "a rule has neither variables, maps nor several statements: write what is asked in one condition")
	}
	return other
}

func (u *units) identifier(n *ast.IdentifierNode) kind {
	if slices.Contains(fieldNames, n.Value) {
		if !slices.Contains(u.fields, n.Value) {
			u.fields = append(u.fields, n.Value)
		}
		return other
	}
	i, err := u.all.Find(n.Value)
	if err != nil {
		if u.err == nil {
			u.err = err
		}
		return other
	}
	if !slices.Contains(u.asked, i) {
		u.asked = append(u.asked, i)
	}
	s := &u.all[i]
	n.Value = s.Name
	switch {
	case s.Labels != nil:
		return word
	case s.Unit == Share:
		return share
	case s.Unit == Mean:
		return scaled
	}
	return count
}

// plain visits what must not be a signal.
func (u *units) plain(node *ast.Node) {
	if k := u.visit(node); k.signal() {
		u.fail(*node, "%s cannot stand here: signals are compared with numbers, words and each other", k)
	}
}

func (u *units) plains(nodes []ast.Node) {
	for i := range nodes {
		u.plain(&nodes[i])
	}
}

func (u *units) binary(n *ast.BinaryNode) kind {
	switch n.Operator {
	case "==", "!=", "<", "<=", ">", ">=":
		u.comparison(n)
		return other
	case "+", "-":
		return u.same(n, n.Operator, &n.Left, &n.Right)
	case "*", "%":
		return u.product(n)
	case "/", "**", "^":
		return u.fail(n, "%s gives a float: multiply the other side of the comparison instead, as in a > b * 3", n.Operator)
	case "in":
		u.member(n)
		return other
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			return u.fail(n, "a pattern is a text in quotes, not what a document says")
		}
	}
	u.plain(&n.Left)
	u.plain(&n.Right)
	return other
}

// comparison makes both sides of one unit.
func (u *units) comparison(n *ast.BinaryNode) {
	left, right := u.visit(&n.Left), u.visit(&n.Right)
	if u.err != nil {
		return
	}
	if left == word || right == word {
		u.words(n, left, right)
		return
	}
	u.unify(n, n.Operator, &n.Left, &n.Right, left, right)
}

// words compares a signal of words with one of them.
func (u *units) words(n *ast.BinaryNode, left, right kind) {
	signal, text := n.Left, &n.Right
	if right == word {
		signal, text = n.Right, &n.Left
	}
	s, isName := signal.(*ast.IdentifierNode)
	t, isText := (*text).(*ast.StringNode)
	if left == right || !isName || !isText {
		u.fail(n, "a signal of words is compared with a word in quotes, as in language == 'zh'")
		return
	}
	u.word(s, n.Operator, text, t)
}

func (u *units) word(s *ast.IdentifierNode, op string, node *ast.Node, t *ast.StringNode) {
	i, err := u.all.Find(s.Value)
	if err == nil {
		var v int64
		if v, err = u.all[i].label(t.Value, op); err == nil {
			ast.Patch(node, &ast.IntegerNode{Value: int(v)})
			return
		}
	}
	u.fail(t, "%v", err)
}

// member is one in a list.
func (u *units) member(n *ast.BinaryNode) {
	k := u.visit(&n.Left)
	list, ok := n.Right.(*ast.ArrayNode)
	if !k.signal() {
		u.plain(&n.Right)
		return
	}
	if !ok {
		u.fail(n, "a signal is in a list that is written out, as in chars in [1, 2]")
		return
	}
	for i := range list.Nodes {
		if u.err != nil {
			return
		}
		s, isName := n.Left.(*ast.IdentifierNode)
		t, isText := list.Nodes[i].(*ast.StringNode)
		switch {
		case k == word && isName && isText:
			u.word(s, "==", &list.Nodes[i], t)
		case k == word:
			u.fail(list.Nodes[i], "a signal of words is in a list of words in quotes")
		default:
			u.unify(n, n.Operator, &n.Left, &list.Nodes[i], k, u.visit(&list.Nodes[i]))
		}
	}
}

// same is a sum, or a choice: both are of one unit, and so is it.
func (u *units) same(n ast.Node, op string, a, b *ast.Node) kind {
	left, right := u.visit(a), u.visit(b)
	if u.err != nil {
		return other
	}
	if left == literal && right == literal {
		return u.constant(n, a, b)
	}
	return u.unify(n, op, a, b, left, right)
}

// unify makes a number that stands beside a signal one of its unit.
func (u *units) unify(n ast.Node, op string, a, b *ast.Node, left, right kind) kind {
	if u.err != nil {
		return other
	}
	if left == literal && right.signal() {
		b, left, right = a, right, left
	}
	switch {
	case left == word || right == word:
		return u.fail(n, "%s of a word", op)
	case left.signal() && right == literal:
		u.convert(b, left, op)
		if left == share && (op == "+" || op == "-") {
			return scaled
		}
		return left
	case left.millionths() && right.millionths():
		return scaled
	case left == count && right == count:
		return count
	case left.signal() && right.signal():
		return u.fail(n, "%s of %s and %s: they have other units", op, left, right)
	case left.millionths() || right.millionths():
		return u.fail(n, "%s of %s and %s: shares and means are compared with numbers that are written out, and with each other", op, left, right)
	}
	return other // a count and a field of the metadata; no signal at all
}

// product is one of counts, or of one share or mean and whole numbers.
func (u *units) product(n *ast.BinaryNode) kind {
	left, right := u.visit(&n.Left), u.visit(&n.Right)
	if u.err != nil {
		return other
	}
	if left == literal && right == literal {
		return u.constant(n, &n.Left, &n.Right)
	}
	if !left.signal() && !right.signal() {
		return other
	}
	for _, side := range []struct {
		node *ast.Node
		kind kind
	}{{&n.Left, left}, {&n.Right, right}} {
		if side.kind == literal {
			u.convert(side.node, count, n.Operator)
		}
	}
	switch {
	case left == word || right == word || left == other || right == other || left.millionths() && right.millionths():
		return u.fail(n, "%s of %s and %s: multiply by counts and by whole numbers", n.Operator, left, right)
	case n.Operator == "%" && (left.millionths() || right.millionths()):
		return u.fail(n, "%% is for counts")
	case left.millionths() || right.millionths():
		return scaled
	}
	return count
}

// constant is a number that is computed: a whole one.
func (u *units) constant(n ast.Node, parts ...*ast.Node) kind {
	for _, p := range parts {
		if _, ok := (*p).(*ast.IntegerNode); !ok {
			return u.fail(n, "write the number out that this comes to")
		}
	}
	return count
}

// extreme is the least or the greatest of several.
func (u *units) extreme(n *ast.BuiltinNode) kind {
	if len(n.Arguments) == 0 {
		return other
	}
	k := u.visit(&n.Arguments[0])
	for i := 1; i < len(n.Arguments) && u.err == nil; i++ {
		more := u.visit(&n.Arguments[i])
		if k == literal && more == literal || u.err != nil {
			continue
		}
		if k == literal { // all before are numbers, too
			for j := range i {
				u.convert(&n.Arguments[j], more, n.Name)
			}
			k = more
			continue
		}
		k = u.unify(n, n.Name, &n.Arguments[0], &n.Arguments[i], k, more)
	}
	return k
}

// convert makes a number that is written one of the unit.
func (u *units) convert(node *ast.Node, to kind, op string) {
	if u.err != nil {
		return
	}
	var text string
	switch n := (*node).(type) {
	case *ast.UnaryNode:
		u.convert(&n.Node, to, op)
		return
	case *ast.IntegerNode:
		text = strconv.Itoa(n.Value)
	case *ast.FloatNode:
		text = strconv.FormatFloat(n.Value, 'f', -1, 64)
	}
	v, err := ParseNumber(text)
	switch {
	case err != nil:
		u.fail(*node, "%v", err)
	case to == count && v%One != 0:
		u.fail(*node, "%s beside a count: a whole number is expected", text)
	case to == count:
		ast.Patch(node, &ast.IntegerNode{Value: int(v / One)})
	case v%10 != 0:
		u.fail(*node, "%s has more than five decimals: no share or mean is known so exactly", text)
	case to == share && op != "+" && op != "-" && (v < 0 || v > One):
		u.fail(*node, "%s beside a share, which is from 0 to 1", text)
	default:
		ast.Patch(node, &ast.IntegerNode{Value: int(v)})
	}
}
