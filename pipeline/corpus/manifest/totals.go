package manifest

import (
	"fmt"

	"github.com/millrace/millrace/pipeline/ingest"
)

// Totals are the sums of a version.
type Totals struct {
	Documents DocumentTotals `json:"documents"`
	Files     FileTotals     `json:"files"`

	InputBytes      int64 `json:"input_bytes"`      // of the listed files as they are stored, skipped ones not among them
	UnreadBytes     int64 `json:"unread_bytes"`     // of those that rejects of files took away
	KeptBytes       int64 `json:"kept_bytes"`       // of kept text
	Chars           int64 `json:"chars"`            // code points of kept text
	VocabularyChars int64 `json:"vocabulary_chars"` // different characters in the corpus up to here

	// Of Chars: see Alarms.
	HanChars         int64 `json:"han_chars"`
	UncommonChars    int64 `json:"uncommon_chars"`    // of these, not among the 8 105 common ones
	ReplacementChars int64 `json:"replacement_chars"` // U+FFFD

	// Withdrawn are the documents of earlier versions that the version withdrew: see Live.
	Withdrawn TextTotals `json:"withdrawn,omitzero"`
}

// TextTotals are the sums of some documents that were kept.
type TextTotals struct {
	Documents        int64 `json:"documents"`
	Chars            int64 `json:"chars"`
	Bytes            int64 `json:"bytes"`
	HanChars         int64 `json:"han_chars"`
	UncommonChars    int64 `json:"uncommon_chars"`
	ReplacementChars int64 `json:"replacement_chars"`
}

// Live is what there is of the documents, of sums over versions: those that were kept, without those that were withdrawn.
func (t *Totals) Live() TextTotals {
	w := &t.Withdrawn
	return TextTotals{
		Documents: t.Documents.Kept - w.Documents, Chars: t.Chars - w.Chars, Bytes: t.KeptBytes - w.Bytes, HanChars: t.HanChars - w.HanChars,
		UncommonChars: t.UncommonChars - w.UncommonChars, ReplacementChars: t.ReplacementChars - w.ReplacementChars,
	}
}

// Add adds the sums of other documents.
func (t *TextTotals) Add(o *TextTotals) {
	t.Documents += o.Documents
	t.Chars += o.Chars
	t.Bytes += o.Bytes
	t.HanChars += o.HanChars
	t.UncommonChars += o.UncommonChars
	t.ReplacementChars += o.ReplacementChars
}

// DocumentTotals obey invariant 7: Read = Kept + the three kinds of duplicates + Filtered + Rejected.
type DocumentTotals struct {
	Read              int64 `json:"read"`
	Kept              int64 `json:"kept"`
	ExactDuplicates   int64 `json:"exact_duplicates"`
	SameKeyDuplicates int64 `json:"same_key_duplicates"`
	NearDuplicates    int64 `json:"near_duplicates"`
	Filtered          int64 `json:"filtered"`
	Rejected          int64 `json:"rejected"`
	// OfEarlier counts the duplicates whose winner is in an earlier version; they are among the three kinds.
	OfEarlier int64 `json:"of_earlier"`
	// Revised counts those of them that are in files which a version holds in an earlier state and which do not take its place: revisions
	// too light to be anything but their own earlier text.
	Revised int64 `json:"revised,omitempty"`
	// Unchanged counts those of them that a file which takes the place of its earlier state has as before: they lost to themselves.
	Unchanged int64 `json:"unchanged,omitempty"`
}

// What became of a file, in the table of files.
const (
	StatusRead     = "read"
	StatusInPart   = "in_part"
	StatusRejected = "rejected"
)

// FileTotals obey invariant 7: Listed = Read + Skipped + Rejected + InPart.
type FileTotals struct {
	Listed   int64 `json:"listed"`
	Read     int64 `json:"read"`
	Skipped  int64 `json:"skipped"` // in the corpus already
	Rejected int64 `json:"rejected"`
	InPart   int64 `json:"in_part"`
	// OnlyRejects counts those of Read that gave nothing else.
	OnlyRejects int64 `json:"only_rejects,omitempty"`
}

// Reasons count rejects by their reason.
type Reasons struct {
	Rejected map[string]int64 `json:"rejected"` // documents
	Filtered map[string]int64 `json:"filtered"` // documents
	Files    map[string]int64 `json:"files"`    // rejects of files or of parts of them
}

// NewReasons counts nothing yet.
func NewReasons() Reasons {
	return Reasons{Rejected: map[string]int64{}, Filtered: map[string]int64{}, Files: map[string]int64{}}
}

// Duplicates is the sum over the kinds.
func (d *DocumentTotals) Duplicates() int64 {
	return d.ExactDuplicates + d.SameKeyDuplicates + d.NearDuplicates
}

// AddDuplicate counts a duplicate of a kind: see ingest.KindExact.
func (d *DocumentTotals) AddDuplicate(kind uint8) {
	switch kind {
	case ingest.KindExact:
		d.ExactDuplicates++
	case ingest.KindSameKey:
		d.SameKeyDuplicates++
	default:
		d.NearDuplicates++
	}
}

// Add counts a file that was listed and not skipped.
func (f *FileTotals) Add(status string) {
	switch status {
	case StatusRead:
		f.Read++
	case StatusInPart:
		f.InPart++
	default:
		f.Rejected++
	}
}

// Check says whether both sums of invariant 7 hold.
func (t *Totals) Check() error {
	d, f := &t.Documents, &t.Files
	if sum := d.Kept + d.Duplicates() + d.Filtered + d.Rejected; d.Read != sum {
		return fmt.Errorf("%d documents read, but %d kept + %d duplicates + %d filtered + %d rejected are %d",
			d.Read, d.Kept, d.Duplicates(), d.Filtered, d.Rejected, sum)
	}
	if sum := f.Read + f.Skipped + f.Rejected + f.InPart; f.Listed != sum {
		return fmt.Errorf("%d files listed, but %d read + %d skipped + %d rejected + %d in part are %d",
			f.Listed, f.Read, f.Skipped, f.Rejected, f.InPart, sum)
	}
	return nil
}

// Add adds the sums of a later version, whose vocabulary takes the place of the earlier one: it is cumulative.
func (t *Totals) Add(o *Totals) {
	d, e := &t.Documents, &o.Documents
	d.Read += e.Read
	d.Kept += e.Kept
	d.ExactDuplicates += e.ExactDuplicates
	d.SameKeyDuplicates += e.SameKeyDuplicates
	d.NearDuplicates += e.NearDuplicates
	d.Filtered += e.Filtered
	d.Rejected += e.Rejected
	d.OfEarlier += e.OfEarlier
	d.Revised += e.Revised
	d.Unchanged += e.Unchanged
	t.Files.Listed += o.Files.Listed
	t.Files.Read += o.Files.Read
	t.Files.Skipped += o.Files.Skipped
	t.Files.Rejected += o.Files.Rejected
	t.Files.InPart += o.Files.InPart
	t.Files.OnlyRejects += o.Files.OnlyRejects
	t.InputBytes += o.InputBytes
	t.UnreadBytes += o.UnreadBytes
	t.KeptBytes += o.KeptBytes
	t.Chars += o.Chars
	t.VocabularyChars = o.VocabularyChars
	t.HanChars += o.HanChars
	t.UncommonChars += o.UncommonChars
	t.ReplacementChars += o.ReplacementChars
	t.Withdrawn.Add(&o.Withdrawn)
}
