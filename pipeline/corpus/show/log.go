package show

import (
	"bufio"
	"context"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// LogLine is a version in one line.
type LogLine struct {
	Version   int    `json:"version"`
	Parent    int    `json:"parent"`
	Kind      string `json:"kind,omitempty"` // see manifest.Manifest
	Live      bool   `json:"live"`           // its data are in the corpus
	Committed string `json:"committed"`      // RFC 3339, to the second
	// What it did to earlier versions: a compaction wrote their documents into its own shards, a drop left them out.
	Compacts []int `json:"compacts,omitempty"`
	Drops    []int `json:"drops,omitempty"`
	Place    int   `json:"place,omitempty"`   // of a live version: the compaction whose shards hold its documents
	GoneBy   int   `json:"gone_by,omitempty"` // of a version that is not live: the drop that left it out

	Documents  manifest.DocumentTotals `json:"documents"`
	Duplicates int64                   `json:"duplicates"`          // of all kinds
	Withdrawn  int64                   `json:"withdrawn,omitempty"` // documents of earlier versions
	InputBytes int64                   `json:"input_bytes"`
	KeptBytes  int64                   `json:"kept_bytes"`
	Shards     int                     `json:"shards"`
	Bytes      int64                   `json:"bytes"` // of all files that it added
	Digest     string                  `json:"digest"`
	Run        manifest.RunInfo        `json:"run"`
}

// Log is the history of a corpus, oldest version first.
type Log struct {
	Versions []LogLine `json:"versions"`
}

// Log reads the history of the corpus from its manifests, and nothing else.
func (c *Corpus) Log(ctx context.Context) (*Log, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	l := &Log{Versions: []LogLine{}}
	lines := map[int]int{}
	for _, m := range h.list {
		line := LogLine{
			Version: m.Version, Parent: m.Parent, Kind: m.Kind, Live: h.live(m.Version), Committed: m.Run.Committed(), Compacts: m.Compacts, Drops: m.Drops,
			Documents: m.Totals.Documents, Duplicates: m.Totals.Documents.Duplicates(), Withdrawn: m.Totals.Withdrawn.Documents, InputBytes: m.Totals.InputBytes,
			KeptBytes: m.Totals.KeptBytes, Shards: m.ShardCount(), Digest: m.Digest, Run: m.Run,
		}
		line.Bytes, _ = dataset.Sum(m.Files)
		for _, gone := range m.Drops {
			if i, ok := lines[gone]; ok { // its manifest may have been freed
				l.Versions[i].GoneBy = m.Version
			}
		}
		lines[m.Version] = len(l.Versions)
		l.Versions = append(l.Versions, line)
	}
	for version, place := range places(&h.View) {
		l.Versions[lines[version]].Place = place
	}
	return l, nil
}

// places are the compactions whose shards hold all documents of a run, by the run.
func places(v *manifest.View) map[int]int {
	places, several := map[int]int{}, map[int]bool{}
	for _, s := range v.Read {
		for _, h := range s.Holds {
			place, ok := places[h.Version]
			several[h.Version] = several[h.Version] || ok && place != s.Maker.Version || s.Maker.Kind != manifest.KindCompact
			places[h.Version] = s.Maker.Version
		}
	}
	maps.DeleteFunc(places, func(version, _ int) bool { return several[version] })
	return places
}

// WriteText writes the log for people, a line a version.
func (l *Log) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	rows := [][]string{{"version", "committed", "read", "kept", "duplicates", "filtered", "rejected", "input", "files", "shards", "digest", "note"}}
	for i := range l.Versions {
		v := &l.Versions[i]
		row := []string{strconv.Itoa(v.Version), started(v.Committed)}
		for _, n := range []int64{v.Documents.Read, v.Documents.Kept, v.Duplicates, v.Documents.Filtered, v.Documents.Rejected} {
			row = append(row, pipeline.Thousands(n))
		}
		rows = append(rows, append(row, pipeline.ByteSize(v.InputBytes), pipeline.ByteSize(v.Bytes), strconv.Itoa(v.Shards), v.Digest[:16], v.Note()))
	}
	p.table("committed digest note", rows)
	return b.Flush()
}

// Note says what the version did to others, and what others did to it.
func (l *LogLine) Note() string {
	var notes []string
	if len(l.Compacts) > 0 {
		notes = append(notes, "compacts "+manifest.VersionRange(l.Compacts))
	}
	if len(l.Drops) > 0 {
		notes = append(notes, "drops "+manifest.VersionRange(l.Drops))
	}
	switch l.Kind {
	case manifest.KindPurge:
		notes = append(notes, "purges what was withdrawn")
	case manifest.KindReindex:
		notes = append(notes, "makes the index anew")
	case manifest.KindSignals:
		notes = append(notes, "measures documents")
	}
	if l.Withdrawn > 0 {
		notes = append(notes, "withdraws "+pipeline.Counted(l.Withdrawn, "document"))
	}
	if l.Place > 0 {
		notes = append(notes, "compacted into "+strconv.Itoa(l.Place))
	}
	if l.GoneBy > 0 {
		notes = append(notes, "dropped by "+strconv.Itoa(l.GoneBy))
	}
	return strings.Join(notes, ", ")
}
