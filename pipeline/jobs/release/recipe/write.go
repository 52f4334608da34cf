package recipe

import (
	"maps"
	"slices"
)

// Write is one of the formats that a release is written in.
type Write struct {
	Format string `yaml:"format" json:"format"`
	// Columns are those of parquet and jsonl.
	Columns []string `yaml:"columns" json:"columns,omitempty"`
}

// MostShards are the files of a split, at most.
const MostShards = 4096

// Shards says into how many files a split is cut: into a number, or by how many bytes of text, or of tokens, a file has. One of the two is 0.
type Shards struct {
	Number int   `yaml:"number" json:"number,omitempty"`
	Bytes  int64 `yaml:"bytes" json:"bytes,omitempty"`
}

// formats are those that a release may be written in.
var formats = map[string]struct {
	columns bool // it has those that it is told to have
	text    bool // of its columns none is bytes
	tokens  bool // it has tokens, and no text
	fixed   bool // all of its sequences have one length
}{
	"parquet":    {columns: true},
	"jsonl":      {columns: true, text: true},
	"megatron":   {tokens: true},
	"datatrove":  {tokens: true},
	"npy":        {tokens: true},
	"mds":        {tokens: true},
	"litdata":    {tokens: true},
	"webdataset": {tokens: true, fixed: true},
}

// Formats are the names of all, in order.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// HasTokens says whether a format has tokens, and no text.
func HasTokens(format string) bool { return formats[format].tokens }

// Columns are those that parquet and jsonl may have: those of the documents of a corpus, and what the release says of them. ColumnTokens needs
// a tokenizer, as does ColumnTokenCount.
var Columns = []string{
	"id", "text", "source", "path", "offset", "chars", "bytes", "metadata", "version", "copies",
	ColumnStratum, ColumnRepeat, ColumnTokenCount, ColumnTokens,
}

// Columns that a corpus does not have.
const (
	ColumnStratum    = "stratum"     // the name of the stratum, "" without a mixture
	ColumnRepeat     = "repeat"      // which time it is that the document is in the release, from 0
	ColumnTokenCount = "token_count" // how many tokens it has, BOS and EOS among them
	ColumnTokens     = "tokens"      // these tokens, in parquet as bytes: int32, little endian
)
