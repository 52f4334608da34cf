// Package report is what people see of a corpus, of one of its versions or of a release before they believe in it: figures, and a
// few samples. It holds the values; pipeline/report/corpusreport and the kind of job that makes releases fill them, pipeline/report/page
// draws them.
//
// Every figure is a whole number that anybody can count again in the Parquet tables of the corpus: documents, files, characters
// (code points of the normalised text) and bytes (of text, in UTF-8, unless it is said that they are bytes on the disk). Shares are
// drawn from two of them, and stand nowhere.
package report

// New is a report without anything.
func New(of string) *Report {
	return &Report{
		Of: of, Facts: []Fact{}, Funnel: []Step{}, Sources: []Source{}, Nights: []Night{}, Histograms: []Histogram{},
		Duplicates: Duplicates{Kinds: []Reason{}, Sources: []string{}, Between: [][]int64{}, Sizes: []Bucket{}, Groups: []Group{}},
		Vocabulary: Vocabulary{Growth: []Point{}, Coverage: []Point{}, New: []Char{}, Top: []Char{}},
		Shares:     []Shares{}, Lines: []Line{}, Sites: []Site{}, Samples: []Samples{}, Parts: []Part{}, Cost: []Fact{}, Notes: []string{},
	}
}

// What a report is of.
const (
	OfCorpus  = "corpus"
	OfVersion = "version"
	OfRelease = "release"
)

// Report is a report, as it is written as JSON. Lists that have nothing are empty, and their section is left out of the page.
type Report struct {
	Of     string `json:"of"`     // OfCorpus, OfVersion, OfRelease
	Name   string `json:"name"`   // of the folder
	Digest string `json:"digest"` // run digest of the version, checksum of the release
	Tool   string `json:"tool"`   // that wrote the version or release
	When   string `json:"when"`   // when it was committed, RFC 3339

	Facts      []Fact      `json:"facts"`
	Funnel     []Step      `json:"funnel"`
	Sources    []Source    `json:"sources"`
	Nights     []Night     `json:"nights"`
	Histograms []Histogram `json:"histograms"`
	Duplicates Duplicates  `json:"duplicates"`
	Vocabulary Vocabulary  `json:"vocabulary"`
	Shares     []Shares    `json:"shares"` // scripts, languages, days, and what else parts of the corpus go by
	Lines      []Line      `json:"lines"`  // that stand in the most documents
	Sites      []Site      `json:"sites"`  // with the most boilerplate
	Samples    []Samples   `json:"samples"`
	Parts      []Part      `json:"parts"` // of a release
	Cost       []Fact      `json:"cost"`
	Notes      []string    `json:"notes"` // what is not in the report, and why
}

// Units of figures.
const (
	Count   = "count"   // anything that is counted
	Bytes   = "bytes"   // on the disk or of text
	Millis  = "ms"      // milliseconds, shown as a time
	Share   = "share"   // millionths, from 0 to 1 000 000: shown as per cent
	Mean    = "mean"    // millionths of a mean: shown as a decimal
	Text    = "text"    // no number: Fact.Text
	Chars   = "chars"   // code points
	Percent = "percent" // of the first figure of its list
)

// Fact is a single figure with a label.
type Fact struct {
	Label string `json:"label"`
	Value int64  `json:"value"`
	Unit  string `json:"unit"`
	Text  string `json:"text,omitempty"` // instead of a value
	Note  string `json:"note,omitempty"`
}

// Step is a step of the way of documents through the pipeline. A step that takes documents away has their number in Out and says for
// which reasons; Documents are those that are left behind it.
type Step struct {
	Name      string   `json:"name"`
	Documents int64    `json:"documents"`
	Out       int64    `json:"out"`
	Reasons   []Reason `json:"reasons"` // most first
}

// Reason is why documents are out, and of how many that is true.
type Reason struct {
	Name      string `json:"name"`
	Documents int64  `json:"documents"`
	Note      string `json:"note,omitempty"` // what the reason means
}

// Source is what came of one source.
type Source struct {
	Name     string `json:"name"`
	Files    int64  `json:"files"` // read, in part or whole
	Refused  int64  `json:"files_rejected"`
	Read     int64  `json:"read"` // documents, as everywhere below
	Live     int64  `json:"live"` // in the corpus now
	Exact    int64  `json:"exact_duplicates"`
	SameKey  int64  `json:"same_key_duplicates"`
	Near     int64  `json:"near_duplicates"`
	Filtered int64  `json:"filtered"`
	Rejected int64  `json:"rejected"`
	Gone     int64  `json:"withdrawn"`
	Chars    int64  `json:"chars"` // of live documents
	Bytes    int64  `json:"bytes"`
	Lengths  Spread `json:"lengths"` // of live documents, in code points
}

// Spread says how numbers are spread. Each is the lower bound of the bucket of a Histogram that the number at its place is in,
// but Least and Most, which are exact.
type Spread struct {
	Least int64 `json:"least"`
	P10   int64 `json:"p10"`
	P50   int64 `json:"p50"`
	P90   int64 `json:"p90"`
	P99   int64 `json:"p99"`
	Most  int64 `json:"most"`
}

// Night is a version over time.
type Night struct {
	Version    int      `json:"version"`
	Kind       string   `json:"kind"` // of job: ingest, compact, remove ...
	When       string   `json:"when"` // RFC 3339
	Live       bool     `json:"live"` // false: it was dropped, or its documents are all elsewhere
	Read       int64    `json:"read"`
	Kept       int64    `json:"kept"`
	Duplicates int64    `json:"duplicates"`
	Filtered   int64    `json:"filtered"`
	Rejected   int64    `json:"rejected"`
	Withdrawn  int64    `json:"withdrawn"` // documents of earlier versions
	Chars      int64    `json:"chars"`     // of what it kept
	InputBytes int64    `json:"input_bytes"`
	Disk       int64    `json:"disk_bytes"` // of its files
	Millis     int64    `json:"ms"`
	NewChars   int64    `json:"new_chars"` // by how many different characters the vocabulary grew; less than 0: it shrank
	Alarms     []string `json:"alarms"`    // what the alarms of the config would say of it beside those before it
}

// Histogram is how a figure is distributed over the live documents.
type Histogram struct {
	Name    string   `json:"name"`
	Note    string   `json:"note"`
	Unit    string   `json:"unit"` // Count, Chars, Share, Mean
	Values  int64    `json:"values"`
	Missing int64    `json:"missing"` // documents of which it was not measured
	Log     bool     `json:"log"`     // draw the axis of the figure by logarithm
	Buckets []Bucket `json:"buckets"` // ascending; those without documents are not there
	Spread  Spread   `json:"spread"`
	Bounds  []Bound  `json:"bounds"`           // of the presets and rules that go by it
	Labels  []string `json:"labels,omitempty"` // words that the numbers stand for, from 0 on
}

// Bucket is how many documents have a figure of From or more, and less than To.
type Bucket struct {
	From      int64 `json:"from"`
	To        int64 `json:"to"`
	Documents int64 `json:"documents"`
}

// Bound is where a rule draws its line.
type Bound struct {
	At   int64  `json:"at"`   // in the unit of the histogram
	Rule string `json:"rule"` // such as zh:too_short
	Keep string `json:"keep"` // which side stays: ">=", ">", "<=", "<", "==", "!="
}

// Duplicates are who lost to whom.
type Duplicates struct {
	Kinds   []Reason `json:"kinds"`
	Sources []string `json:"sources"` // of Between, its rows and columns
	// Between has a row for the source of the duplicate and a column for that of the document that stays.
	Between [][]int64 `json:"between"`
	Unknown int64     `json:"unknown"` // duplicates of documents that are not in the corpus any more
	Sizes   []Bucket  `json:"sizes"`   // of groups, the document that stays among them
	Groups  []Group   `json:"groups"`  // the largest
}

// Group is a document with those that lost to it.
type Group struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Lost    int64  `json:"lost"`
	Excerpt string `json:"excerpt"`
}

// Vocabulary is what characters the corpus has.
type Vocabulary struct {
	Chars    int64   `json:"chars"`    // different ones
	Growth   []Point `json:"growth"`   // At is a version, Value how many different characters there were up to it
	Coverage []Point `json:"coverage"` // At is a number of the most frequent characters, Value how many code points of the corpus are among them
	Total    int64   `json:"total"`    // code points of the corpus
	New      []Char  `json:"new"`      // that the newest version brought, most frequent first
	Top      []Char  `json:"top"`
}

// Point is a point of a curve.
type Point struct {
	At    int64 `json:"at"`
	Value int64 `json:"value"`
}

// Char is a character and how often it occurs.
type Char struct {
	Char      string `json:"char"` // "U+000A" where it cannot be seen
	Count     int64  `json:"count"`
	Documents int64  `json:"documents"`
}

// Shares is what parts a whole has.
type Shares struct {
	Name  string  `json:"name"` // such as scripts
	Note  string  `json:"note"`
	Unit  string  `json:"unit"`
	Total int64   `json:"total"`
	Parts []Named `json:"parts"` // greatest first, or in the order of days
	Over  bool    `json:"over"`  // in the order of time
}

// Named is a part of it.
type Named struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// Line is a line of text that stands in many documents of a site.
type Line struct {
	Site      string `json:"site"`
	Text      string `json:"text"`
	Documents int64  `json:"documents"`
}

// Site is a group of documents, and how much of them it has on many of its pages.
type Site struct {
	Name        string `json:"name"`
	Documents   int64  `json:"documents"`
	Boilerplate int64  `json:"boilerplate"` // millionths: the share of boilerplate among the lines of its documents, each counted once a document
}

// Samples are documents that were chosen for one reason.
type Samples struct {
	Name string   `json:"name"`
	Note string   `json:"note"`
	List []Sample `json:"list"`
}

// Sample is a document, its text cut.
type Sample struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
	Chars   int64  `json:"chars"`
	Figure  string `json:"figure,omitempty"` // what it was chosen by
	Text    string `json:"text"`
}

// Part is a split or a part of the mixture of a release.
type Part struct {
	Split     string `json:"split"`
	Name      string `json:"name"`
	Weight    int64  `json:"weight"` // millionths that the recipe asks for; -1: none
	Documents int64  `json:"documents"`
	Copies    int64  `json:"copies"` // documents as often as they are in it
	Chars     int64  `json:"chars"`  // -1: nobody counted them
	Tokens    int64  `json:"tokens"` // -1: it has none
}
