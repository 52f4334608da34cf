package parse

import (
	"github.com/millrace/millrace/pipeline/ingest"
)

// Formats is what the package knows of files, by its settings: what they are, how much they hold, where they can be cut, and how
// they are read. It is what a planner needs of formats. Its methods may be called by several goroutines at a time.
type Formats struct{ cfg Config }

// NewFormats makes one of settings, with those of the sources.
func NewFormats(cfg Config) Formats { return Formats{cfg} }

// Detect is Detect with the settings of a source.
func (fs Formats) Detect(source, name string, head []byte) ingest.Detection {
	return Detect(name, head, fs.cfg.Of(source))
}
