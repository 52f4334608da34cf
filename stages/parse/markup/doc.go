// Package markup takes the text out of HTML and Markdown: what a reader would see, in lines, without what only tells a
// program how to show it. It is no renderer and no judge of content: menus and footers stay.
//
// Input is UTF-8; valid input gives valid output. Memory and time are bounded by the size of the input whatever is in it:
// HTML is read as a stream of tokens without a tree, and Markdown that would take its parser more than a fixed effort a
// byte is left as it is. Results follow from the input alone. Functions may be called by several goroutines at once; the
// memory that they append to must not overlap the input.
package markup
