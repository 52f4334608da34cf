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
	"github.com/millrace/millrace/pipeline/ingest"
)

// document finds every fate of an id. The ledgers come first: they say which winners are to be found with it.
func (e *explainer) document(ctx context.Context, id string) error {
	losers, rows, err := e.duplicates(ctx, id)
	if err != nil {
		return err
	}
	ids, list := map[string]bool{id: true}, []DocumentFate{}
	for _, r := range rows {
		ids[r.text["winner_id"]] = true
		list = append(list, duplicateFate(r))
	}
	ofID := func(_ int, f *columnar.Frame) func(int) bool {
		column := f.Text("id")
		return func(i int) bool { return string(column.At(i)) == id }
	}
	if rows, err = e.lookUp(ctx, e.ledgers(corpus.RejectsTable), columnar.Selection{Text: []string{"id"}}, rejectColumns, ofID); err != nil {
		return err
	}
	for _, r := range rows {
		list = append(list, rejectFate(r))
	}
	gone, err := e.withdrawn(ctx, columnar.Selection{Text: []string{"id"}}, ofID)
	if err != nil {
		return err
	}
	list = append(list, gone...)
	kept, err := e.locate(ctx, &e.versions, true, ids, e.textBytes())
	if err != nil {
		return err
	}
	e.setWinners(list, kept)
	for i := range kept {
		if kept[i].ID == id {
			list = append(list, e.keptFate(&kept[i], true))
		}
	}
	// Versions that were dropped may still have it.
	if kept, err = e.locate(ctx, &e.versions, false, map[string]bool{id: true}, e.textBytes()); err != nil {
		return err
	}
	for i := range kept {
		list = append(list, e.keptFate(&kept[i], false))
	}
	for i := range list {
		if list[i].Fate != FateKept {
			continue
		}
		if list[i].Losers = losers[list[i].Version]; list[i].Losers == nil {
			list[i].Losers = newLosers()
		}
	}
	slices.SortStableFunc(list, func(a, b DocumentFate) int { return cmp.Compare(a.Version, b.Version) })
	e.result.Documents = list
	return nil
}

func newLosers() *Losers { return &Losers{Kinds: map[string]int64{}, First: []Loser{}} }

// duplicates finds what lost to an id, by the version that kept it, and what the id itself lost to: a row for each version.
// A changed file has its earlier ids, so a document may have lost to another one of the same id. What versions that were
// dropped say counts for what they kept themselves, and for nothing that is live.
func (e *explainer) duplicates(ctx context.Context, id string) (losers map[int]*Losers, fates []row, err error) {
	tables := e.ledgers(corpus.DuplicatesTable)
	kinds := make([]countsOf[int], len(tables)) // of losers by the version of the winner, one a table: each is looked through by itself
	by := columnar.Selection{Text: []string{"id", "winner_id", "kind"}, Int: []string{"winner_version"}}
	rows, err := e.lookUp(ctx, tables, by, duplicateColumns, func(n int, f *columnar.Frame) func(int) bool {
		ids, winners, versions, kind := f.Text("id"), f.Text("winner_id"), f.Int("winner_version"), f.Text("kind")
		return func(i int) bool {
			lost, winner := string(ids.At(i)) == id, int(versions[i])
			if string(winners.At(i)) != id || !e.counts(tables[n], winner) {
				return lost
			}
			kinds[n].add(winner, string(kind.At(i)))
			return lost || sumOf(kinds[n][winner]) <= int64(e.options.Documents)
		}
	})
	losers = map[int]*Losers{}
	for _, winners := range kinds {
		for version, counts := range winners {
			if losers[version] == nil {
				losers[version] = newLosers()
			}
			for kind, n := range counts {
				losers[version].Kinds[kind] += n
				losers[version].Count += n
			}
		}
	}
	listed := map[[2]int]int{} // by the versions of winner and loser
	for _, r := range rows {
		if r.text["id"] == id {
			fates = append(fates, r)
		}
		winner := int(r.number["winner_version"])
		if r.text["winner_id"] != id || !e.counts(r.ledger, winner) || listed[[2]int{winner, r.version}] == e.options.Documents {
			continue
		}
		listed[[2]int{winner, r.version}]++
		losers[winner].First = append(losers[winner].First, Loser{
			ID: r.text["id"], Version: r.version, Kind: r.text["kind"], Score: int(r.number["score"]), Source: r.text["source"],
			Path: r.text["path"], Offset: r.number["offset"],
		})
	}
	return losers, fates, err
}

// counts says whether what a ledger says is to be counted for a winner of a version.
func (e *explainer) counts(l ledger, winner int) bool { return l.live || !e.live(winner) }

// textBytes is how much of a kept text is read with its row.
func (e *explainer) textBytes() int {
	if e.options.Texts {
		return showBytes
	}
	return 0
}

// idsOf finds the ids that begin so, in the shards and ledgers of all versions, in order and each once.
func (e *explainer) idsOf(ctx context.Context, beginning string) ([]string, error) {
	ids := map[string]bool{}
	byID := columnar.Selection{Text: []string{"id"}}
	begins := func(_ int, f *columnar.Frame) func(int) bool {
		column := f.Text("id")
		return func(i int) bool { return strings.HasPrefix(string(column.At(i)), beginning) }
	}
	for _, table := range []string{corpus.DuplicatesTable, corpus.RejectsTable} {
		rows, err := e.lookUp(ctx, e.ledgers(table), byID, byID, begins)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			ids[r.text["id"]] = true
		}
	}
	for _, live := range []bool{true, false} {
		shards := e.shardsOf(live)
		found := make([][]string, len(shards))
		err := inParallel(ctx, shards, func(ctx context.Context, n int, shard dataset.File) error {
			err := e.format(shard).ReadTable(ctx, e.store, shard.Path, byID, nil, func(f *columnar.Frame) error {
				matches := begins(0, f)
				for i := range f.Rows() {
					if matches(i) {
						found[n] = append(found[n], string(f.Text("id").At(i)))
					}
				}
				return nil
			})
			if !live && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Concat(found...) {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids)), nil
}

func duplicateFate(r row) DocumentFate {
	return DocumentFate{
		ID: r.text["id"], Version: r.version, Live: r.live, Fate: FateDuplicate, Source: r.text["source"], Path: r.text["path"],
		Offset: r.number["offset"], Duplicate: &DuplicateOf{
			Kind: r.text["kind"], Score: int(r.number["score"]), WinnerID: r.text["winner_id"], WinnerVersion: int(r.number["winner_version"]),
			Resemblance: resemblance(int(r.number["score"])),
		},
	}
}

func rejectFate(r row) DocumentFate {
	f := DocumentFate{
		ID: r.text["id"], Version: r.version, Live: r.live, Fate: FateRejected, Source: r.text["source"], Path: r.text["path"],
		Offset: r.number["offset"], Reject: &RejectDetail{Reason: r.text["reason"], Bytes: r.number["bytes"], Detail: r.text["detail"]},
	}
	if r.text["verdict"] == corpus.VerdictFiltered {
		f.Fate = FateFiltered
	}
	return f
}

func (e *explainer) keptFate(d *Document, live bool) DocumentFate {
	f := DocumentFate{
		ID: d.ID, Version: d.Version, Live: live, Fate: FateKept, Source: d.Source, Path: d.Path, Offset: d.Offset,
		Place: &Place{Shard: d.Shard, Row: d.row, Chars: d.Chars},
	}
	if e.options.Texts {
		f.Text = &Text{Text: d.Text, Bytes: d.bytes}
	}
	return f
}

// setWinners gives the duplicates their winners, as far as these were found, and the rule by which these stay.
func (e *explainer) setWinners(list []DocumentFate, kept []Document) {
	for i := range list {
		d := list[i].Duplicate
		if d == nil {
			continue
		}
		d.Rule = e.rule(list[i].Version, d.WinnerVersion)
		for k := range kept {
			if kept[k].ID == d.WinnerID && kept[k].Version == d.WinnerVersion {
				winner := e.keptFate(&kept[k], true)
				d.Winner = &winner
			}
		}
	}
}

// texts gives the duplicates their texts, which no version holds: of an exact duplicate it is that of its winner, of any
// other one it has to be read again.
func (e *explainer) texts(ctx context.Context) error {
	for i := range e.result.Documents {
		f := &e.result.Documents[i]
		if f.Fate != FateDuplicate {
			continue
		}
		if d := f.Duplicate; d.Kind == ingest.KindName(ingest.KindExact) && d.Winner != nil {
			text := *d.Winner.Text
			f.Text = &text
			continue
		}
		if e.options.Reread == nil {
			f.Text = &Text{Why: "a corpus does not hold the texts of duplicates, and its source is not named"}
			continue
		}
		file, err := e.sourceFile(ctx, f.Version, f.Source, f.Path)
		if err != nil {
			return err
		}
		text, err := e.options.Reread(ctx, file, f.Offset)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			f.Text = &Text{Why: err.Error()}
			continue
		}
		f.Text = &Text{Text: pipeline.Excerpt(text, showBytes), Bytes: int64(len(text))}
		if w := f.Duplicate.Winner; w != nil && w.Text != nil {
			f.Duplicate.Differences, f.Duplicate.MoreDifferences = differences(f.Text.Text, w.Text.Text)
		}
	}
	return nil
}

// sourceFile reads from the ledger of a version what it says of a file.
func (e *explainer) sourceFile(ctx context.Context, version int, source, path string) (s SourceFile, err error) {
	s = SourceFile{Version: version, Source: source, Path: path}
	find := func(base string, columns columnar.Selection) (row, error) {
		tables := slices.DeleteFunc(e.ledgers(base), func(l ledger) bool { return l.version != version })
		by := columnar.Selection{Text: []string{"source", "path"}}
		rows, err := e.lookUp(ctx, tables, by, columns, func(_ int, f *columnar.Frame) func(int) bool {
			sources, paths := f.Text("source"), f.Text("path")
			return func(i int) bool { return string(paths.At(i)) == path && string(sources.At(i)) == source }
		})
		if err == nil && len(rows) == 0 {
			err = fmt.Errorf("%s/%s is not in %s", source, path, corpus.TableName(version, base))
		}
		if err != nil {
			return row{}, err
		}
		return rows[0], nil
	}
	file, err := find(corpus.FilesTable, fileColumns)
	if err != nil {
		return s, err
	}
	s.Bytes, s.Format, s.Document, s.Compression = file.number["bytes"], file.text["format"], file.text["document"], file.text["compression"]
	times, err := find(corpus.TimesTable, timeColumns)
	s.ModTime = times.number["mod_time"]
	return s, err
}
