package show

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// LinesOptions choose lines.
type LinesOptions struct {
	Top    int    // how many, those first that most documents have
	Group  string // only lines of this group; "": of all
	Groups bool   // groups in the place of lines
}

// Lines are what many documents of a group have in common: see package lines.
type Lines struct {
	Documents int64 `json:"documents"` // whose lines are counted
	// NotCounted are live versions with documents whose lines nobody has counted yet.
	NotCounted []int        `json:"not_counted,omitempty"`
	Lines      []LineCount  `json:"lines,omitempty"`
	Groups     []LinesGroup `json:"groups,omitempty"`
}

// LineCount is a line.
type LineCount struct {
	Documents   int64   `json:"documents"` // that have it
	Share       float64 `json:"share"`     // of the documents of the group
	Group       string  `json:"group"`
	Boilerplate bool    `json:"boilerplate"`
	Line        string  `json:"line"` // as it stands in the first document that has it
}

// LinesGroup is a group.
type LinesGroup struct {
	Group     string `json:"group"`
	Documents int64  `json:"documents"`
	// Boilerplate is the share of boilerplate among the lines of its documents, each counted once a document.
	Boilerplate float64 `json:"boilerplate"`
}

// Lines reads the counted lines of a corpus: the runs once, or twice for groups, and of the documents as many as it takes to find all texts. Memory is some 16 bytes a
// group.
func (c *Corpus) Lines(ctx context.Context, o LinesOptions) (*Lines, error) {
	history, runs, err := c.corpus.LineRuns(ctx)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, pipeline.WithHint(fmt.Errorf("lines: %w: nobody has counted them", ErrNotFound), "millrace signals OUT --add lines counts them")
	}
	names, err := c.corpus.WithdrawnTables(ctx)
	if err != nil {
		return nil, err
	}
	s := &lineSearch{options: o, of: map[string]uint64{}, groups: map[uint64]int64{}, texts: map[uint64]string{}, names: map[uint64]string{}}
	mask, err := withdrawn.ReadMask(ctx, c.store, names...)
	if err != nil {
		return nil, err
	}
	if err := lines.CountAll(ctx, c.store, history, runs, mask, s.count); err != nil {
		return nil, err
	}
	out := &Lines{}
	for _, n := range s.groups {
		out.Documents += n
	}
	var counted []int
	for _, r := range runs {
		counted = append(counted, r.Versions...)
	}
	for _, v := range history {
		if v.Documents > 0 && !slices.Contains(counted, v.Version) {
			out.NotCounted = append(out.NotCounted, v.Version)
		}
	}
	s.choose()
	if o.Groups {
		if err := lines.CountAll(ctx, c.store, history, runs, mask, s.weigh); err != nil {
			return nil, err
		}
	}
	if err := c.findLines(ctx, counted, s); err != nil {
		return nil, err
	}
	s.tell(out)
	return out, nil
}

// lineSearch looks for lines, or groups, and what they are called.
type lineSearch struct {
	options LinesOptions
	of      map[string]uint64
	groups  map[uint64]int64 // documents by the key of the group
	top     []keyCount       // the best first, at most twice as many as are wanted
	texts   map[uint64]string
	names   map[uint64]string // of groups that are wanted, or of which lines are, by their keys
	wanted  map[uint32]bool   // buckets of the lines
	weights map[uint32]*weight
}

// keyCount is a key and in how many documents it stands.
type keyCount struct {
	key       uint64
	documents int64
}

func (a keyCount) compare(b keyCount) int {
	return cmp.Or(cmp.Compare(b.documents, a.documents), cmp.Compare(a.key, b.key))
}

// weight is how many lines the documents of a group have.
type weight struct{ group, all, boilerplate int64 }

// count notes a key.
func (s *lineSearch) count(key uint64, documents int64) error {
	if lines.IsGroup(key) {
		s.groups[key] = documents
		return nil
	}
	if s.options.Groups || documents < 2 || s.options.Group != "" && lines.Bucket(key) != lines.Bucket(lines.GroupOf([]byte(s.options.Group)).Key()) {
		return nil
	}
	s.top = append(s.top, keyCount{key, documents})
	if len(s.top) >= 2*s.options.Top+64 {
		s.cut()
	}
	return nil
}

// cut keeps the best.
func (s *lineSearch) cut() {
	slices.SortFunc(s.top, keyCount.compare)
	s.top = s.top[:min(len(s.top), s.options.Top)]
}

// choose says what is shown: s.top are its keys.
func (s *lineSearch) choose() {
	if s.options.Groups {
		for key, n := range s.groups {
			if s.options.Group == "" || key == lines.GroupOf([]byte(s.options.Group)).Key() {
				s.top = append(s.top, keyCount{key, n})
			}
		}
	}
	s.cut()
	s.wanted, s.weights = map[uint32]bool{}, map[uint32]*weight{}
	for _, t := range s.top {
		bucket := lines.Bucket(t.key)
		s.wanted[bucket] = true
		if s.options.Groups {
			s.weights[bucket] = &weight{group: t.documents}
		}
	}
}

// weigh counts the lines of the groups that are shown.
func (s *lineSearch) weigh(key uint64, documents int64) error {
	if w := s.weights[lines.Bucket(key)]; w != nil && !lines.IsGroup(key) {
		w.all += documents
		if lines.Boilerplate(key, documents, w.group) {
			w.boilerplate += documents
		}
	}
	return nil
}

// findLines reads the documents of some versions until everything that is shown was found in one.
func (c *Corpus) findLines(ctx context.Context, versions []int, s *lineSearch) error {
	pieces, err := c.corpus.LivePieces(ctx, versions)
	if err != nil {
		return err
	}
	left := map[uint64]bool{}
	for _, t := range s.top {
		left[t.key] = true
	}
	var scan lines.Scanner
	var name []byte
	for i := range pieces {
		if len(left) == 0 {
			return nil
		}
		if pieces[i].Rows == 0 {
			continue
		}
		err := pieces[i].Read(ctx, c.store, c.corpus.Formats(), func(_ int64, text, meta []byte, source string) error {
			name = lines.AppendGroup(name[:0], meta, source)
			group := lines.GroupOf(name)
			if !s.wanted[lines.Bucket(group.Key())] {
				return nil
			}
			if left[group.Key()] {
				delete(left, group.Key())
				s.names[group.Key()] = string(name)
			}
			if !s.options.Groups {
				scan.Each(text, group, func(raw []byte, key uint64) {
					if left[key] {
						delete(left, key)
						s.texts[key], s.names[key], s.of[string(name)] = strings.TrimSpace(string(raw)), string(name), group.Key()
					}
				})
			}
			if len(left) == 0 {
				return pipeline.ErrEnough
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tell says what was found. Lines of a group that only looks like the one that was asked for are left out.
func (s *lineSearch) tell(out *Lines) {
	for _, t := range s.top {
		name, found := s.names[t.key]
		switch {
		case !found || s.options.Group != "" && name != s.options.Group:
		case s.options.Groups:
			w := s.weights[lines.Bucket(t.key)]
			out.Groups = append(out.Groups, LinesGroup{name, t.documents, share(w.boilerplate, w.all)})
		default:
			group := s.groups[s.of[name]]
			out.Lines = append(out.Lines, LineCount{t.documents, share(t.documents, group), name, lines.Boilerplate(t.key, t.documents, group), s.texts[t.key]})
		}
	}
}

// lineColumns is how much of a line is shown.
const lineColumns = 60

// WriteText writes the lines for people.
func (l *Lines) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	p.printf("lines of %s", pipeline.Counted(l.Documents, "document"))
	if len(l.NotCounted) > 0 {
		p.printf("; those of versions %s are not counted: millrace signals OUT --add lines", manifest.VersionRange(l.NotCounted))
	}
	p.printf("\n\n")
	if len(l.Groups) > 0 {
		rows := [][]string{{"documents", "boilerplate", "group"}}
		for _, g := range l.Groups {
			rows = append(rows, []string{pipeline.Thousands(g.Documents), fmt.Sprintf("%.1f %%", 100*g.Boilerplate), visible(g.Group)})
		}
		p.table("group", rows)
		return b.Flush()
	}
	rows := [][]string{{"documents", "share", "boilerplate", "group", "line"}}
	for _, line := range l.Lines {
		is := ""
		if line.Boilerplate {
			is = "yes"
		}
		rows = append(rows, []string{
			pipeline.Thousands(line.Documents), fmt.Sprintf("%.1f %%", 100*line.Share), is, visible(line.Group), Line(line.Line, lineColumns),
		})
	}
	p.table("boilerplate group line", rows)
	return b.Flush()
}
