package show

import (
	"millrace/pipeline"
	"millrace/pipeline/corpus"
)

// Corpus is a corpus as people look at it. Like the corpus itself it may be used by many goroutines at once.
type Corpus struct {
	corpus *corpus.Corpus
	store  pipeline.Store
}

// Of returns a corpus to be looked at.
func Of(c *corpus.Corpus) *Corpus { return &Corpus{c, c.Store()} }
