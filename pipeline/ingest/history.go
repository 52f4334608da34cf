package ingest

import (
	"math/bits"
)

// IndexVersion is an earlier version as dedupe sees it.
type IndexVersion struct {
	Version    int      `json:"version"`
	Documents  int64    `json:"documents"` // kept ones
	Signatures []string `json:"signatures,omitempty"`
	// Texts say where the kept documents lie, in their order: none where a version was written without Parquet shards.
	Texts []TextRows `json:"texts,omitempty"`
	// Compared are the files of texts of versions before it that its run compared, for none to look for them again.
	Compared []string `json:"compared,omitempty"`
}

// TextRows are rows of a Parquet shard, one behind the other. A compaction puts several versions into one.
type TextRows struct {
	Path string `json:"path"`
	Row  int64  `json:"row,omitempty"` // the first
	Rows int64  `json:"rows"`
}

// IndexRun is one sorted run of keys: those of all kept documents of one version, or of several whose runs were merged.
// Documents are numbered through the versions that it covers, in their order.
type IndexRun struct {
	Versions []int    `json:"versions"` // ascending
	Made     int      `json:"made"`     // the version whose run wrote it
	Entries  int64    `json:"entries"`
	Keys     []string `json:"keys,omitempty"` // files, by partition: runs differ in their number
}

// Runs of the index are merged by tiers: a run is in tier t if it has 4^t times as many entries as the smallest ones, and
// where four runs of a tier, or of smaller ones behind them, have come together, they become one run of the next.
const (
	tierWidth   = 4
	tierEntries = 1 << 12 // runs up to here are all in the first tier
)

// TierMerge says how many of the last runs, which are given oldest first, become one: 0, or tierWidth at least. It is a
// function of their sizes alone (invariant 1). There are at most three runs a tier in all, so n nights of one size leave
// 3 log4(n), and the newest; an entry is written again once a tier.
func TierMerge(runs []IndexRun) int {
	tiers := make([]int, len(runs)) // of the runs, the last of which may be a merged one
	sizes := make([]int64, len(runs))
	for i, r := range runs {
		tiers[i], sizes[i] = tierOf(r.Entries), r.Entries
	}
	merged := 0
	for {
		from := mergeFrom(tiers)
		if from == len(tiers) {
			return merged
		}
		sum := int64(0)
		for _, n := range sizes[from:] {
			sum += n
		}
		merged = len(runs) - from
		tiers, sizes = append(tiers[:from], tierOf(sum)), append(sizes[:from], sum)
	}
}

// mergeFrom is the first of the runs to be merged with all behind it: those of the last one's tier and below, if they are
// enough; or those of a tier above and below, if smaller ones that a larger one came between make them too many.
func mergeFrom(tiers []int) int {
	if len(tiers) == 0 {
		return 0
	}
	from := len(tiers)
	for tier := tiers[len(tiers)-1]; from > 0; tier++ {
		for from > 0 && tiers[from-1] <= tier {
			from--
		}
		n := len(tiers) - from
		if tier == tiers[len(tiers)-1] && n >= tierWidth || n > (tierWidth-1)*(tier+1) {
			return from
		}
	}
	return len(tiers)
}

func tierOf(entries int64) int {
	return (bits.Len64(uint64(max(entries, 1)-1)/tierEntries) + 1) / 2
}
