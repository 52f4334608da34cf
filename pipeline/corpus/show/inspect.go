package show

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// InspectOptions say how much of each kind Inspect shows; 0 leaves it out.
type InspectOptions struct {
	Documents int // sample documents
	Tokens    int // of the head of the vocabulary
	Groups    int // of duplicates, largest first
	Examples  int // rejects of each reason
	// Line says in which line of a file an offset lies, 0 if it has none, from what lies in its source now. nil: no lines.
	Line func(ctx context.Context, file SourceFile, offset int64) (int64, error)
}

// Inspection is a look at a corpus, for people (WriteText) and as JSON.
type Inspection struct {
	Versions  []VersionSummary  `json:"versions"` // all, oldest first
	Totals    manifest.Totals   `json:"totals"`   // of the live versions
	Counters  columnar.Counters `json:"counters"`
	Tokens    []Token           `json:"tokens"`
	Documents []Document        `json:"documents"`
	Groups    []Group           `json:"groups"`
	Rejects   []RejectGroup     `json:"rejects"`
}

// VersionSummary is a version in short.
type VersionSummary struct {
	Version int              `json:"version"`
	Live    bool             `json:"live"`
	Digest  string           `json:"digest"`
	Totals  manifest.Totals  `json:"totals"`
	Shards  int              `json:"shards"`
	Bytes   int64            `json:"bytes"` // of all its files
	Run     manifest.RunInfo `json:"run"`
}

// Token is a row of the vocabulary.
type Token struct {
	ID        int32  `json:"id"`
	Token     string `json:"token"`
	Type      string `json:"type"`
	Count     int64  `json:"count"`
	Documents int64  `json:"documents"`
	NewCount  int64  `json:"new_count"`
}

// Document is a kept document, its text cut to a bounded excerpt.
type Document struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Shard   string `json:"shard"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
	Chars   int64  `json:"chars"`
	Text    string `json:"text"`

	row   int64 // in the shard
	bytes int64 // of the whole text
}

// RejectGroup is what was left out for one reason.
type RejectGroup struct {
	Scope    string          `json:"scope"`   // document or file
	Verdict  string          `json:"verdict"` // rejected or filtered
	Reason   string          `json:"reason"`
	Count    int64           `json:"count"`
	Examples []RejectExample `json:"examples"`
}

// RejectExample is one reject.
type RejectExample struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	Detail string `json:"detail"`
	Line   int64  `json:"line,omitempty"`    // of the file, if it was asked for and there are lines
	NoLine string `json:"no_line,omitempty"` // why it could not be told

	version int
}

// Inspect reads as much of a corpus as it takes to show it. The same corpus gives the same result. It reads the ids of all
// documents if groups are asked for, and the text of a few shards.
func (c *Corpus) Inspect(ctx context.Context, opts InspectOptions) (*Inspection, error) {
	list, err := c.corpus.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	in := &Inspection{
		Versions: []VersionSummary{}, Counters: columnar.Counters{}, Tokens: []Token{}, Documents: []Document{}, Groups: []Group{},
		Rejects: []RejectGroup{},
	}
	for _, m := range list {
		s := VersionSummary{Version: m.Version, Live: v.Made[m.Version] != nil, Digest: m.Digest, Totals: m.Totals, Shards: m.ShardCount(), Run: m.Run}
		s.Bytes, _ = dataset.Sum(m.Files)
		in.Versions = append(in.Versions, s)
	}
	in.Totals = v.Totals()
	for _, m := range v.Live {
		in.Counters.Merge(m.Counters)
	}
	if in.Tokens, err = c.tokens(ctx, &v, opts.Tokens); err != nil {
		return nil, err
	}
	if in.Documents, err = c.samples(ctx, v.Shards(), opts.Documents); err != nil {
		return nil, err
	}
	if in.Groups, err = c.groups(ctx, &v, opts.Groups); err != nil {
		return nil, err
	}
	if in.Rejects, err = c.rejects(ctx, &v, opts.Examples); err != nil {
		return nil, err
	}
	if opts.Line == nil {
		return in, nil
	}
	return in, c.lines(ctx, in.Rejects, opts.Line)
}

// tokens reads the head of the newest vocabulary.
func (c *Corpus) tokens(ctx context.Context, v *manifest.View, n int) (list []Token, err error) {
	list = []Token{}
	f, ok := v.Find(pipeline.VocabFolder, corpus.CharsTable)
	if n <= 0 || !ok {
		return list, nil
	}
	columns := columnar.Selection{Text: []string{"token", "type"}, Int: []string{"id", "count", "documents", "new_count"}}
	err = pipeline.ReadTable(ctx, c.store, f.Path, columns, func(t *columnar.Frame) error {
		for i, id := range t.Int("id") {
			if len(list) == n {
				return pipeline.ErrEnough
			}
			list = append(list, Token{
				ID: int32(id), Token: string(t.Text("token").At(i)), Type: string(t.Text("type").At(i)), Count: t.Int("count")[i],
				Documents: t.Int("documents")[i], NewCount: t.Int("new_count")[i],
			})
		}
		return nil
	})
	return list, err
}

// rejects counts what was left out by reason and finds the first examples of each, in the newest version that has one.
func (c *Corpus) rejects(ctx context.Context, v *manifest.View, examples int) (list []RejectGroup, err error) {
	live := v.Live
	list = []RejectGroup{}
	sum := manifest.NewReasons()
	for _, m := range live {
		sum.AddVersion(m)
	}
	at := map[string]int{}
	add := func(scope, verdict string, counts map[string]int64) {
		for _, reason := range slices.Sorted(maps.Keys(counts)) {
			at[scope+verdict+reason] = len(list)
			list = append(list, RejectGroup{Scope: scope, Verdict: verdict, Reason: reason, Count: counts[reason], Examples: []RejectExample{}})
		}
	}
	add(corpus.ScopeFile, corpus.VerdictRejected, sum.Files)
	add(corpus.ScopeDocument, corpus.VerdictRejected, sum.Rejected)
	add(corpus.ScopeDocument, corpus.VerdictFiltered, sum.Filtered)

	missing := int64(0)
	for _, g := range list {
		missing += min(g.Count, int64(examples))
	}
	readAgain, err := c.readAgain(ctx, live)
	if err != nil {
		return nil, err
	}
	for i := len(live) - 1; i >= 0 && missing > 0; i-- {
		err := pipeline.ReadTable(ctx, c.store, corpus.Rejects(v, live[i]), rejectColumns, func(t *columnar.Frame) error {
			for row, offset := range t.Int("offset") {
				text := func(column string) string { return string(t.Text(column).At(row)) }
				if key, _ := corpus.FileKey(nil, text("source"), text("path")); readAgain[key] > live[i].Version {
					continue
				}
				g, ok := at[text("scope")+text("verdict")+text("reason")]
				if !ok {
					return fmt.Errorf("reason %q is not in the manifest", text("reason"))
				}
				if len(list[g].Examples) >= examples {
					continue
				}
				list[g].Examples = append(list[g].Examples, RejectExample{
					Source: text("source"), Path: text("path"), Detail: text("detail"), Offset: offset, Bytes: t.Int("bytes")[row],
					version: live[i].Version,
				})
				if missing--; missing == 0 {
					return pipeline.ErrEnough
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// lines finds the lines that the documents among the examples begin in.
func (c *Corpus) lines(ctx context.Context, groups []RejectGroup, line func(context.Context, SourceFile, int64) (int64, error)) error {
	h, err := c.versions(ctx)
	if err != nil {
		return err
	}
	e := &explainer{Corpus: c, versions: h}
	for _, g := range groups {
		if g.Scope != corpus.ScopeDocument {
			continue
		}
		for i := range g.Examples {
			x := &g.Examples[i]
			file, err := e.sourceFile(ctx, x.version, x.Source, x.Path)
			if err != nil {
				return err
			}
			if x.Line, err = line(ctx, file, x.Offset); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				x.NoLine = err.Error()
			}
		}
	}
	return nil
}

// readAgain says of files which of the live versions read them last, as far as rejects hang on it: nil if no version took files again.
func (c *Corpus) readAgain(ctx context.Context, live []*manifest.Manifest) (last map[[16]byte]int, err error) {
	for _, m := range live {
		if m.Retried == nil {
			continue
		}
		if last == nil {
			last = map[[16]byte]int{}
		}
		if err := c.corpus.EachFile(ctx, m.Version, func(key [16]byte, _ corpus.FileRow) { last[key] = m.Version }); err != nil {
			return nil, err
		}
	}
	return last, nil
}
