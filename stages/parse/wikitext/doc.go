// Package wikitext takes the readable text out of pages written in the markup of MediaWiki. It is a reader's approximation, not an
// interpreter: templates, tables, references, files, categories and links to other languages are left out with all in them,
// links become their words, headings and items lines of their own, and emphasis and tags vanish. Of the spellings that -{ }- gives for
// the variants of Chinese the one of the mainland is taken, or else the first. What opens and does not close is text.
//
// Time and memory are linear in the page, and bounded however deep anything nests.
package wikitext
