package markup

import "golang.org/x/net/html/atom"

// kind is what an element means for the text.
type kind uint8

const (
	inline       kind = iota // nothing: all elements that are not listed
	block                    // it begins and ends lines
	row                      // a block that begins the columns of a table anew
	cell                     // it is parted from the one before by a tab
	preformatted             // a block that keeps white space
	dropped                  // it is left out with all in it
	titles                   // it holds the title
)

// element is what is known of the elements of a name.
type element struct {
	kind kind
	// hides says that its attributes are looked at: of containers whose end tag is always written. With others, what is
	// hidden would end nowhere.
	hides bool
	// counted is its number among the elements of which is known how many are open; 0: none of them.
	counted uint8
	// tag is what it is as a container of text; TagNone: it is none.
	tag Tag
}

// maxCounted is more than there are counted elements.
const maxCounted = 64

// elements has those that matter (HTML Standard, 15.3: what user agents display as blocks, and do not display).
var elements = func() map[atom.Atom]element {
	m := map[atom.Atom]element{}
	for k, list := range map[kind][]atom.Atom{
		titles: {atom.Title},
		cell:   {atom.Td, atom.Th},
		row:    {atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr, atom.Caption},
		block: {
			atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Center, atom.Dd,
			atom.Details, atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure,
			atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hgroup, atom.Hr,
			atom.Html, atom.Legend, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Search, atom.Section,
			atom.Summary, atom.Ul,
		},
		preformatted: {atom.Pre, atom.Listing, atom.Textarea, atom.Xmp, atom.Plaintext},
		dropped: {
			atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Noembed, atom.Noframes, atom.Svg,
			atom.Object, atom.Canvas, atom.Audio, atom.Video, atom.Select, atom.Datalist,
		},
	} {
		for _, a := range list {
			m[a] = element{kind: k}
		}
	}
	for _, a := range []atom.Atom{
		atom.Div, atom.Span, atom.Section, atom.Article, atom.Aside, atom.Nav, atom.Header, atom.Footer, atom.Form, atom.Ul, atom.Ol,
		atom.Table, atom.Dialog, atom.A, atom.Nobr,
	} {
		e := m[a]
		e.hides = true
		m[a] = e
	}
	// Those whose end tag, where another element has none, is the end of that one, too.
	for i, a := range []atom.Atom{
		atom.Div, atom.Section, atom.Article, atom.Aside, atom.Nav, atom.Header, atom.Footer, atom.Main, atom.Form, atom.Fieldset,
		atom.Ul, atom.Ol, atom.Dl, atom.Li, atom.Dd, atom.Dt, atom.Table, atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Td, atom.Th,
		atom.Caption, atom.Blockquote, atom.Center, atom.Figure, atom.Details, atom.Dialog, atom.Body, atom.Html, atom.P,
	} {
		e := m[a]
		e.counted = uint8(i + 1)
		m[a] = e
	}
	for a, e := range m {
		switch tag, named := tags[a]; {
		case named:
			e.tag = tag
		case e.kind != inline && e.kind != dropped && e.kind != titles:
			e.tag = TagDiv
		}
		m[a] = e
	}
	return m
}()
