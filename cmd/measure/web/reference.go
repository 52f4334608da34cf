package web

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"github.com/millrace/millrace/stages/parse/markup"
)

var errNoContainer = errors.New("no container of the table is in the page")

// reference returns the right text of a page of a site: what millrace's page mode makes of the site's own container of
// articles, without what the table drops. Headline, byline and date mostly stand outside of it.
func (t *Table) reference(s *Site, page []byte) (string, error) {
	root, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return "", err
	}
	var found []*html.Node
	for _, take := range s.take {
		if found = take.all(root); len(found) > 0 {
			break
		}
	}
	if len(found) == 0 {
		return "", errNoContainer
	}
	for _, drop := range s.drop {
		for _, n := range found {
			for _, d := range drop.all(n) {
				if d.Parent != nil {
					d.Parent.RemoveChild(d)
				}
			}
		}
	}
	var outer bytes.Buffer
	for _, n := range found {
		unhide(n)
		if err := html.Render(&outer, n); err != nil {
			return "", fmt.Errorf("render the container: %w", err)
		}
	}
	text, _ := markup.HTML(nil, outer.Bytes())
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		if bare := strings.TrimSpace(line); !matches(t.lines, bare) && !matches(s.lines, bare) {
			out.WriteString(line)
		}
	}
	return strings.TrimSpace(out.String()) + "\n", nil
}

// unhide takes the style off a container: some pages show theirs by a script, once it is loaded.
func unhide(n *html.Node) {
	for i, a := range n.Attr {
		if a.Key == "style" || a.Key == "hidden" {
			n.Attr[i].Val, n.Attr[i].Key = "", "data-was"
		}
	}
}

func matches(patterns []*regexp.Regexp, line string) bool {
	for _, p := range patterns {
		if p.MatchString(line) {
			return true
		}
	}
	return false
}
