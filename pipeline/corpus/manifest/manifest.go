package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Format is the number of the corpus format that this code writes. It reads all from 1 on: a manifest of format 1 says
// nothing of the index, which then has one run of keys for every live version; before format 3 the keys have no filters; before
// format 4 a manifest does not say what it removes: see Complete. A larger one is refused.
const Format = 4

// Kinds of version.
const (
	KindRun     = ""        // brought documents
	KindDrop    = "drop"    // left versions out again, and brought no file
	KindCompact = "compact" // wrote the documents of others into larger shards
	KindRemove  = "remove"  // withdrew documents of others, and brought none
	KindPurge   = "purge"   // wrote files of others without what was left of withdrawn documents
	KindReindex = "reindex" // made the index of others anew, by its own settings
	KindSignals = "signals" // measured documents of others
)

// Manifest says what a version is: it exists as soon as its manifest does (invariant 6). All but Run is a function of the
// input, the settings and the code.
type Manifest struct {
	Format  int    `json:"format"`
	Version int    `json:"version"`
	Kind    string `json:"kind,omitempty"`
	Parent  int    `json:"parent"` // the version before, 0 for none
	Live    []int  `json:"live"`   // the versions that make up the corpus, ascending
	// Drops are the versions that a drop left out.
	Drops []int `json:"drops,omitempty"`
	// Compacts are the runs whose documents the shards of a compaction hold, all or some of each, ascending. They stay live: all the
	// rest of them is where it was.
	Compacts []int `json:"compacts,omitempty"`
	// Withdraws are the documents of earlier runs that are not any more while this version is: one a run, ascending. The ledger names
	// them: see package withdrawn.
	Withdraws []Withdrawal `json:"withdraws,omitempty"`
	// AddedBeside says that documents of files that had changed were added beside those of earlier states: several may have one id.
	AddedBeside bool `json:"added_beside,omitempty"`
	// Removes are the files of earlier versions, live up to here, that are not any more while this version is: ascending by path.
	Removes []string `json:"removes,omitempty"`
	// Holds says whose documents the shards hold that hold those of other versions, shard by shard as in Files, and in the order of
	// the rows.
	Holds []Holding `json:"holds,omitempty"`
	// Signals are those that the version measured of documents of others.
	Signals []string `json:"signals,omitempty"`
	// Index names the runs of keys that dedupe looks documents of the live versions up in, oldest first.
	Index []IndexRun `json:"index,omitempty"`
	// Lines names the runs of keys of lines: see package lines. Live versions that none of them covers are not counted yet.
	Lines []IndexRun `json:"lines,omitempty"`
	// Counted names the runs of the counts of tokens: of every kind that is counted, all that the live documents have.
	Counted []CountedRuns `json:"counted,omitempty"`

	Code    string `json:"code"`     // pipeline.CodeVersion of the run
	KeyText int    `json:"key_text"` // ingest.KeyText of the index
	Plan    string `json:"plan"`     // digest of the plan
	Digest  string `json:"digest"`   // run digest: see runDigest
	KeptIDs string `json:"kept_ids"` // xxh3-128 over the ids of the shards that are read, in order; "" if there are none

	Totals    Totals            `json:"totals"`
	Reasons   Reasons           `json:"reasons"`
	Retried   *Retried          `json:"retried,omitempty"`
	Counters  columnar.Counters `json:"counters"`  // class counters of the map phase, and what dedupe left uncompared
	Sources   []string          `json:"sources"`   // names, in the order of the plan
	Languages []string          `json:"languages"` // for the card
	Settings  json.RawMessage   `json:"settings"`  // the plan's, canonical
	Files     []dataset.File    `json:"files"`     // what this version adds, sorted by path

	// About is what was said for the card when the version was made, and BySource its documents by their sources, by name: nil where an older
	// program made it. SignalColumns are those of its files of signals.
	About         *About         `json:"about,omitempty"`
	BySource      []SourceTotals `json:"by_source,omitempty"`
	SignalColumns []SignalColumn `json:"signal_columns,omitempty"`

	Run      RunInfo `json:"run"`
	Checksum string  `json:"checksum"` // sha256 over the file with this value empty; always the last field

	Tables pipeline.TableFormats `json:"-"` // of the corpus that it is of: what its documents may be in

	completed bool // by Complete
}

// Holding is documents of one run that lie one after the other in a shard: no live document of the run is between two of them. A document's
// rank is its number, from 0, among those that its run kept; it never changes.
type Holding struct {
	Path    string `json:"path"`
	Version int    `json:"version"`
	First   int64  `json:"first"` // rank of the first
	Rows    int64  `json:"rows"`
}

// Withdrawal is documents of one run that a later version withdrew.
type Withdrawal struct {
	Version   int   `json:"version"` // the run
	Documents int64 `json:"documents"`
	Chars     int64 `json:"chars"`
	Bytes     int64 `json:"bytes"` // of text
}

// IndexRun is a run of keys: index/<made>/keys-… of a version that it covers itself, index/<made>/merged-… of others; lines/<made>/keys-… of
// lines.
type IndexRun struct {
	Versions []int `json:"versions"` // whose documents it covers, ascending
	Made     int   `json:"made"`     // the version that added its files
}

// CountedRuns are the runs of the counts of a kind of tokens, counts/<made>/<kind>-….
type CountedRuns struct {
	Kind string `json:"kind"`
	Made []int  `json:"made"` // the versions that added them, ascending
}

// Below returns the files of the version in one of the folders of the corpus, sorted by path.
func (m *Manifest) Below(folder string) (files []dataset.File) {
	for _, f := range m.Files {
		if strings.HasPrefix(f.Path, folder+"/") {
			files = append(files, f)
		}
	}
	return files
}

// Formats returns the formats that the version has documents in, in the order of those of its corpus.
func (m *Manifest) Formats() (formats pipeline.TableFormats) {
	for _, format := range m.Tables {
		if !format.Beside && len(m.In(&format)) > 0 {
			formats = append(formats, format)
		}
	}
	return formats
}

// In returns the shards of the version in one format, in order.
func (m *Manifest) In(format *pipeline.TableFormat) (files []dataset.File) {
	for _, f := range m.Files {
		if format.Holds(f.Path) {
			files = append(files, f)
		}
	}
	return files
}

// Brought returns the shards of the version in one format whose documents are its own, in order.
func (m *Manifest) Brought(format *pipeline.TableFormat) []dataset.File {
	return slices.DeleteFunc(m.In(format), func(f dataset.File) bool { return m.holdings(f.Path) != nil })
}

// Shards returns the shards of the version that are read, in order: those in the first of its formats that can be. Of a run they are
// those of its own documents. There are none where a version kept nothing, or has no format that can be read here.
func (m *Manifest) Shards() []dataset.File {
	for _, format := range m.Tables {
		if !format.Readable() {
			continue
		}
		files := m.In(&format)
		if m.Kind == KindRun {
			files = m.Brought(&format)
		}
		if len(files) > 0 {
			return files
		}
	}
	return nil
}

// ShardCount is the number of shards of the version, each of which may be there in several formats.
func (m *Manifest) ShardCount() int {
	for _, format := range m.Formats() {
		return len(m.In(&format))
	}
	return 0
}

// Unreadable says whether the version has documents, and no format that can be read here.
func (m *Manifest) Unreadable() bool { return m.Totals.Documents.Kept > 0 && len(m.Shards()) == 0 }

// holdings are what the manifest says of a shard that holds documents of other versions, nil of any other.
func (m *Manifest) holdings(shard string) (held []Holding) {
	at, _ := slices.BinarySearchFunc(m.Holds, shard, func(h Holding, path string) int { return strings.Compare(h.Path, path) })
	for end := at; end < len(m.Holds) && m.Holds[end].Path == shard; end++ {
		held = m.Holds[at : end+1]
	}
	return held
}

// Runs returns the runs whose documents the shards of the version hold, ascending: itself, if it is one.
func (m *Manifest) Runs() (versions []int) {
	if m.Kind == KindRun {
		versions = append(versions, m.Version)
	}
	for _, h := range m.Holds {
		versions = append(versions, h.Version)
	}
	slices.Sort(versions)
	return slices.Compact(versions)
}

// Find returns the file of the given folder and base name.
func (m *Manifest) Find(folder, base string) (dataset.File, bool) {
	path := folder + "/" + pipeline.VersionName(m.Version) + "/" + base
	for _, f := range m.Files {
		if f.Path == path {
			return f, true
		}
	}
	return dataset.File{}, false
}

// Encode sets the checksum and returns the manifest file.
func (m *Manifest) Encode() ([]byte, error) {
	m.Checksum = ""
	data, sum, err := dataset.Encode(m)
	if err != nil {
		return nil, fmt.Errorf("encode manifest %d: %w", m.Version, err)
	}
	m.Checksum = sum
	return data, nil
}

// Decode reads a manifest file of a corpus whose documents may be in the formats. Any change to its bytes is found by the checksum.
func Decode(data []byte, formats pipeline.TableFormats) (*Manifest, error) {
	m := &Manifest{Tables: formats}
	if err := dataset.Decode(data, m); err != nil {
		return nil, err
	}
	if m.Format < 1 || m.Format > Format {
		return nil, fmt.Errorf("format is %d, this program reads 1 to %d", m.Format, Format)
	}
	if len(m.Plan) < 16 || len(m.Digest) < 16 {
		return nil, fmt.Errorf("plan %q or digest %q is too short", m.Plan, m.Digest)
	}
	var settings bytes.Buffer
	if err := json.Compact(&settings, m.Settings); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	m.Settings = settings.Bytes()
	if m.KeyText == 0 {
		m.KeyText = 1 // which no manifest names
	}
	return m, nil
}

// Name is the name of a version's manifest in the corpus.
func Name(version int) string {
	return pipeline.ManifestsFolder + "/" + pipeline.VersionName(version) + ".json"
}

// VersionOf is the reverse of ManifestName.
func VersionOf(name string) (version int, ok bool) {
	digits, ok := strings.CutSuffix(strings.TrimPrefix(name, pipeline.ManifestsFolder+"/"), ".json")
	if !ok {
		return 0, false
	}
	version, err := strconv.Atoi(digits)
	return version, err == nil && version > 0 && Name(version) == name
}
