// Package withdrawn is about documents that were kept and have left the corpus since: the table that says which and why, and the mask
// by which whoever numbers documents goes around them.
//
// A document has a rank: its number, from 0, among those that its version kept, in their order. Keys and signatures know it by that, and
// it never changes. Its position is its number among those of them that are still there, which is where its row lies: rank less the
// withdrawn ones before it.
package withdrawn
