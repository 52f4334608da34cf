// Package order is which document of a run comes first, and so is the one that stays, where that is not left to the plan: the
// longest, the newest, or the one with the greatest value of a field.
//
// A Writer gives every document of a split a rank, which is bytes, and writes the ranks in sorted runs. Read merges the ranks of
// all splits into the Order of the run: the greatest rank first, and equal ranks in the order of the plan. It takes 8 bytes
// a document; a Cache makes it once for many tasks. A nil Order is that of the plan.
//
// Guarantees: the order is a function of the documents, the plan and the winner, never of splits and batches (invariant 1). A
// file that is damaged, or of other documents, is an error.
package order
