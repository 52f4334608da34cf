package corpus_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Documents may be in any one format or in several: the corpus is sound, its card says how it is read, and what can be shown is
// shown, by what the formats say of themselves.
func TestFormats(t *testing.T) {
	pipelinetest.Long(t)
	parquet, arrow, lines, pages := pipeline.ParquetTable, pipeline.ArrowTable, corpustest.Lines, corpustest.Pages
	for name, test := range map[string]struct {
		formats pipeline.TableFormats
		read    bool   // the documents can be shown
		loads   string // the folder that the card names for loaders, "" for none
		note    string // in the card
	}{
		"parquet":             {pipeline.TableFormats{parquet}, true, "data", "load_dataset("},
		"arrow":               {pipeline.TableFormats{arrow}, false, "", "pyarrow.ipc"},
		"lines":               {pipeline.TableFormats{lines}, false, "jsonlines", "load_dataset("},
		"pages":               {pipeline.TableFormats{pages}, true, "", "The documents are pages."},
		"lines and parquet":   {pipeline.TableFormats{lines, parquet}, true, "data", "load_dataset("},
		"lines and arrow":     {pipeline.TableFormats{lines, arrow}, false, "jsonlines", "load_dataset("},
		"pages, arrow, lines": {pipeline.TableFormats{pages, arrow, lines}, true, "jsonlines", "load_dataset("},
		"all of them":         {corpustest.Tables, true, "data", "load_dataset("},
	} {
		t.Run(name, func(t *testing.T) {
			local := corpustest.NewStore(t)
			s := corpustest.Sabotage{Formats: test.formats}
			corpustest.MakeRun(t, local, corpustest.FirstNight(), s).MustCommit(t)
			r := corpustest.MakeRun(t, local, corpustest.SecondNight(), s)
			m := r.MustCommit(t)
			c := r.Corpus
			corpustest.Verified(t, c)
			if got := m.Formats().Names(); len(got) != len(test.formats) || m.ShardCount() != 1 || m.Unreadable() == test.read {
				t.Errorf("formats %v, %d shards, %d of them read", got, m.ShardCount(), len(m.Shards()))
			}
			checkCard(t, r, test.formats, test.loads, test.note)
			checkShown(t, c, test.read)

			// One file more of a version that is in no manifest, in each of the formats, is found and removed.
			for _, f := range test.formats {
				stray := f.Folder + "/000009-00000000/" + f.ShardName(0, 1)
				if err := pipeline.WriteAll(t.Context(), local, stray, []byte("x")); err != nil {
					t.Fatal(err)
				}
			}
			report, err := verify.Corpus(t.Context(), c, verify.Options{})
			if err != nil || len(report.Unexpected) != len(test.formats) {
				t.Errorf("strays: %v, %v", report.Unexpected, err)
			}
			if err := c.Recover(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			corpustest.Verified(t, c)

			checkDamage(t, r, m)
			corpustest.Drop(t, c)
			corpustest.Verified(t, c)
			if _, err := c.GC(t.Context(), corpus.GCInput{Keep: 1}); err != nil {
				t.Fatal(err)
			}
			corpustest.Verified(t, c)
			for _, f := range test.formats {
				if left, err := local.List(t.Context(), f.Folder); err != nil || len(left) != 1 {
					t.Errorf("%s: left are %v, %v", f.Name, left, err)
				}
			}
		})
	}
}

// checkCard looks at what the card says of how documents are read.
func checkCard(t *testing.T, r *corpustest.Run, formats pipeline.TableFormats, loads, note string) {
	t.Helper()
	card, err := pipeline.ReadAll(t.Context(), r.Local, card.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(card, []byte(note)) || bytes.Contains(card, []byte("no documents")) {
		t.Errorf("it does not say %q:\n%s", note, card)
	}
	front, rest, _ := strings.Cut(strings.TrimPrefix(string(card), "---\n"), "\n---\n")
	if got := strings.Contains(front, "data_files"); got != (loads != "") {
		t.Errorf("front matter:\n%s", front)
	}
	if got := strings.Contains(front, "dtype: "); got != (loads == "data") {
		t.Errorf("the types of the columns are given: %v\n%s", got, front)
	}
	if got := strings.Contains(rest, corpustest.Lines.Note); got != (loads == "jsonlines") {
		t.Errorf("the note of lines is there: %v\n%s", got, rest)
	}
	for _, f := range formats {
		if named := strings.Contains(front, `"`+f.Folder+"/"); named != (f.Folder == loads) {
			t.Errorf("%s is in the front matter: %v\n%s", f.Folder, named, front)
		}
		if f.Loaded && !strings.Contains(rest, fmt.Sprintf("| `%s/` | documents", f.Folder)) {
			t.Errorf("%s is in no row of the folders:\n%s", f.Folder, rest)
		}
	}
}

// checkShown asks for documents in every way that people do.
func checkShown(t *testing.T, c *corpus.Corpus, read bool) {
	t.Helper()
	in, err := show.Of(c).Inspect(t.Context(), show.InspectOptions{Documents: 9, Tokens: 3, Groups: 3, Examples: 3})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(in.Documents); read && got != 5 || !read && got != 0 {
		t.Errorf("%d samples", got)
	}
	if (in.Groups[0].Winner != nil) != read || in.Versions[0].Shards != 1 {
		t.Errorf("inspect: group %+v, version %+v", in.Groups[0], in.Versions[0])
	}
	l, err := show.Of(c).Log(t.Context())
	if err != nil || l.Versions[1].Shards != 1 {
		t.Errorf("log: %+v, %v", l, err)
	}
	d, err := show.Of(c).Diff(t.Context(), 1, c, 2, show.DiffOptions{Examples: 3})
	if err != nil || d.Documents.Known != read || read && d.Documents.Added != 1 || !read && !strings.HasPrefix(d.Documents.Why, "one side has ") {
		t.Errorf("diff: %+v, %v", d.Documents, err)
	}
	id, _ := ingest.DocumentID(nil, "新闻", "a/day1.jsonl", 0)
	e, err := show.Of(c).Explain(t.Context(), hex.EncodeToString(id[:]), show.ExplainOptions{Texts: true})
	switch {
	case read && (err != nil || e.Documents[0].Place == nil || !strings.HasPrefix(e.Documents[0].Text.Text, "荆楚大地")):
		t.Errorf("explain: %+v, %v", e, err)
	case !read && (!errors.Is(err, show.ErrNotFound) || !strings.Contains(err.Error(), "shards only")):
		t.Errorf("explain: %+v, %v", e, err)
	}
	if e, err := show.Of(c).Explain(t.Context(), "a/day1.jsonl", show.ExplainOptions{Documents: 9}); err != nil || e.Files[0].Kept != 2 {
		t.Errorf("explain a file: %+v, %v", e, err)
	}
}

// checkDamage changes a file of each format, and what the manifest says of it.
func checkDamage(t *testing.T, r *corpustest.Run, m *manifest.Manifest) {
	t.Helper()
	damaged := func(what, name string) {
		t.Helper()
		if _, err := verify.Corpus(t.Context(), r.Corpus, verify.Options{}); !errors.Is(err, corpus.ErrDamaged) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s of %s: verify says %v", what, name, err)
		}
	}
	for _, format := range m.Formats() {
		f := m.In(&format)[0]
		undo := corpustest.Damage(t, r.Local, f.Path, corpustest.Flip(50))
		damaged("a byte", f.Path)
		undo()
		change := func(rows int64) {
			corpustest.ChangeManifest(t, r.Local, m.Version, func(m *manifest.Manifest) {
				m.Files[slices.IndexFunc(m.Files, func(one dataset.File) bool { return one.Path == f.Path })].Rows += rows
			})
		}
		change(1)
		damaged("the rows", "")
		change(-1)
	}
	corpustest.Verified(t, r.Corpus)
}

// A compaction is of Parquet shards alone; what is in other formats stays.
func TestCompactOtherFormats(t *testing.T) {
	for _, formats := range []pipeline.TableFormats{{corpustest.Lines}, {corpustest.Pages}, {corpustest.Pages, pipeline.ParquetTable}} {
		local := corpustest.NewStore(t)
		for _, night := range [][]corpustest.File{corpustest.FirstNight(), corpustest.SecondNight()} {
			corpustest.MakeRun(t, local, night, corpustest.Sabotage{Formats: formats}).MustCommit(t)
		}
		c := corpus.Open(local, corpustest.Tables)
		m, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20})
		if err != nil || (m != nil) != (len(formats) == 2) {
			t.Fatalf("%v: %+v, %v", formats.Names(), m, err)
		}
		corpustest.Verified(t, c)
		files, err := c.LiveFiles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, f := range files {
			if format := corpustest.Tables.Of(f.Path); format != nil {
				count[format.Name]++
			}
		}
		for _, f := range formats {
			want := 2
			if f.Name == pipeline.ParquetTable.Name {
				want = 1
			}
			if count[f.Name] != want {
				t.Errorf("%v: live files %v", formats.Names(), count)
			}
		}
	}
}
