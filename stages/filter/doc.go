// Package filter is the stage that drops documents by figures of their text: a list of entries that the user writes, empty
// by default. Nothing else in millrace drops a document for being short or odd. It never changes a text, and it looks at
// nothing but the text: not at metadata, other documents or their number.
//
// A filter is a row of the table in filters.go: a name, a measure (measures.go says what each counts) and the side on which a
// document stays. The rest follows from it: the key in the settings and in what is stored of them, what numbers it takes, the reason of
// what it drops and what is said of it.
//
// A document that is exactly at a bound stays. Shares are whole millionths and compared in integers, so no platform rounds
// them differently (invariant 1). The entries are tried in their order, and the first that is not met gives the reason.
package filter
