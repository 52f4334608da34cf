// Package tagged reads records between tags, as corpora in SGML, feeds and XML dumps have them, whether or not they are well
// formed: a < that begins no tag and a & that begins no reference are text. It knows records that are whole and in memory;
// it expands no entities of a document's own, so nothing grows but by the few characters of a named reference. Time is linear in
// the record, whatever is in it, and nothing is recursive.
package tagged
