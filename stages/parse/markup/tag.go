package markup

import "golang.org/x/net/html/atom"

// Tag is the kind of a container.
type Tag uint8

// The kinds. What is a block and not among them is a TagDiv.
const (
	TagNone Tag = iota
	TagBody
	TagDiv
	TagSection
	TagArticle
	TagMain
	TagAside
	TagNav
	TagHeader
	TagFooter
	TagP
	TagH1
	TagH2
	TagH3
	TagH4
	TagH5
	TagH6
	TagUl
	TagOl
	TagLi
	TagDl
	TagDt
	TagDd
	TagTable
	TagTr
	TagTd
	TagCaption
	TagForm
	TagFieldset
	TagBlockquote
	TagPre
	TagFigure
	TagFigcaption
	TagAddress
	TagTextarea
	tagCount
)

// IsHeading says whether a container is a heading.
func (t Tag) IsHeading() bool { return TagH1 <= t && t <= TagH6 }

// Hint is what the attributes of a container say of it, beside its names.
type Hint uint8

// The hints.
const (
	HintBody  Hint = 1 << iota // it is the text of an article (schema.org)
	HintMain                   // it is the main part (ARIA)
	HintAside                  // it is beside the main part
)

// tags has the kinds of blocks that are not all the same to a reader.
var tags = map[atom.Atom]Tag{
	atom.Html: TagNone, atom.Br: TagNone, atom.Hr: TagNone, atom.Thead: TagNone, atom.Tbody: TagNone, atom.Tfoot: TagNone,
	atom.Body: TagBody, atom.Section: TagSection, atom.Article: TagArticle, atom.Main: TagMain, atom.Aside: TagAside,
	atom.Nav: TagNav, atom.Header: TagHeader, atom.Footer: TagFooter, atom.P: TagP, atom.H1: TagH1, atom.H2: TagH2,
	atom.H3: TagH3, atom.H4: TagH4, atom.H5: TagH5, atom.H6: TagH6, atom.Ul: TagUl, atom.Menu: TagUl, atom.Dir: TagUl,
	atom.Ol: TagOl, atom.Li: TagLi, atom.Dl: TagDl, atom.Dt: TagDt, atom.Dd: TagDd, atom.Table: TagTable, atom.Tr: TagTr,
	atom.Td: TagTd, atom.Th: TagTd, atom.Caption: TagCaption, atom.Form: TagForm, atom.Fieldset: TagFieldset,
	atom.Blockquote: TagBlockquote, atom.Pre: TagPre, atom.Listing: TagPre, atom.Xmp: TagPre, atom.Plaintext: TagPre,
	atom.Textarea: TagTextarea, atom.Figure: TagFigure, atom.Figcaption: TagFigcaption, atom.Address: TagAddress,
}
