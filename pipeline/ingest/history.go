package ingest

// IndexVersion is an earlier version as dedupe sees it.
type IndexVersion struct {
	Version    int      `json:"version"`
	Documents  int64    `json:"documents"` // kept ones
	Signatures []string `json:"signatures,omitempty"`
	// Texts say where the kept documents lie, in their order: none where a version was written without Parquet shards.
	Texts []TextRows `json:"texts,omitempty"`
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
