package show

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Corpus is a corpus as people look at it. Like the corpus itself it may be used by many goroutines at once.
type Corpus struct {
	corpus *corpus.Corpus
	store  pipeline.Store // of what manifests name
	tabler corpus.Tabler  // nil: tables that no version has written are not there
}

// Of returns a corpus to be looked at.
func Of(c *corpus.Corpus) *Corpus { return &Corpus{corpus: c, store: c.Files()} }

// Tabling returns the same corpus, with tables that are made where a version has counted and written none.
func (c *Corpus) Tabling(t corpus.Tabler) *Corpus { return &Corpus{c.corpus, c.store, t} }

// format is that of a shard.
func (c *Corpus) format(shard dataset.File) *pipeline.TableFormat {
	return c.corpus.Formats().Of(shard.Path)
}

// titles names formats for people, each once: Parquet and Arrow.
func titles(formats pipeline.TableFormats) string {
	var names []string
	for _, f := range formats {
		if !slices.Contains(names, f.Title) {
			names = append(names, f.Title)
		}
	}
	return strings.Join(names, " and ")
}
