package show

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// What became of a document.
const (
	FateKept      = "kept"
	FateDuplicate = "duplicate"
	FateFiltered  = "filtered"
	FateRejected  = "rejected"
	FateWithdrawn = "withdrawn" // it was kept, and has left since
)

// ErrNotFound says that no version knows the id or the path.
var ErrNotFound = errors.New("not found")

// showBytes bounds a text that is shown.
const showBytes = 64 << 10

// ExplainOptions say how much Explain tells.
type ExplainOptions struct {
	Texts     bool // with the texts of the documents and of what they lost to
	Documents int  // listed of a file in a version, and of what lost to a document, at most
	// Reread returns the normalised text of a document that is not kept, from its source. It is called for duplicates, one
	// after the other, if Texts is set; an error says why there is none. nil: the sources are not known.
	Reread func(ctx context.Context, file SourceFile, offset int64) (string, error)
}

// SourceFile names an input file as a version read it.
type SourceFile struct {
	Version     int
	Source      string
	Path        string
	Bytes       int64
	ModTime     int64 // nanoseconds since 1970
	Format      string
	Document    string
	Compression string
}

// Explanation is what became of a document or of a file in every version. An id is that of one place in one file; if the
// file changed and was read again it has a fate in both versions.
type Explanation struct {
	Query     string         `json:"query"`
	Versions  []int          `json:"versions"`  // that were searched
	Files     []FileFate     `json:"files"`     // of a path
	Documents []DocumentFate `json:"documents"` // of an id, or the first ones of each file and version
}

// DocumentFate is what became of a document in a version.
type DocumentFate struct {
	ID      string `json:"id"` // "" for a reject that is not of one document
	Version int    `json:"version"`
	Live    bool   `json:"live"` // the version's data are in the corpus
	Fate    string `json:"fate"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`

	Place     *Place        `json:"place,omitempty"`     // of a kept one
	Losers    *Losers       `json:"losers,omitempty"`    // of a kept one that is asked for by id
	Duplicate *DuplicateOf  `json:"duplicate,omitempty"` // of a duplicate
	Reject    *RejectDetail `json:"reject,omitempty"`    // of a rejected or filtered one
	Removed   *Place        `json:"removed,omitempty"`   // of a filtered one whose text is kept for people to read
	Withdrawn *Withdrawal   `json:"withdrawn,omitempty"` // of a withdrawn one
	Page      *PageDetail   `json:"page,omitempty"`      // of a web page of which the article was looked for, unless it was rejected
	Text      *Text         `json:"text,omitempty"`
}

// Place is where a document lies: a kept one, or one that is kept for people to read.
type Place struct {
	Shard string `json:"shard"`
	Row   int64  `json:"row"` // from 0
	Chars int64  `json:"chars"`
}

// DuplicateOf says what a document lost to.
type DuplicateOf struct {
	Kind  string `json:"kind"`
	Score int    `json:"score"` // up to 256: equal bytes of the two signatures; above: the exact resemblance in millionths
	// Resemblance is what the score says of it, from 0 to 1: exact, or an estimate that may be off by some hundredths.
	Resemblance   float64 `json:"resemblance"`
	WinnerID      string  `json:"winner_id"`
	WinnerVersion int     `json:"winner_version"`
	// Rule says why the other one stays: RuleEarlierVersion, or what dedupe.winner was: first, longest, newest, field:NAME.
	Rule string `json:"rule"`
	// Winner is nil if its version is not live any more, or has no shards that can be read.
	Winner *DocumentFate `json:"winner"`
	// Differences are the first places where the texts differ, where both are shown; MoreDifferences counts the others.
	Differences     []Difference `json:"differences,omitempty"`
	MoreDifferences int          `json:"more_differences,omitempty"`
}

// Losers are the documents that lost to one.
type Losers struct {
	Count int64            `json:"count"`
	Kinds map[string]int64 `json:"kinds"`
	First []Loser          `json:"first"` // of each version
}

// Loser is a document that lost.
type Loser struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Kind    string `json:"kind"`
	Score   int    `json:"score"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
}

// RejectDetail says why a document was left out.
type RejectDetail struct {
	Reason string `json:"reason"`
	Bytes  int64  `json:"bytes"`
	Detail string `json:"detail"`
}

// Text is a normalised text, or why there is none.
type Text struct {
	Text  string `json:"text"`            // cut to 64 KiB
	Bytes int64  `json:"bytes,omitempty"` // of the whole
	Why   string `json:"why,omitempty"`
}

// Explain tells what became of a document, given by its id of 32 hexadecimal digits or by the first LeastDigits or more of them, or of a file, given by
// source/path, by path alone, by a path of the file system that ends in source/path, or by the end of its path. A beginning or an end that several have is
// a pipeline.ErrUsage that lists them. What no version knows is ErrNotFound. It reads the
// id column of all shards and a few columns of the ledger.
func (c *Corpus) Explain(ctx context.Context, query string, o ExplainOptions) (*Explanation, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	e := &explainer{Corpus: c, versions: h, options: o}
	e.result = Explanation{Query: query, Versions: []int{}, Files: []FileFate{}, Documents: []DocumentFate{}}
	for _, m := range h.list {
		e.result.Versions = append(e.result.Versions, m.Version)
	}
	isID := isDocumentID(query)
	if isID {
		err = e.document(ctx, strings.ToLower(query))
	} else if isShortID(query) {
		var ids []string
		if ids, err = e.idsOf(ctx, strings.ToLower(query)); err == nil && len(ids) > 1 {
			err = ambiguous(query, ids)
		} else if err == nil && len(ids) == 1 {
			err = e.document(ctx, ids[0])
		}
		isID = true
	}
	if err == nil && len(e.result.Documents) == 0 {
		err = e.file(ctx, query)
	}
	if err == nil && len(e.result.Documents)+len(e.result.Files) == 0 {
		err = e.missing(isID)
	}
	if err == nil {
		err = e.pages(ctx)
	}
	if err == nil {
		err = e.removed(ctx)
	}
	if err == nil && o.Texts {
		err = e.texts(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &e.result, nil
}

func isDocumentID(query string) bool {
	b, err := hex.DecodeString(query)
	return err == nil && len(b) == 16
}

// explainer is one call of Explain.
type explainer struct {
	*Corpus
	versions
	options ExplainOptions
	result  Explanation
}

// missing says what was searched in vain.
func (e *explainer) missing(isID bool) error {
	if len(e.list) == 0 {
		return fmt.Errorf("%s: %w: the corpus has no version", e.result.Query, ErrNotFound)
	}
	var documents, duplicates, rejects, files int64
	var unread []int
	var formats pipeline.TableFormats // of these
	for _, m := range e.list {
		documents += m.Totals.Documents.Kept
		if m.Unreadable() {
			unread, formats = append(unread, m.Version), append(formats, m.Formats()...)
		}
		for base, sum := range map[string]*int64{corpus.DuplicatesTable: &duplicates, corpus.RejectsTable: &rejects, corpus.FilesTable: &files} {
			if f, ok := m.Find(pipeline.LedgerFolder, base); ok {
				*sum += f.Rows
			}
		}
	}
	what := "file"
	versions := "versions"
	if len(e.list) == 1 {
		versions = "version"
	}
	searched := fmt.Sprintf("%s files of %s %s", pipeline.Thousands(files), versions, manifest.VersionRange(e.result.Versions))
	if isID {
		what = "document or file"
		searched = fmt.Sprintf("%s kept documents, %s duplicates, %s rejects and %s", pipeline.Thousands(documents), pipeline.Thousands(duplicates),
			pipeline.Thousands(rejects), searched)
		if len(unread) > 0 {
			searched += fmt.Sprintf("; not what version %s keeps, which has %s shards only", manifest.VersionRange(unread), titles(formats))
		}
	}
	return fmt.Errorf("%s: %w: no such %s among the %s", e.result.Query, ErrNotFound, what, searched)
}
