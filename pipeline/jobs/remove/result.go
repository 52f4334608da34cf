package remove

// Result is what a removal ends with: the object that `remove --json` prints.
type Result struct {
	Version int `json:"version"` // 0: no document was meant
	Found
	Shards int   `json:"shards"` // that were written anew, in all formats
	Bytes  int64 `json:"bytes"`  // of what was written
	// Untold is of how many documents the expression could not be told: they stay.
	Untold int64  `json:"untold,omitempty"`
	Digest string `json:"digest,omitempty"`
	// LostOnceFreed are versions that can be dropped until a GC frees the shards that were written anew, and not any more behind it.
	LostOnceFreed []int `json:"lost_once_freed,omitempty"`
}
