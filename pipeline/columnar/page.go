package columnar

// Page says what was taken of a web page that became a document. It goes with the document to the ledger, whatever becomes of
// that, and costs nothing where there are no pages.
type Page struct {
	// Row is that of the record, between a reader and the parse stage; then File and Offset name the document.
	Row    int   `json:"-"`
	File   int32 `json:"file"`
	Offset int64 `json:"offset"`

	Article bool   `json:"article,omitempty"` // it was found; else all of the page is the text
	Where   string `json:"where,omitempty"`   // the element that holds it, as div#content > div.article
	// Blocks are the lines of the page's text, and cells of its rows, Chars their code points without white space; of both what was taken.
	Blocks     int64 `json:"blocks,omitempty"`
	Taken      int64 `json:"taken,omitempty"`
	Chars      int64 `json:"chars,omitempty"`
	TakenChars int64 `json:"taken_chars,omitempty"`
}
