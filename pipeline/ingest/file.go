package ingest

import "github.com/millrace/millrace/pipeline"

// File is one input file. All but what it was Found with lies inside of the digest.
type File struct {
	Source      int    `json:"source"` // index in Plan.Sources
	Path        string `json:"path"`   // relative to the source, with slashes
	Bytes       int64  `json:"bytes"`
	Format      string `json:"format"`
	Document    string `json:"document"`              // the document rule: file, line, blank_line, id, record
	Compression string `json:"compression,omitempty"` // "", gzip, zstd, bzip2, xz, lz4
	// Encoding is that of a text, "" for UTF-8. Offsets in other ones are those of the UTF-8 that they are decoded to.
	Encoding string `json:"encoding,omitempty"`
	// Returns says that lines end with CR alone. It is read as LF.
	Returns bool `json:"returns,omitempty"`
	// Numbered says that each member of the compressed file holds documents of its own. The offset of a document is then that
	// of its member in the stored file, plus its number in it.
	Numbered bool `json:"numbered,omitempty"`
	// RetriedFrom is the version that read the file as it is, and in part: only what it rejected or filtered is read again. 0: all is.
	RetriedFrom int `json:"retried_from,omitempty"`
	// Reread says that its records may lie at other offsets than then, for it is read by other settings: all of it is read again, but
	// what stands in the corpus under the id that it would have.
	Reread bool `json:"reread,omitempty"`
	// Replaces says that live versions may hold documents of the file in an earlier state: those that this one has no more are withdrawn.
	Replaces bool `json:"replaces,omitempty"`
	// Reject is the reason why the planner already knows that the file cannot be read; it is in no split then.
	Reject string `json:"reject,omitempty"`
	// RejectDetail is what there is to say of Reject: what the file is, and what to do about it.
	RejectDetail string `json:"reject_detail,omitempty"`

	Found `json:"-"`
}

// Found is how a file was found, and how it stood to the corpus then. It lies outside of the digest, but for ModTime where a plan is
// ByTime.
type Found struct {
	ModTime int64  `json:"mod_time"`       // nanoseconds since 1970
	ETag    string `json:"etag,omitempty"` // of an object in a bucket: it changes with the content
	// Content is the hex of the xxh3-128 of the stored bytes, "" where the planner was not to read them.
	Content string `json:"content,omitempty"`
	// Changed says that a live version holds a file of this name, but with another size or time.
	Changed bool `json:"changed,omitempty"`
	// Retried is how much a live version rejected of the file of this name: documents, and one for what was not read. That counts no
	// more.
	Retried int64 `json:"retried,omitempty"`
	// Lost says that the file is as it was, and is read again for documents that lost to others which were withdrawn since.
	Lost bool `json:"lost,omitempty"`
}

// Planned is what the file has to be when it is opened.
func (f *File) Planned() pipeline.SourceFile {
	return pipeline.SourceFile{Source: f.Source, Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag}
}

// Detection is what a file is taken for by its name and its first bytes. Its words are those of File.
type Detection struct {
	Format      string
	Document    string // document rule
	Compression string // "" for none
	Encoding    string // "" for UTF-8
	Returns     bool   // lines end with CR: see File
	Numbered    bool   // each member of the compressed file holds documents of its own: see File
	// Cut says that the file may be cut into byte ranges: anywhere, or, if it is compressed, at certain places; others are one piece.
	Cut bool
	// Why says what decided for the format, and for an encoding that is not UTF-8, for people.
	Why string
	// More says that with more of its first bytes this could be told better.
	More bool
	// Reject is the reason why the file cannot be read at all, "" if it can. Why then says what it is and what to do.
	Reject string
}

// Split is what one parse task reads: parts of one or more files.
type Split struct {
	Pieces []Piece `json:"pieces"`
}

// Piece is a range of a stored file: records that begin in [Start, End) belong to it. A file that cannot be cut has one
// piece from 0 to its size. Pieces of a compressed file begin where a decoder can; From and To are then what Start and End
// are in the decoded file, To being 0 for the last piece, and records belong to the piece that the reader of both finds
// they begin in.
type Piece struct {
	File  int   `json:"file"`
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	From  int64 `json:"from,omitempty"`
	To    int64 `json:"to,omitempty"`
}

// Bytes is the input of a split.
func (s Split) Bytes() (n int64) {
	for _, p := range s.Pieces {
		n += p.End - p.Start
	}
	return n
}
