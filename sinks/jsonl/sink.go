// Package jsonl writes the kept documents of a shard to a file of JSON Lines, compressed with zstd: an object a document, with the
// columns of the Parquet sink by name and in order, and metadata as an object in it. It reads them again.
//
// The sink is the configuration of ingest.ShardWriter, which guarantees that the file holds exactly the documents of the shard
// plan, and that its bytes depend on those and the settings alone (invariant 1).
package jsonl

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Format is what the sink writes.
var Format = pipeline.TableFormat{
	Name: "jsonl", Title: "JSON Lines", Folder: "jsonl", Extension: "jsonl.zst", Loaded: true, Inferred: true, Note: note,
	Writer: newWriter, Check: check, Read: read,
}

// note is for the card. Before 4.7, datasets had no type for objects of which one has a string where another has a number.
const note = "It takes the package `zstandard`, and `datasets` from 4.7 on, where the `metadata` of documents differ in their types. " +
	"In other ways (`millrace files` tells which folders are live):\n\n```sql\n-- DuckDB\n" +
	"SELECT source, count(*), sum(chars) FROM read_json('jsonl/*/train-*.jsonl.zst') GROUP BY source;\n" +
	"```\n\n```sh\nzstd -dc jsonl/*/train-*.jsonl.zst | head -n 3\n```"

// Config are the settings of the JSON Lines sink. They affect the result.
type Config struct {
	// Level is the zstd level, 1 to 22.
	Level int `json:"level" yaml:"level"`
}

// Default is zstd level 1.
func Default() Config { return Config{Level: 1} }

// Validate returns all that is wrong with the settings.
func (c Config) Validate() error {
	if c.Level < 1 || c.Level > 22 {
		return fmt.Errorf("level: %d is not between 1 and 22", c.Level)
	}
	return nil
}

// TableOptions are those of every file of JSON lines that holds documents.
func (c Config) TableOptions() columnar.TableOptions { return columnar.TableOptions{Level: c.Level} }

// New returns what writes jsonl/<version>/train-00000-of-00012.jsonl.zst of a shard.
func New(c Config) pipeline.NewWriter {
	o := c.TableOptions()
	return func(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
		folder := Format.Folder + "/" + pipeline.VersionName(job.Plan.Version)
		return ingest.NewShardWriter(ctx, job, shard, folder, Format, o)
	}
}
