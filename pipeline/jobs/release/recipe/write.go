package recipe

// Write is one of the formats that a release is written in.
type Write struct {
	Format string `yaml:"format" json:"format"`
	// Columns are those of parquet and jsonl.
	Columns []string `yaml:"columns" json:"columns,omitempty"`
}

// Shards says into how many files a split is cut: into a number, or by how many bytes of text, or of tokens, a file has.
type Shards struct {
	Number int   `yaml:"number" json:"number,omitempty"`
	Bytes  int64 `yaml:"bytes" json:"bytes,omitempty"`
}
