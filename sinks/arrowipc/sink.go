// Package arrowipc writes the kept documents of a shard to an Arrow IPC file, uncompressed and without dictionaries, for
// readers that map it into memory: the same rows and columns as the Parquet sink.
//
// It is the configuration of ingest.ShardWriter, which guarantees that the file holds exactly the documents of the shard
// plan, and that its bytes depend on those and the settings alone (invariant 1).
package arrowipc

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Format is what the sink writes.
var Format = pipeline.ArrowTable

// Config are the settings of the Arrow sink. They affect the result.
type Config struct {
	// BatchBytes is the size of a record batch.
	BatchBytes int64 `json:"batch_bytes" yaml:"batch_bytes"`
}

// Bounds of BatchBytes. String columns have 31-bit offsets, so a batch stays well below 2 GiB.
const (
	minBatchBytes = 64 << 10
	maxBatchBytes = 1 << 30
)

// Default is record batches of 32 MiB.
func Default() Config { return Config{BatchBytes: 32 << 20} }

// Validate returns all that is wrong with the settings.
func (c Config) Validate() error {
	if c.BatchBytes < minBatchBytes || c.BatchBytes > maxBatchBytes {
		return fmt.Errorf("batch_bytes: %d is not between %d and %d", c.BatchBytes, minBatchBytes, maxBatchBytes)
	}
	return nil
}

// TableOptions are those of every Arrow file that holds documents.
func (c Config) TableOptions() columnar.TableOptions {
	return columnar.TableOptions{GroupBytes: c.BatchBytes}
}

// New returns what writes arrow/<version>/train-00000-of-00012.arrow of a shard.
func New(c Config) pipeline.NewWriter {
	o := c.TableOptions()
	return func(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
		folder := Format.Folder + "/" + pipeline.VersionName(job.Plan.Version)
		return ingest.NewShardWriter(ctx, job, shard, folder, Format, o)
	}
}
