// Package article takes the article out of a web page: its text without the menus, links to other articles, comments and
// notices around it. The text is that of [markup.HTML], of which it takes lines, and cells of rows, as they are.
//
// A page is read once. Its containers (blocks with names, kinds and parents) and its blocks of text (lines with their length,
// links, marks of sentences) are two arrays. What reads as text has a value; the container in which most of it stands together is the
// core of the article; what stands beside it belongs to it if it is like it; what its names, its kind of element or its links
// say is something else is left out, except where it holds the core. The means (density of links and of text, names, the best
// container and its siblings) are those of Kohlschütter et al., Boilerplate detection using shallow text features (WSDM 2010),
// and of Arc90's Readability; the weights are our own.
//
// Results follow from the page alone. Time is linear in the size of the page, and memory bounded by it, whatever is in it.
package article
