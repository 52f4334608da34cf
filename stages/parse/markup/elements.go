package markup

import "golang.org/x/net/html/atom"

// kind is what an element means for the text.
type kind uint8

const (
	inline       kind = iota // nothing: all elements that are not listed
	block                    // it begins and ends lines
	cell                     // it is parted from the one before by a tab
	preformatted             // a block that keeps white space
	dropped                  // it is left out with all in it
	titles                   // it holds the title
)

// kinds has the elements that matter (HTML Standard, 15.3: what user agents display as blocks, and do not display).
var kinds = func() map[atom.Atom]kind {
	m := map[atom.Atom]kind{atom.Td: cell, atom.Th: cell, atom.Title: titles}
	for k, list := range map[kind][]atom.Atom{
		block: {
			atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Caption, atom.Center, atom.Dd,
			atom.Details, atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure,
			atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hgroup, atom.Hr,
			atom.Html, atom.Legend, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Search, atom.Section,
			atom.Summary, atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr, atom.Ul,
		},
		preformatted: {atom.Pre, atom.Listing, atom.Textarea, atom.Xmp, atom.Plaintext},
		dropped: {
			atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Noembed, atom.Noframes, atom.Svg,
			atom.Object, atom.Canvas, atom.Audio, atom.Video, atom.Select, atom.Datalist,
		},
	} {
		for _, a := range list {
			m[a] = k
		}
	}
	return m
}()

// hides has the elements of which attributes are looked at: containers whose end tag is always written. With others, what
// is hidden would end nowhere.
var hides = map[atom.Atom]bool{
	atom.Div: true, atom.Span: true, atom.Section: true, atom.Article: true, atom.Aside: true, atom.Nav: true,
	atom.Header: true, atom.Footer: true, atom.Form: true, atom.Ul: true, atom.Ol: true, atom.Table: true, atom.Dialog: true,
	atom.A: true,
}
