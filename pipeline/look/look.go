// Package look is how millrace's pages look: one style sheet for the report, which is a file that opens offline, and for the live page.
// It is light or dark as the reader's system is, always light on paper, and fetches nothing: its fonts are those of the system, Chinese ones
// among them.
//
// Its classes are the contract between the two pages:
//
//	header.top, nav, main, footer     parts of a page; body.contents has nav beside main where there is room
//	section > h2                      a part with a heading
//	.cards > .card > .value + .label  figures at a glance, .more for a line below; .figures are small ones in a row
//	.scroll > table.data              a table; .n on a cell is a number, .numbers on the table that all are, .text a cell that breaks, tr.sub a row of the row above
//	td.q1 … td.q5                     shades of a matrix
//	.bar > span.w0 … span.w100        parts of a bar in hundredths, coloured by .s0 … .s5 or by .ok, .warn, .bad, .idle on the bar
//	.badge.ok, .warn, .bad, .idle     a state in a word
//	.note                             a remark, with the same states; .muted is text of less weight
//	pre.text, bdi                     text of a document, a path
//	figure > figcaption, svg.chart    a chart: text, .axis, .grid, .mark (a bound), .plot (a line), .s0 … .s5 (its series)
//	.charts, .legend > .key           charts side by side, what the colours of a chart are
//
// No rule needs a style attribute, so a page can refuse them all.
package look

import _ "embed" // the style sheet

// CSS is the style sheet. Nobody changes it.
//
//go:embed look.css
var CSS []byte
