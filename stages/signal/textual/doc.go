// Package textual is the family "text": what can be said of a text by its characters, lines and sentences alone, without words and without a
// model. docs/signals.md says what each of its signals is.
//
// Characters are code points, categories those of Unicode. A line is what lies between line feeds and has anything visible on it, without
// the blanks at its edges (text.Blank says what is blank); a paragraph is a run of such lines with no empty line between. A sentence ends
// at the end of its line, and behind a run of end marks together with the quotes and brackets that close behind them: end marks are those
// of all scripts (Sentence_Terminal) and ellipses. A run of nothing but full stops as Latin has them ends one only where a blank or the end of
// the text follows: 3.14 is none, and neither is example.com.
//
// Texts are counted character by character into one table, which is all that most signals follow from: what else costs time for each
// character is only what needs its neighbours.
package textual
