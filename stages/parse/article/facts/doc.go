// Package facts finds out what a page says of itself: the title of its article, who wrote it and when, where it was published, and in
// which language. A Collector is handed what stands in the head of the page, its JSON-LD, headings, <time> elements and short lines,
// and decides when all of it is there.
//
// Guarantees: only what the page states is a fact. What is impossible, the leftover of a template, relative to a clock (3 hours ago),
// or may be read in two ways is left out, and so is what may be said of something else on the page. Results follow from the calls alone
// and from no clock. Time is linear in what is handed in, memory is bounded whatever it is, and a Collector that is used again
// allocates little but its results.
package facts
