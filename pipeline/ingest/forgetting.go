package ingest

// Forgetting is what a job takes out of the index: of documents that are withdrawn and block nothing their keys and records.
type Forgetting struct {
	// Plan says which runs of keys there are, how many of the last become one without those keys, 0 for none, and in how many partitions;
	// and which tables tell what is withdrawn.
	Plan *Plan
	// Signatures are the files that are written without those records, each in place of its own.
	Signatures []SignatureFile
}

// SignatureFile is a file of the index with records of documents of a version.
type SignatureFile struct {
	Version int    `json:"version"`
	Path    string `json:"path"`
}

// Tasks is how many tasks that is: the partitions, then the files.
func (f *Forgetting) Tasks() int {
	if f.Plan.MergeRuns == 0 {
		return len(f.Signatures)
	}
	return f.Plan.Partitions + len(f.Signatures)
}
