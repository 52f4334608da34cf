package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/dataset"
)

// FileFate is what became of a file in a version.
type FileFate struct {
	Version     int    `json:"version"`
	Live        bool   `json:"live"` // the version's data are in the corpus
	Source      string `json:"source"`
	Path        string `json:"path"`
	Bytes       int64  `json:"bytes"`
	Format      string `json:"format"`
	Document    string `json:"document"`
	Compression string `json:"compression"`
	Status      string `json:"status"` // read, in_part or rejected
	Reason      string `json:"reason"` // why it was not read, or not to its end
	Unread      int64  `json:"unread"` // bytes

	// Documents = Kept + the Duplicates by kind + Filtered + Rejected by reason (invariant 7).
	Documents  int64            `json:"documents"`
	Kept       int64            `json:"kept"`
	Withdrawn  int64            `json:"withdrawn,omitempty"` // of Kept: not in the corpus any more
	Duplicates map[string]int64 `json:"duplicates"`
	Filtered   map[string]int64 `json:"filtered"`
	Rejected   map[string]int64 `json:"rejected"`
	Listed     int              `json:"listed"` // of its documents and rejects, in the order of their offsets
}

// file finds every fate of a file. Its documents lie together in the shards, which are in plan order: their statistics say
// in which row groups.
func (e *explainer) file(ctx context.Context, query string) error {
	files, err := e.fileRows(ctx, query)
	if err != nil || len(files) == 0 {
		return err
	}
	at := fileSet{documents: map[fileVersion]*fileDocuments{}, paths: map[string]bool{}}
	for _, r := range files {
		f := fileFate(r)
		at.documents[fileVersion{f.Version, f.Source, f.Path}] = &fileDocuments{fate: f}
		at.paths[f.Path] = true
	}
	if err := e.fileDuplicates(ctx, at); err != nil {
		return err
	}
	if err := e.fileRejects(ctx, at); err != nil {
		return err
	}
	if err := e.fileWithdrawn(ctx, at); err != nil {
		return err
	}
	if err := e.fileKept(ctx, at); err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, r := range files { // in the order of versions
		d := at.of(r)
		list := d.listed
		slices.SortStableFunc(list, func(a, b DocumentFate) int { return cmp.Compare(a.Offset, b.Offset) })
		list = list[:min(len(list), e.options.Documents)]
		d.fate.Listed = len(list)
		e.result.Files = append(e.result.Files, d.fate)
		e.result.Documents = append(e.result.Documents, list...)
	}
	for _, d := range e.result.Documents {
		if d.Duplicate != nil {
			ids[d.Duplicate.WinnerID] = true
		}
	}
	winners, err := e.locate(ctx, &e.versions, true, ids, e.textBytes())
	if err != nil {
		return err
	}
	e.setWinners(e.result.Documents, winners)
	return nil
}

// fileVersion is a file as a version read it.
type fileVersion struct {
	version      int
	source, path string
}

// fileDocuments collects the documents of a file in one version: the first of every fate and reason, which are in the order
// of their offsets where those of several reasons need not be, and the number of all.
type fileDocuments struct {
	fate   FileFate
	listed []DocumentFate
}

// fileSet is the files that are asked for.
type fileSet struct {
	documents map[fileVersion]*fileDocuments
	paths     map[string]bool // to tell at once that a row is of another file
}

// key says which of the files a row of a version is of.
func (s *fileSet) key(version int, source, path []byte) (k fileVersion, ok bool) {
	if !s.paths[string(path)] {
		return k, false
	}
	k = fileVersion{version, string(source), string(path)}
	return k, s.documents[k] != nil
}

func (s *fileSet) of(r row) *fileDocuments {
	return s.documents[fileVersion{r.version, r.text["source"], r.text["path"]}]
}

// fileRows finds the file in the file ledgers: by its whole path, or, where no file has that, by the end of one.
func (e *explainer) fileRows(ctx context.Context, query string) ([]row, error) {
	query = strings.TrimPrefix(query, "./")
	rows, err := e.namedFiles(ctx, query)
	if err != nil || len(rows) > 0 || query == "" {
		return rows, err
	}
	by := columnar.Selection{Text: []string{"source", "path"}}
	rows, err = e.lookUp(ctx, e.ledgers(corpus.FilesTable), by, fileColumns, func(_ int, f *columnar.Frame) func(int) bool {
		sources, paths := f.Text("source"), f.Text("path")
		return func(i int) bool {
			whole := string(sources.At(i)) + "/" + string(paths.At(i))
			return strings.HasSuffix(whole, "/"+query)
		}
	})
	names := map[string]bool{}
	for _, r := range rows {
		names[r.text["source"]+"/"+r.text["path"]] = true
	}
	if err == nil && len(names) > 1 {
		err = severalFiles(query, slices.Sorted(maps.Keys(names)))
	}
	return rows, err
}

// severalFiles is the error of an end that the paths of several files have.
func severalFiles(query string, names []string) error {
	const most = 10
	n, more := len(names), ""
	if n > most {
		names, more = names[:most], fmt.Sprintf(" and %d more", n-most)
	}
	for i := range names {
		names[i] = visible(names[i])
	}
	return pipeline.WithHint(fmt.Errorf("%w: %d files end in %s: %s%s", pipeline.ErrUsage, n, query, strings.Join(names, ", "), more), "name one of them whole")
}

// namedFiles finds files by their whole paths.
func (e *explainer) namedFiles(ctx context.Context, query string) ([]row, error) {
	by := columnar.Selection{Text: []string{"source", "path"}}
	return e.lookUp(ctx, e.ledgers(corpus.FilesTable), by, fileColumns, func(_ int, f *columnar.Frame) func(int) bool {
		sources, paths := f.Text("source"), f.Text("path")
		return func(i int) bool {
			rest, ok := strings.CutSuffix(query, string(paths.At(i)))
			if !ok || rest == "" {
				return ok
			}
			rest, ok = strings.CutSuffix(rest, string(sources.At(i))+"/")
			return ok && (rest == "" || strings.HasSuffix(rest, "/"))
		}
	})
}

func fileFate(r row) FileFate {
	f := FileFate{
		Version: r.version, Live: r.live, Source: r.text["source"], Path: r.text["path"], Bytes: r.number["bytes"],
		Format: r.text["format"], Document: r.text["document"], Compression: r.text["compression"], Status: r.text["status"],
		Reason: r.text["reason"], Unread: r.number["unread"],
		Duplicates: map[string]int64{}, Filtered: map[string]int64{}, Rejected: map[string]int64{},
	}
	f.Kept = r.number["documents"] // what went on to dedupe; the duplicates are taken off when they are counted
	f.Documents = r.number["documents"] + r.number["filtered"] + r.number["rejected"]
	return f
}

// fileDuplicates counts and lists the duplicates among the documents of the files.
func (e *explainer) fileDuplicates(ctx context.Context, at fileSet) error {
	tables := e.ledgers(corpus.DuplicatesTable)
	counts := make([]countsOf[fileVersion], len(tables)) // one a table: each is looked through by itself
	by := columnar.Selection{Text: []string{"source", "path", "kind"}}
	rows, err := e.lookUp(ctx, tables, by, duplicateColumns, func(n int, f *columnar.Frame) func(int) bool {
		sources, paths, kinds := f.Text("source"), f.Text("path"), f.Text("kind")
		return func(i int) bool {
			k, ok := at.key(tables[n].version, sources.At(i), paths.At(i))
			return ok && counts[n].add(k, string(kinds.At(i))) <= e.options.Documents
		}
	})
	if err != nil {
		return err
	}
	for _, c := range counts {
		for k, kinds := range c {
			at.documents[k].fate.Kept -= sumOf(kinds)
			at.documents[k].fate.Duplicates = kinds
		}
	}
	for _, r := range rows {
		d := at.of(r)
		d.listed = append(d.listed, duplicateFate(r))
	}
	return nil
}

// fileRejects counts and lists what was left out.
func (e *explainer) fileRejects(ctx context.Context, at fileSet) error {
	tables := e.ledgers(corpus.RejectsTable)
	rejected, filtered := make([]countsOf[fileVersion], len(tables)), make([]countsOf[fileVersion], len(tables))
	by := columnar.Selection{Text: []string{"source", "path", "scope", "verdict", "reason"}}
	rows, err := e.lookUp(ctx, tables, by, rejectColumns, func(n int, f *columnar.Frame) func(int) bool {
		sources, paths, scopes, verdicts, reasons := f.Text("source"), f.Text("path"), f.Text("scope"), f.Text("verdict"), f.Text("reason")
		return func(i int) bool {
			k, ok := at.key(tables[n].version, sources.At(i), paths.At(i))
			switch {
			case !ok:
				return false
			case string(scopes.At(i)) == corpus.ScopeFile:
				return true // of which there are few; the file's own row has the bytes
			case string(verdicts.At(i)) == corpus.VerdictFiltered:
				return filtered[n].add(k, string(reasons.At(i))) <= e.options.Documents
			}
			return rejected[n].add(k, string(reasons.At(i))) <= e.options.Documents
		}
	})
	if err != nil {
		return err
	}
	for n := range tables {
		for k, reasons := range rejected[n] {
			at.documents[k].fate.Rejected = reasons
		}
		for k, reasons := range filtered[n] {
			at.documents[k].fate.Filtered = reasons
		}
	}
	for _, r := range rows {
		d := at.of(r)
		d.listed = append(d.listed, rejectFate(r))
	}
	return nil
}

// fileKept lists the kept documents of the files, also those of versions that were dropped, as far as they are still there.
func (e *explainer) fileKept(ctx context.Context, at fileSet) error {
	live := e.shardsOf(true)
	shards := slices.Concat(live, e.shardsOf(false))
	found := make([][]Location, len(shards))
	err := inParallel(ctx, shards, func(ctx context.Context, n int, shard dataset.File) error {
		var counts countsOf[fileVersion]
		want := func(g *columnar.RowGroup) bool {
			for k := range at.documents {
				if g.MayHold("path", k.path) && g.MayHold("source", k.source) {
					return true
				}
			}
			return false
		}
		columns := columnar.Selection{Text: []string{"source", "path"}, Int: []string{"version"}}
		err := e.format(shard).ReadTable(ctx, e.store, shard.Path, columns, want, func(f *columnar.Frame) error {
			sources, paths := f.Text("source"), f.Text("path")
			for i, version := range f.Int("version") {
				k, ok := at.key(int(version), sources.At(i), paths.At(i))
				if ok && counts.add(k, FateKept) <= e.options.Documents {
					found[n] = append(found[n], Location{shard, f.First() + int64(i)})
				}
			}
			return nil
		})
		if n >= len(live) && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	documents, err := e.documents(ctx, slices.Concat(found...), e.textBytes())
	if err != nil {
		return err
	}
	for i := range documents {
		d := &documents[i]
		f := at.documents[fileVersion{d.Version, d.Source, d.Path}]
		f.listed = append(f.listed, e.keptFate(d, e.live(d.Version)))
	}
	return nil
}

// countsOf counts by file, or whatever else, and word.
type countsOf[K comparable] map[K]map[string]int64

// add counts one more and returns how many there are of the word by now.
func (c *countsOf[K]) add(k K, word string) int {
	if *c == nil {
		*c = countsOf[K]{}
	}
	words := (*c)[k]
	if words == nil {
		words = map[string]int64{}
		(*c)[k] = words
	}
	words[word]++
	return int(words[word])
}
