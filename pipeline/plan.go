package pipeline

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/zeebo/xxh3"
)

// CodeVersion changes whenever the same input and settings would give other bytes; testdata/golden.json has what it stands for. It is
// part of every plan: a worker of another code version refuses the plan's tasks.
const CodeVersion = "8"

// Plan is everything that decides the outcome of a run. It is written once, before the first task, and never changed.
type Plan struct {
	Kind    string   `json:"kind,omitempty"` // of job
	Code    string   `json:"code"`
	Version int      `json:"version"`          // the version that the run will commit
	Parent  int      `json:"parent,omitempty"` // the newest version when it was planned, 0 for none
	Live    []int    `json:"live,omitempty"`   // the versions whose data make up the parent
	Sources []Source `json:"sources"`
	Files   []File   `json:"files"`  // in plan order: what position and document numbers follow
	Splits  []Split  `json:"splits"` // the map tasks

	Partitions int   `json:"partitions"`  // of the dedupe key space
	ShardBytes int64 `json:"shard_bytes"` // kept text in one shard, at most
	// ByTime says that the settings make modification times decide which documents stay: they are in the digest then.
	ByTime bool `json:"by_time,omitempty"`

	History   []IndexVersion `json:"history,omitempty"`    // the live versions, oldest first
	Runs      []IndexRun     `json:"runs,omitempty"`       // of their keys, oldest first
	MergeRuns int            `json:"merge_runs,omitempty"` // how many of the last runs index makes one of; see TierMerge
	BaseVocab string         `json:"base_vocab,omitempty"` // chars.parquet of the parent

	// Settings are those that have a part in the result and are not at their defaults, canonical JSON. Code versions up to 7 stored
	// all of them.
	Settings json.RawMessage `json:"settings"`

	Body json.RawMessage `json:"body,omitempty"` // what a plan of another kind says beside
}

// Source is a named root. Root is a path of this host and lies outside of the digest.
type Source struct {
	Name string `json:"name"`
	Root string `json:"root"`
}

// File is one input file. ETag, Changed and Retried lie outside of the digest, ModTime too unless the plan is ByTime, Bytes inside.
type File struct {
	Source      int    `json:"source"` // index in Plan.Sources
	Path        string `json:"path"`   // relative to the source, with slashes
	Bytes       int64  `json:"bytes"`
	ModTime     int64  `json:"mod_time"`       // nanoseconds since 1970
	ETag        string `json:"etag,omitempty"` // of an object in a bucket: it changes with the content
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
	// Content is the hex of the xxh3-128 of the stored bytes, "" where the planner was not to read them. It lies outside too.
	Content string `json:"content,omitempty"`
	// Changed says that a live version holds a file of this name, but with another size or time. It lies outside of the digest.
	Changed bool `json:"changed,omitempty"`
	// Retried is how much a live version rejected of the file of this name: documents, and one for what was not read. That counts no
	// more. It lies outside too.
	Retried int64 `json:"retried,omitempty"`
	// RetriedFrom is the version that read the file as it is, and in part: only what it rejected or filtered is read again. 0: all is.
	RetriedFrom int `json:"retried_from,omitempty"`
	// Reread says that its records may lie at other offsets than then, for it is read by other settings: all of it is read again, but
	// what stands in the corpus under the id that it would have.
	Reread bool `json:"reread,omitempty"`
	// Reject is the reason why the planner already knows that the file cannot be read; it is in no split then.
	Reject string `json:"reject,omitempty"`
	// RejectDetail is what there is to say of Reject: what the file is, and what to do about it.
	RejectDetail string `json:"reject_detail,omitempty"`
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

// InputBytes is the input of all splits.
func (p *Plan) InputBytes() (n int64) {
	for _, s := range p.Splits {
		n += s.Bytes()
	}
	return n
}

// IndexVersion is an earlier version as dedupe sees it.
type IndexVersion struct {
	Version    int      `json:"version"`
	Documents  int64    `json:"documents"` // kept ones
	Signatures []string `json:"signatures,omitempty"`
	// Texts say where the kept documents lie, in their order: none where a version was written without Parquet shards.
	Texts []TextRows `json:"texts,omitempty"`
}

// TextRows are rows of a Parquet shard, one behind the other. A compaction puts several versions into one.
type TextRows struct {
	Path string `json:"path"`
	Row  int64  `json:"row,omitempty"` // the first
	Rows int64  `json:"rows"`
}

// IndexRun is one sorted run of keys: those of all kept documents of one version, or of several whose runs were merged.
// Documents are numbered through the versions that it covers, in their order.
type IndexRun struct {
	Versions []int    `json:"versions"` // ascending
	Made     int      `json:"made"`     // the version whose run wrote it
	Entries  int64    `json:"entries"`
	Keys     []string `json:"keys,omitempty"` // files, by partition: runs differ in their number
}

// Digest identifies the plan. Roots and, unless the plan is ByTime, modification times lie outside of it, so the same
// files under another mount give the same digest.
func (p *Plan) Digest() string {
	c := *p
	c.Sources = make([]Source, len(p.Sources))
	for i, s := range p.Sources {
		c.Sources[i] = Source{Name: s.Name}
	}
	c.Files = make([]File, len(p.Files))
	for i, f := range p.Files {
		if !p.ByTime {
			f.ModTime = 0
		}
		f.ETag, f.Content, f.Changed, f.Retried = "", "", false, 0
		c.Files[i] = f
	}
	data, err := json.Marshal(&c)
	if err != nil {
		panic(err) // programmer error: Plan holds plain values only
	}
	h := xxh3.Hash128(data).Bytes()
	return hex.EncodeToString(h[:])
}

// VersionName is the name of a version in paths: 000001, 000002 and so on.
func VersionName(version int) string { return fmt.Sprintf("%06d", version) }

// DataFolder is the folder of the version's shards below the root of an output: 000001-89abcdef.
func (p *Plan) DataFolder() string { return VersionName(p.Version) + "-" + p.Digest()[:8] }

// SourceName and the file's path name an input file in every ledger.
func (p *Plan) SourceName(file int32) string { return p.Sources[p.Files[file].Source].Name }
