// Package parquet writes the kept documents of a shard to a Parquet file that any reader understands: zstd, every column
// required, rows in the order of the plan, no dictionary on text, row groups cut by bytes.
//
// It is the configuration of ingest.ShardWriter, which guarantees that the file holds exactly the documents of the shard
// plan, and that its bytes depend on those and the settings alone (invariant 1).
package parquet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Format is what the sink writes.
var Format = pipeline.ParquetTable

// Config are the settings of the Parquet sink. They affect the result.
type Config struct {
	// Codec compresses the pages. Only those of zstd carry checksums; damage to others is found by verify.
	Codec columnar.Codec `json:"codec" yaml:"codec"`
	// Level is the zstd level, 1 to 22, and 1 for other codecs, which have none. Above 3 it costs much more time than it saves space.
	Level int `json:"level" yaml:"level"`
	// GroupBytes is the size of a row group before compression. A reader loads a row group at once.
	GroupBytes int64 `json:"group_bytes" yaml:"group_bytes"`
}

// Bounds of GroupBytes. Smaller row groups than that make a footer that outweighs them.
const (
	minGroupBytes = 64 << 10
	maxGroupBytes = 1 << 30
)

// Default is zstd level 1 and row groups of 32 MiB.
func Default() Config { return Config{Codec: columnar.Zstd, Level: 1, GroupBytes: 32 << 20} }

// Validate returns all that is wrong with the settings.
func (c Config) Validate() error {
	var errs []error
	if c.Level < 1 || c.Level > 22 {
		errs = append(errs, fmt.Errorf("level: %d is not between 1 and 22", c.Level))
	}
	switch {
	case !slices.Contains(columnar.Codecs, c.Codec):
		var known []string
		for _, codec := range columnar.Codecs {
			known = append(known, fmt.Sprint(codec))
		}
		errs = append(errs, fmt.Errorf("codec: unknown codec %q: known are %s", c.Codec, strings.Join(known, ", ")))
	case c.Codec != columnar.Zstd && c.Level != 1:
		errs = append(errs, fmt.Errorf("level: %d is a level of zstd; the codec %s has none", c.Level, c.Codec))
	}
	if c.GroupBytes < minGroupBytes || c.GroupBytes > maxGroupBytes {
		errs = append(errs, fmt.Errorf("group_bytes: %d is not between %d and %d", c.GroupBytes, minGroupBytes, maxGroupBytes))
	}
	return errors.Join(errs...)
}

// maxParallel bounds the pages that one shard compresses at a time: more than one so that the last shard of a run does not
// leave every other core idle, and few because the shards are written several at once.
const maxParallel = 4

// TableOptions are those of every Parquet file that holds documents: of a shard, and of what a compaction makes of many.
func (c Config) TableOptions() columnar.TableOptions {
	return columnar.TableOptions{
		Codec: c.Codec, Level: c.Level, GroupBytes: c.GroupBytes, Parallel: min(runtime.GOMAXPROCS(0), maxParallel),
	}
}

// New returns what writes data/<version>-<plan>/train-00000-of-00012.parquet of a shard.
func New(c Config) pipeline.NewWriter {
	o := c.TableOptions()
	return func(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
		folder := Format.Folder + "/" + job.Plan.VersionFolder()
		return ingest.NewShardWriter(ctx, job, shard, folder, Format, o)
	}
}
