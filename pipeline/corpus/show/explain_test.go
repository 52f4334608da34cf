package show

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// fixtureID is the id of a record of the fixture.
func fixtureID(path string, offset int) string {
	id, _ := ingest.DocumentID(nil, "新闻", path, int64(offset))
	return hex.EncodeToString(id[:])
}

// reads is what the sources hold of the fixture's duplicates.
func reads(_ context.Context, f SourceFile, offset int64) (string, error) {
	if f.Path == "e/long.jsonl" {
		return "", errors.New("it has changed since")
	}
	return fmt.Sprintf("%s, %s a %s of %d bytes at %d, of time %d", f.Path, f.Format, f.Document, f.Bytes, offset, f.ModTime), nil
}

func explain(t *testing.T, c *corpus.Corpus, query string, o ExplainOptions) *Explanation {
	t.Helper()
	e, err := Of(c).Explain(t.Context(), query, o)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return e
}

// Every fate, of a document by its id and of files by their paths: as text on a terminal and off it, and as JSON.
func TestExplain(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	first := len("荆楚大地涌动『温暖』潮，各界群众踊跃捐款捐物。\n第二段：1994年的冬天。") + 1
	second := first + len("第二篇文章说的是别的事情") + 1
	empty := second + first
	noted := len("{not json") + 1
	long := len(corpustest.FirstNight()[6].Docs[0].Text) + 1
	var text, data bytes.Buffer
	for _, test := range []struct {
		query   string
		columns int
		options ExplainOptions
		fate    string
	}{
		{fixtureID("a/day1.jsonl", 0), 0, ExplainOptions{Documents: 2}, FateKept},
		{fixtureID("a/day1.jsonl", second), 0, ExplainOptions{Texts: true}, FateDuplicate},
		{fixtureID("a/day2.jsonl", noted), 80, ExplainOptions{Texts: true, Reread: reads}, FateDuplicate},
		{fixtureID("e/long.jsonl", long), 80, ExplainOptions{Texts: true, Reread: reads}, FateDuplicate},
		{strings.ToUpper(fixtureID("f/day3.jsonl", 0)), 0, ExplainOptions{Texts: true}, FateDuplicate},
		{fixtureID("a/day1.jsonl", empty), 0, ExplainOptions{Texts: true}, FateFiltered},
		{fixtureID("a/day2.jsonl", 0), 0, ExplainOptions{}, FateRejected},
		{"新闻/a/day1.jsonl", 0, ExplainOptions{Documents: 3}, FateKept},
		{"/data/新闻/b/half.jsonl.gz", 0, ExplainOptions{Documents: 3}, FateKept},
		{"d/dead.jsonl", 0, ExplainOptions{Documents: 3}, FateRejected},
		{"./f/day3.jsonl", 50, ExplainOptions{Documents: 3, Texts: true}, FateDuplicate},
	} {
		e := explain(t, c, test.query, test.options)
		if len(e.Documents) == 0 || e.Documents[0].Fate != test.fate {
			t.Errorf("%s: want it %s: %+v", test.query, test.fate, e.Documents)
		}
		fmt.Fprintf(&text, "== %s, %d columns\n", test.query, test.columns)
		if err := e.WriteText(&text, test.columns); err != nil {
			t.Fatal(err)
		}
		enc := json.NewEncoder(&data)
		enc.SetIndent("", "  ")
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	corpustest.Golden(t, "explain.txt", corpustest.WithoutDigests(t, c, text.Bytes()))
	corpustest.Golden(t, "explain.json", corpustest.WithoutDigests(t, c, data.Bytes()))
}

func TestExplainSaysWhatWasSearched(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	for query, want := range map[string]string{
		strings.Repeat("0", 32): "no such document or file among the 5 kept documents, 4 duplicates, 6 rejects and 8 files of versions 1, 2",
		"新闻/a/day1":             "no such file among the 8 files of versions 1, 2",
		"ay1.jsonl":             "no such file",
		"x新闻/a/day1.jsonl":      "no such file",
		"":                      "no such file",
	} {
		_, err := Of(c).Explain(t.Context(), query, ExplainOptions{})
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", query, err)
		}
	}
	_, err := Of(corpus.Open(corpustest.NewStore(t), corpustest.Tables)).Explain(t.Context(), "x", ExplainOptions{})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty corpus: %v", err)
	}
	arrow := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{Formats: corpustest.ArrowAlone})
	arrow.MustCommit(t)
	_, err = Of(arrow.Corpus).Explain(t.Context(), strings.Repeat("0", 32), ExplainOptions{})
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "not what version 1 keeps, which has Arrow shards only") {
		t.Errorf("Arrow shards: %v", err)
	}
}

// What a dropped version kept is still told, until its files are freed; then it is unknown, and no error.
func TestExplainDropped(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	corpustest.Drop(t, c)
	kept := fixtureID("f/day3.jsonl", len("荆楚大地涌动『温暖』潮")+1)
	e := explain(t, c, kept, ExplainOptions{Texts: true})
	if d := e.Documents[0]; d.Fate != FateKept || d.Live || d.Version != 2 || !strings.HasPrefix(d.Text.Text, "今天的新闻") {
		t.Errorf("kept by a dropped version: %+v", d)
	}
	e = explain(t, c, "f/day3.jsonl", ExplainOptions{Documents: 5})
	if f := e.Files[0]; f.Live || f.Documents != 2 || f.Kept != 1 || f.Listed != 2 || e.Documents[0].Duplicate.Winner == nil {
		t.Fatalf("file of a dropped version: %+v", e)
	}
	if d := e.Documents[1]; d.ID != kept || d.Fate != FateKept || d.Live {
		t.Errorf("kept of a file of a dropped version: %+v", d)
	}
	if e := explain(t, c, fixtureID("a/day1.jsonl", 0), ExplainOptions{Documents: 9}); e.Documents[0].Losers.Count != 2 {
		t.Errorf("what lost to a live document in a dropped version: %+v", e.Documents[0].Losers)
	}
	corpustest.MakeRun(t, local, corpustest.SecondNight(), corpustest.Sabotage{}).MustCommit(t)
	e = explain(t, c, kept, ExplainOptions{Texts: true})
	if d := e.Documents; len(d) != 2 || d[0].Version != 2 || d[0].Live || d[1].Version != 4 || !d[1].Live {
		t.Errorf("kept by a dropped version and a live one: %+v", d)
	}
	corpustest.Drop(t, c)
	for _, folder := range append(c.Folders(), "retired/data") {
		infos, err := local.List(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range infos {
			if !strings.HasPrefix(info.Name, folder+"/000002") && !strings.HasPrefix(info.Name, folder+"/000004") {
				continue
			}
			if err := local.Remove(t.Context(), info.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, query := range []string{kept, "f/day3.jsonl"} {
		if _, err := Of(c).Explain(t.Context(), query, ExplainOptions{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("freed: %v", err)
		}
	}
	explain(t, c, fixtureID("a/day1.jsonl", 0), ExplainOptions{Documents: 1})
}

// The documents of a file that changed have their earlier ids: each has its own losers, and may be one of them.
func TestExplainLosersOfChanged(t *testing.T) {
	local := corpustest.NewStore(t)
	for _, night := range [][]corpustest.File{
		{{Path: "a.jsonl", Docs: []corpustest.Doc{{Text: "起初的文字"}, {Text: "起初的文字", Of: &[2]int{0, 0}, Kind: ingest.KindExact, Score: 256}}}},
		{{Path: "a.jsonl", Docs: []corpustest.Doc{
			{Text: "后来的文字"},
			{Text: "后来的文字!", Of: &[2]int{0, 0}, Kind: ingest.KindNear, Score: 201},
			{Text: "后来的文字?", Of: &[2]int{0, 0}, Kind: ingest.KindNear, Score: 202},
		}}},
		{{Path: "a.jsonl", Docs: []corpustest.Doc{
			{Text: "后来的字", OfID: [16]byte{1}, OfVersion: 2, Kind: ingest.KindNear, Score: 203},
			{Text: "起初的字", OfID: [16]byte{1}, OfVersion: 1, Kind: ingest.KindNear, Score: 204},
		}}},
	} {
		for i := range night[0].Docs {
			if d := &night[0].Docs[i]; d.OfVersion > 0 {
				d.OfID, _ = ingest.DocumentID(nil, "新闻", "a.jsonl", 0)
			}
		}
		corpustest.MakeRun(t, local, night, corpustest.Sabotage{}).MustCommit(t)
	}
	var got []string
	for _, d := range explain(t, corpus.Open(local, corpustest.Tables), fixtureID("a.jsonl", 0), ExplainOptions{Documents: 1}).Documents {
		line := []string{fmt.Sprint(d.Version, " ", d.Fate)}
		if d.Losers != nil {
			line = append(line, fmt.Sprint(d.Losers.Count, " ", d.Losers.Kinds))
			for _, l := range d.Losers.First {
				line = append(line, fmt.Sprint(l.Version, ":", l.Score))
			}
		}
		got = append(got, strings.Join(line, " "))
	}
	want := []string{"1 kept 2 map[exact:1 near:1] 1:256 3:204", "2 kept 3 map[near:3] 2:201 3:203", "3 duplicate"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Of the rejects of a file the first ones are listed, whatever their reasons.
func TestExplainListsRejectsInOrder(t *testing.T) {
	local := corpustest.NewStore(t)
	r := corpustest.MakeRun(t, local, []corpustest.File{{Path: "a.jsonl", Docs: []corpustest.Doc{
		{Text: "短", Filtered: "min_chars"}, {Filtered: ingest.ReasonEmpty}, {Filtered: ingest.ReasonEmpty}, {Text: "留下的文字"},
	}}}, corpustest.Sabotage{})
	// What one stage leaves out stands before what a later one does.
	account, err := pipeline.ReadAll(t.Context(), r.Work, ingest.AccountName(0))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(account), "\n")
	lines[0], lines[1], lines[2] = lines[1], lines[2], lines[0]
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), r.Work, ingest.AccountName(0), []byte(strings.Join(lines, ""))))
	r.MustCommit(t)
	e := explain(t, corpus.Open(local, corpustest.Tables), "a.jsonl", ExplainOptions{Documents: 1})
	if len(e.Documents) != 1 || e.Documents[0].Offset != 0 {
		t.Errorf("listed: %+v", e.Documents)
	}
}

// A live version without its files is damage, not "not found".
func TestExplainDamaged(t *testing.T) {
	for _, name := range []string{corpus.TableName(2, corpus.DuplicatesTable), corpus.TableName(1, corpus.RejectsTable), corpus.TableName(1, corpus.FilesTable)} {
		local, c := corpustest.TwoNights(t)
		if err := local.Remove(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if _, err := Of(c).Explain(t.Context(), "nothing", ExplainOptions{}); name == corpus.TableName(1, corpus.FilesTable) && (err == nil || errors.Is(err, ErrNotFound)) {
			t.Errorf("without %s: %v", name, err)
		}
		if _, err := Of(c).Explain(t.Context(), strings.Repeat("0", 32), ExplainOptions{}); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// The beginning of an id and the end of a path name what they alone stand for; of several all are listed.
func TestExplainByABeginningOrAnEnd(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	explain := func(query string) (*Explanation, error) {
		return Of(c).Explain(t.Context(), query, ExplainOptions{Documents: 9})
	}
	whole, err := explain("新闻/a/day1.jsonl")
	if err != nil || len(whole.Documents) == 0 {
		t.Fatalf("%+v, %v", whole, err)
	}
	byName, err := explain("day1.jsonl")
	if err != nil || len(byName.Files) != len(whole.Files) || byName.Files[0].Path != whole.Files[0].Path {
		t.Errorf("%+v, %v", byName, err)
	}
	for _, d := range whole.Documents {
		if d.ID == "" {
			continue
		}
		byID, err := explain(d.ID)
		if err != nil {
			t.Fatal(err)
		}
		short, err := explain(strings.ToUpper(d.ID[:LeastDigits]))
		if err != nil || len(short.Documents) != len(byID.Documents) || short.Documents[0].ID != d.ID {
			t.Errorf("%s, %s: %+v, %v", d.ID, d.Fate, short, err)
		}
	}
	_, err = explain("jsonl")
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("a part of a name: %v", err)
	}
	if _, err = explain("000000"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "no such document or file") {
		t.Errorf("a beginning that no id has: %v", err)
	}
	several := severalFiles("a.txt", []string{"n/1/a.txt", "n/2/a.txt"})
	if !errors.Is(several, pipeline.ErrUsage) || !strings.Contains(several.Error(), "2 files end in a.txt: n/1/a.txt, n/2/a.txt") {
		t.Error(several)
	}
	if err := ambiguous("00", slices.Repeat([]string{"x"}, 12)); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "and 2 more") {
		t.Error(err)
	}
}
