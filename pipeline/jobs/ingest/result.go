package ingest

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// Result is what a run ends with: the object that `run --json` prints.
type Result struct {
	Version    int                 `json:"version"` // 0: there was nothing new, nothing was committed
	Digest     string              `json:"digest"`
	Seconds    float64             `json:"seconds"`
	InputBytes int64               `json:"input_bytes"`
	Documents  DocumentCounts      `json:"documents"`
	Files      manifest.FileTotals `json:"files"`
	Withdrawn  *Withdrawn          `json:"withdrawn,omitempty"` // nil: nothing
	Shards     int                 `json:"shards"`
	AddedBytes int64               `json:"added_bytes,omitempty"` // on the disk: all files of the version
	// Sources are what was kept of each, by name: of those that something was kept of.
	Sources      []manifest.SourceTotals `json:"sources,omitempty"`
	Vocabulary   VocabularyCount         `json:"vocabulary"`
	PeakRSSBytes int64                   `json:"peak_rss_bytes"`
	Resumed      bool                    `json:"resumed"`
	Waiting      int64                   `json:"waiting_files"`  // came after the resumed plan; the next run takes them
	ID           string                  `json:"id,omitempty"`   // of the run that made the version
	Date         string                  `json:"date,omitempty"` // likewise
	// Barren says that no document came through: no version was made. Reasons are those of the rejects then, and Worst the files that
	// lost most.
	Barren  bool             `json:"barren,omitempty"`
	Reasons map[string]int64 `json:"reasons,omitempty"`
	Worst   []WorstFile      `json:"worst,omitempty"`
	// Standing is how many rejects stand that other settings, or an earlier program, made, if there was nothing new: --retry-rejected
	// takes their files again. Settings are those that differ.
	Standing int64    `json:"standing_rejects,omitempty"`
	Settings []string `json:"changed_settings,omitempty"`
	// Finished are runs that an earlier command had begun, and this one brought to their end before it did what it was asked for.
	Finished []Result `json:"finished,omitempty"`
	// GivenUp is the unfinished run that was thrown away instead.
	GivenUp *GivenUp `json:"given_up,omitempty"`
	// SkippedRecords are the records of web archives that are no documents, by why they are none.
	SkippedRecords map[string]int64 `json:"skipped_records,omitempty"`
	// OtherEncoding is how many records and lines were read in another encoding than their file is in.
	OtherEncoding int64 `json:"other_encoding,omitempty"`
	// Pages are the web pages of which the article was looked for, but for those that were rejected.
	Pages PageCounts `json:"pages,omitzero"`
	// LostOnceFreed are versions that can be dropped until a GC frees what this one took the place of (keys that it merged), and not any
	// more behind it.
	LostOnceFreed []int `json:"lost_once_freed,omitempty"`
}

// PageCounts are web pages that became documents, whatever became of these.
type PageCounts struct {
	Articles  int64 `json:"articles"`   // of which the article was taken
	NoArticle int64 `json:"no_article"` // without one: all of their text was taken
}

// DocumentCounts are documents: Read is the sum of all others but SameKey, which is a part of NearDuplicates.
type DocumentCounts struct {
	Read            int64 `json:"read"`
	Kept            int64 `json:"kept"`
	ExactDuplicates int64 `json:"exact_duplicates"`
	NearDuplicates  int64 `json:"near_duplicates"`
	SameKey         int64 `json:"same_key_duplicates"`
	Filtered        int64 `json:"filtered"`
	Rejected        int64 `json:"rejected"`
	// RejectedWithdrawn are those of the rejected that are like documents which were removed: they are not to come in.
	RejectedWithdrawn int64 `json:"rejected_withdrawn,omitempty"`
	// RejectedNoArticle are those that are web pages without an article, which the settings reject.
	RejectedNoArticle int64 `json:"rejected_no_article,omitempty"`
	// Revised documents are duplicates, of either kind, that a changed file brought of what an earlier version holds.
	Revised int64 `json:"revised_duplicates"`
	// Unchanged documents are duplicates of themselves: a changed file has them as before.
	Unchanged int64 `json:"unchanged_duplicates,omitempty"`
}

// Withdrawn says what of earlier versions a run withdrew.
type Withdrawn struct {
	Documents int64            `json:"documents"`
	Chars     int64            `json:"chars"`
	Bytes     int64            `json:"bytes"`
	Reasons   map[string]int64 `json:"reasons"` // documents
	Vanished  int64            `json:"vanished_files,omitempty"`
	// Losers are documents of other files that had lost to these: the next run reads their files again, and keeps what is missing.
	Losers int64 `json:"losers,omitempty"`
}

// Unexpected is how many documents were rejected that nobody asked to be.
func (d *DocumentCounts) Unexpected() int64 {
	return d.Rejected - d.RejectedWithdrawn - d.RejectedNoArticle
}

// VocabularyCount is how many different characters the corpus has.
type VocabularyCount struct {
	Chars int64 `json:"chars"`
}

// Rejects says whether something was rejected that should have come in, also by a run that was finished first: exit code 4.
func (r *Result) Rejects() bool {
	return r.Documents.Unexpected() > 0 || r.Files.Rejected > 0 || r.Files.InPart > 0 ||
		slices.ContainsFunc(r.Finished, func(one Result) bool { return one.Rejects() })
}

// withdrawnOf is what the manifest of a version says of what it withdrew, nil if there is nothing to say.
func withdrawnOf(m *manifest.Manifest) *Withdrawn {
	t := m.Totals.Withdrawn
	w := &Withdrawn{Documents: t.Documents, Chars: t.Chars, Bytes: t.Bytes, Reasons: map[string]int64{}}
	for name, n := range m.Counters {
		if reason, ok := strings.CutPrefix(name, corpus.CounterWithdrawnAs); ok {
			w.Reasons[reason] = n
		}
	}
	for base, n := range map[string]*int64{corpus.VanishedTable: &w.Vanished, corpus.LostTable: &w.Losers} {
		if f, ok := m.Find(pipeline.LedgerFolder, base); ok {
			*n = f.Rows
		}
	}
	if w.Documents == 0 && w.Vanished == 0 {
		return nil
	}
	return w
}

// ResultOf is what the manifest of a version says of the run that made it.
func ResultOf(m *manifest.Manifest) Result {
	t := m.Totals
	added, _ := dataset.Sum(m.Files)
	return Result{
		Version: m.Version, Digest: m.Digest, Seconds: m.Run.Seconds, InputBytes: t.InputBytes, ID: m.Run.ID, Date: m.Run.Date,
		SkippedRecords: skippedRecords(m.Counters), OtherEncoding: m.Counters["other_encoding"],
		Pages: PageCounts{m.Counters[ingest.CounterArticles], m.Counters[ingest.CounterNoArticle]},
		Documents: DocumentCounts{
			Read: t.Documents.Read, Kept: t.Documents.Kept, ExactDuplicates: t.Documents.ExactDuplicates,
			NearDuplicates: t.Documents.NearDuplicates + t.Documents.SameKeyDuplicates, SameKey: t.Documents.SameKeyDuplicates,
			Filtered: t.Documents.Filtered, Rejected: t.Documents.Rejected, RejectedWithdrawn: m.Reasons.Rejected[ingest.ReasonWithdrawn],
			RejectedNoArticle: m.Reasons.Rejected[ingest.ReasonNoArticle],
			Revised:           t.Documents.Revised, Unchanged: t.Documents.Unchanged,
		},
		Withdrawn: withdrawnOf(m),
		Files:     t.Files, Shards: m.ShardCount(), Vocabulary: VocabularyCount{t.VocabularyChars}, AddedBytes: added,
		Sources: slices.DeleteFunc(slices.Clone(m.BySource), func(s manifest.SourceTotals) bool { return s.Kept.Documents == 0 }),
	}
}

// skippedRecords picks the counters of skipped records.
func skippedRecords(counters columnar.Counters) map[string]int64 {
	var skipped map[string]int64
	for name, n := range counters {
		if why, ok := strings.CutPrefix(name, ingest.CounterSkipped); ok {
			if skipped == nil {
				skipped = map[string]int64{}
			}
			skipped[why] = n
		}
	}
	return skipped
}

// nothing is the result where no version was committed.
func (r *run) nothing(d *intake.Draft) Result {
	return Result{
		ID: r.ID, Date: r.Date, Seconds: time.Since(r.started).Seconds(), PeakRSSBytes: peakRSS(),
		Files: manifest.FileTotals{Listed: d.Skipped, Skipped: d.Skipped},
	}
}

// peakRSS is the most memory this process ever had resident, 0 if the system does not tell.
func peakRSS() int64 {
	if n := ownPeak(); n > 0 {
		return n
	}
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss * maxrssUnit
}
