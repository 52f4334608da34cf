package parse

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/stages/parse/codec"
)

// HeadBytes is how much of a stored file Detect wants to see.
const HeadBytes = 64 << 10

// Detection says how a file is to be read. Its words are those of pipeline.File.
type Detection struct {
	Format      string
	Document    string
	Compression string // "" for none
	// Splittable files may be cut into byte ranges anywhere; others are one piece.
	Splittable bool
}

// sample is what Detect knows of a file's content.
type sample struct {
	ext  string // of the name, lower case, without the ending of a codec
	head []byte // decoded, without BOM
	cut  bool   // there may be more behind head
}

// Detect says what a file is, from its name, of which the folders do not count, and from its first HeadBytes stored bytes
// (all of them if it has fewer). First bytes win over the name in what concerns compression. A file that is not text comes
// back with the reason ReasonBinary, which belongs into pipeline.File.Reject.
func Detect(name string, head []byte, cfg Config) (d Detection, reject string) {
	d.Compression = codec.Detect(head)
	base := strings.ToLower(path.Base(name))
	s := sample{
		ext:  path.Ext(codec.TrimSuffix(base)),
		head: codec.Head(d.Compression, head, HeadBytes),
	}
	s.cut = len(head) >= HeadBytes || len(s.head) >= HeadBytes
	s.head = bytes.TrimPrefix(s.head, []byte(bom))
	f := choose(s, cfg)
	d.Format, d.Document = f.name, f.rule
	if cfg.Document != Auto && !f.fixed {
		d.Document = cfg.Document
	}
	d.Splittable = d.Compression == codec.None && d.Document != RuleFile
	if isBinary(s.head) {
		return d, pipeline.ReasonBinary
	}
	return d, ""
}

func choose(s sample, cfg Config) *format {
	if cfg.Format != Auto {
		if f := formatByName(cfg.Format); f != nil {
			return f
		}
	}
	for _, f := range formats() {
		if slices.Contains(f.suffixes, s.ext) {
			return f
		}
	}
	for _, f := range formats() {
		if f.sniff != nil && f.sniff(s, cfg) {
			return f
		}
	}
	return &textFormat
}

// firstLine returns the first line of the head that is not blank, and whether the end of it is in the head.
func (s sample) firstLine() (line []byte, whole bool) {
	rest := s.head
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return rest, !s.cut
		}
		if line, rest = rest[:end], rest[end+1:]; !isBlank(line) {
			return line, true
		}
	}
	return nil, true
}
