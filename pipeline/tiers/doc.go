// Package tiers has what is common to all that keep sorted runs of keys of the documents of a corpus, in the format of package sorted: a run
// covers some versions, and those that nights bring one after the other become few by merging (ingest.TierMerge).
//
// A run numbers its documents through the versions that it covers, in their order, each version's by rank (see package withdrawn). Ranks stay
// as they are while a version is live, so a run holds whatever else is withdrawn, compacted or dropped: what is gone is passed over, and left
// out by the next merge.
package tiers
