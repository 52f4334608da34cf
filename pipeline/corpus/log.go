package corpus

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strconv"
	"time"
)

// LogLine is a version in one line.
type LogLine struct {
	Version   int    `json:"version"`
	Parent    int    `json:"parent"`
	Live      bool   `json:"live"`      // its data are in the corpus
	Committed string `json:"committed"` // RFC 3339, to the second
	// What its manifest did to earlier versions, by what is live before and after it: a compaction takes the place of some,
	// a drop leaves some out, or brings back what a compaction had replaced.
	Replaces []int `json:"replaces,omitempty"`
	Drops    []int `json:"drops,omitempty"`
	Restores []int `json:"restores,omitempty"`
	GoneBy   int   `json:"gone_by,omitempty"` // of a version that is not live: the one that replaced or dropped it last

	Documents  DocumentTotals `json:"documents"`
	Duplicates int64          `json:"duplicates"` // of all kinds
	InputBytes int64          `json:"input_bytes"`
	KeptBytes  int64          `json:"kept_bytes"`
	Shards     int            `json:"shards"`
	Bytes      int64          `json:"bytes"` // of all files that it added
	Digest     string         `json:"digest"`
	Run        RunInfo        `json:"run"`

	replaced bool // GoneBy is a compaction
}

// Log is the history of a corpus, oldest version first.
type Log struct {
	Versions []LogLine `json:"versions"`
}

// Log reads the history of the corpus from its manifests, and nothing else.
func (c *Corpus) Log(ctx context.Context) (*Log, error) {
	h, err := c.history(ctx)
	if err != nil {
		return nil, err
	}
	l := &Log{Versions: []LogLine{}}
	var before []int // what was live
	for i, m := range h.list {
		line := LogLine{
			Version: m.Version, Parent: m.Parent, Live: h.live[m.Version], Committed: committed(m.Run), Documents: m.Totals.Documents,
			Duplicates: m.Totals.Documents.Duplicates(), InputBytes: m.Totals.InputBytes, KeptBytes: m.Totals.KeptBytes,
			Shards: len(m.Shards()), Digest: m.Digest, Run: m.Run,
		}
		for _, f := range m.Files {
			line.Bytes += f.Bytes
		}
		if i > 0 {
			line.Restores = missingFrom(before, m.Live, m.Version)
			if slices.Contains(m.Live, m.Version) {
				line.Replaces = missingFrom(m.Live, before, 0)
			} else {
				line.Drops = missingFrom(m.Live, before, 0)
			}
		}
		before = m.Live
		l.Versions = append(l.Versions, line)
	}
	for _, by := range l.Versions {
		for _, gone := range slices.Concat(by.Replaces, by.Drops) {
			i := gone - l.Versions[0].Version // below 0: its manifest was freed
			if i >= 0 && !l.Versions[i].Live {
				line := &l.Versions[i]
				line.GoneBy, line.replaced = by.Version, len(by.Replaces) > 0
			}
		}
	}
	return l, nil
}

// missingFrom returns what list has and other has not, except one number.
func missingFrom(other, list []int, except int) (missing []int) {
	for _, v := range list {
		if v != except && !slices.Contains(other, v) {
			missing = append(missing, v)
		}
	}
	return missing
}

// committed is when a run ended; the manifest has when it began and how long it took.
func committed(r RunInfo) string {
	t, err := time.Parse(time.RFC3339, r.Started)
	if err != nil {
		return r.Started
	}
	return t.Add(time.Duration(r.Seconds * float64(time.Second))).Format(time.RFC3339)
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
			row = append(row, thousands(n))
		}
		rows = append(rows, append(row, byteSize(v.InputBytes), byteSize(v.Bytes), strconv.Itoa(v.Shards), v.Digest[:16], v.note()))
	}
	p.table("committed digest note", rows)
	return b.Flush()
}

func (l *LogLine) note() string {
	switch {
	case len(l.Replaces) > 0:
		return "compacts " + versionRange(l.Replaces)
	case len(l.Drops) > 0 && len(l.Restores) > 0:
		return "drops " + versionRange(l.Drops) + ", restores " + versionRange(l.Restores)
	case len(l.Drops) > 0:
		return "drops " + versionRange(l.Drops)
	case l.replaced:
		return "compacted into " + strconv.Itoa(l.GoneBy)
	case l.GoneBy > 0:
		return "dropped by " + strconv.Itoa(l.GoneBy)
	}
	return ""
}
