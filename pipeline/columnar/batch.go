package columnar

// Batch is some thousand documents in columnar memory: the unit in which work moves through a worker. Between a reader and
// the parse stage Text holds the raw records; after it, the text of documents. Rows are in the order of the plan.
// A batch has one owner at a time and is not safe for concurrent use.
type Batch struct {
	File   []int32 // index of the row's file in the plan
	Offset []int64 // where the record starts in the decoded file, in bytes
	Text   Strings
	Meta   Strings // JSON object of the record's other fields, "" if none
	Chars  []int32 // code points in Text; empty until normalize has set it
	Copies []int32 // documents of the run that the row stands for, itself and those that lost to it; empty until a shard is read

	Members []Member // of container files that rows were read from, between a reader and the parse stage

	Sketch Sketch // empty until dedupe has signed the batch

	Rejects  []Reject // what was dropped on the way, in order within each stage
	Removed  Removed  // those of them that are kept for people to read
	Counters Counters // class counters of the stages so far

	// Mixed says of files how many texts of them were in another encoding than the file, as far as the batch has met them; a file may
	// stand there more than once.
	Mixed []FileCount

	// Pages says of the rows that were web pages what of them is the text, in order.
	Pages []Page

	// Raw is what the reader consumed for this batch, in bytes of the source file as it is stored. For progress only.
	Raw int64
}

// Member says that the rows from Row on, up to the Row of the next one, were read from a member of a container file, and
// how that is to be read. The rows of other files have none: what stands before them does not mean them.
type Member struct {
	Row              int
	Name             string
	Format, Document string
	Encoding         string // that it was decoded from, "" for UTF-8
}

// FileCount is a number of things in a file of the plan.
type FileCount struct {
	File int32 `json:"file"`
	N    int64 `json:"n"`
}

// Sketch holds what dedupe needs of each document, one row a document.
type Sketch struct {
	Signature []byte     // SignatureBytes a document
	Exact     [][16]byte // 128-bit hash of the text
	Key       [][16]byte // 128-bit hash of the key text, zero when that is empty
	Shingles  []int32    // how many shingles the key text has, 0 if it is shorter than one
	Bands     []uint64   // keys of documents that have enough shingles for the near test, of each as many
}

// SignatureBytes is the length of one document's verification signature.
const SignatureBytes = 256

// Scope says what a reject takes away.
type Scope uint8

// A document reject is one unit of the sum read = kept + duplicates + filtered + rejected; a file reject is bytes that
// were not read, and belongs to the sum of the files.
const (
	ScopeDocument Scope = iota
	ScopeFile
)

// Reject is one document (or the unread part of one file) that does not go on, and why.
type Reject struct {
	File     int32
	Scope    Scope
	Filtered bool   // dropped by a filter, or empty: counted as filtered, not as rejected
	Offset   int64  // in the decoded file
	Bytes    int64  // how many bytes from there
	Reason   string // one of the closed list in package pipeline
	Detail   string // what exactly, with a bounded excerpt; valid UTF-8, at most 200 bytes
}

// RejectKind says to which sum a reject belongs.
type RejectKind uint8

// The kinds of reject.
const (
	KindRejected RejectKind = iota // a document
	KindFiltered                   // likewise, dropped by a filter, or empty
	KindFile                       // bytes of a file that were not read: no document
)

// Kind tells the rejects apart. It is the one place that does.
func (r *Reject) Kind() RejectKind {
	switch {
	case r.Scope == ScopeFile:
		return KindFile
	case r.Filtered:
		return KindFiltered
	}
	return KindRejected
}

// Counters are named sums, such as how many full-width digits were folded.
type Counters map[string]int64

// Add adds n to the named counter; a zero n leaves no trace.
func (c *Counters) Add(name string, n int64) {
	if n == 0 {
		return
	}
	if *c == nil {
		*c = Counters{}
	}
	(*c)[name] += n
}

// Merge adds every counter of other.
func (c *Counters) Merge(other Counters) {
	for name, n := range other {
		c.Add(name, n)
	}
}

// AddMixed notes that so many texts of a file were in another encoding than the file; none leave no trace.
func (b *Batch) AddMixed(file int32, n int64) {
	if n > 0 {
		b.Mixed = append(b.Mixed, FileCount{file, n})
	}
}

// Len is the number of rows.
func (b *Batch) Len() int { return len(b.File) }

// Bytes is the memory in use for rows: what batches are bounded by.
func (b *Batch) Bytes() int { return len(b.Text.Data) + len(b.Meta.Data) + 32*len(b.File) }

// ordinary is more memory than a batch of ordinary rows has.
const ordinary = 32 << 20

// Oversized says whether the batch has grown far beyond an ordinary one, as it does with a row of 60 MB.
func (b *Batch) Oversized() bool { return b.Bytes() > ordinary }

// Reset empties the batch and keeps its memory, unless that has grown far beyond an ordinary batch.
func (b *Batch) Reset() {
	if cap(b.Text.Data) > ordinary {
		b.Text.Data = nil
	}
	if cap(b.Meta.Data) > ordinary {
		b.Meta.Data = nil
	}
	b.File, b.Offset, b.Chars, b.Copies = b.File[:0], b.Offset[:0], b.Chars[:0], b.Copies[:0]
	b.Text.Reset()
	b.Meta.Reset()
	clear(b.Members)
	b.Members = b.Members[:0]
	b.Sketch.Reset()
	clear(b.Rejects)
	b.Rejects = b.Rejects[:0]
	b.Removed.Reset()
	b.Counters = nil
	b.Mixed = b.Mixed[:0]
	clear(b.Pages)
	b.Pages = b.Pages[:0]
	b.Raw = 0
}

// Reset forgets all documents and keeps the memory.
func (s *Sketch) Reset() {
	s.Signature, s.Exact, s.Key, s.Shingles, s.Bands = s.Signature[:0], s.Exact[:0], s.Key[:0], s.Shingles[:0], s.Bands[:0]
}

// Truncate drops the rows from n on of a batch that a reader fills: files, offsets, raw records, their metadata and what was
// taken of them.
func (b *Batch) Truncate(n int) {
	b.File, b.Offset = b.File[:n], b.Offset[:n]
	b.Text.truncate(n)
	b.Meta.truncate(min(n, b.Meta.Len()))
	for len(b.Pages) > 0 && b.Pages[len(b.Pages)-1].Row >= n {
		b.Pages = b.Pages[:len(b.Pages)-1]
	}
}

// Keep drops every row whose mask is false. len(mask) must be Len. It must not be called on a signed batch.
func (b *Batch) Keep(mask []bool) {
	b.File = keep(b.File, mask)
	b.Offset = keep(b.Offset, mask)
	if len(b.Chars) > 0 {
		b.Chars = keep(b.Chars, mask)
	}
	b.Text.keep(mask)
	b.Meta.keep(mask)
}

func keep[T any](column []T, mask []bool) []T {
	n := 0
	for i, kept := range mask {
		if kept {
			column[n] = column[i]
			n++
		}
	}
	return column[:n]
}
