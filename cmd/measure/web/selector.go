package web

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// selector names elements as a style sheet does, as far as the table of pages needs it: a tag, #id and .class, in any number, and
// white space between an element and what lies anywhere in it. [name*=part] wants an attribute that has the part in it.
type selector []compound

// compound is what one element has to be.
type compound struct {
	tag, id string
	classes []string
	parts   [][2]string // of attributes: the name of one, and what is in it
}

func parseSelector(s string) (selector, error) {
	var out selector
	for part := range strings.FieldsSeq(s) {
		c, err := parseCompound(part)
		if err != nil {
			return nil, fmt.Errorf("selector %q: %w", s, err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("selector %q: names nothing", s)
	}
	return out, nil
}

func parseCompound(s string) (c compound, err error) {
	for rest := s; rest != ""; {
		if rest[0] == '[' {
			in, after, ended := strings.Cut(rest[1:], "]")
			name, part, ok := strings.Cut(in, "*=")
			if !ended || !ok || name == "" || part == "" {
				return c, fmt.Errorf("%q is no [name*=part]", rest)
			}
			c.parts, rest = append(c.parts, [2]string{name, part}), after
			continue
		}
		kind, name := rest[0], rest
		if kind == '#' || kind == '.' {
			name = rest[1:]
		}
		end := strings.IndexAny(name, "#.[")
		if end < 0 {
			end = len(name)
		}
		if end == 0 {
			return c, fmt.Errorf("%q has an empty name", s)
		}
		rest, name = name[end:], name[:end]
		switch kind {
		case '#':
			c.id = name
		case '.':
			c.classes = append(c.classes, name)
		default:
			c.tag = name
		}
	}
	return c, nil
}

func (c *compound) is(n *html.Node) bool {
	if n.Type != html.ElementNode || c.tag != "" && c.tag != n.Data {
		return false
	}
	if c.id != "" && attribute(n, "id") != c.id {
		return false
	}
	for _, p := range c.parts {
		if !strings.Contains(attribute(n, p[0]), p[1]) {
			return false
		}
	}
	if len(c.classes) == 0 {
		return true
	}
	has := strings.Fields(attribute(n, "class"))
	for _, name := range c.classes {
		if !slices.Contains(has, name) {
			return false
		}
	}
	return true
}

func (s selector) is(n *html.Node) bool {
	last := len(s) - 1
	if !s[last].is(n) {
		return false
	}
	for n = n.Parent; n != nil && last > 0; n = n.Parent {
		if s[last-1].is(n) {
			last--
		}
	}
	return last == 0
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all returns the elements that a selector names, in document order, those within another left out.
func (s selector) all(root *html.Node) []*html.Node {
	var found []*html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if s.is(n) {
			found = append(found, n)
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return found
}
