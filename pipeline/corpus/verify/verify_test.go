package verify_test

import (
	"errors"
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
)

// wantDamage verifies and insists on a problem that names the file.
func wantDamage(t *testing.T, c *corpus.Corpus, name string) {
	t.Helper()
	report, err := verify.Corpus(t.Context(), c, verify.Options{})
	if !errors.Is(err, corpus.ErrDamaged) || !strings.Contains(err.Error(), name) || len(report.Problems) == 0 {
		t.Errorf("%s is damaged, but verify says %v", name, err)
	}
}

// Every committed file: a flipped byte, a cut, a byte more, and its absence are found and named.
func TestVerifyFindsDamage(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	corpustest.Verified(t, c)
	files, err := c.LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := []string{manifest.Name(1), manifest.Name(2), card.Name}
	for _, f := range files {
		names = append(names, f.Path)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			for _, f := range []func([]byte) []byte{
				corpustest.Flip(0), corpustest.Flip(12345), corpustest.Flip(1 << 20),
				func(b []byte) []byte { return b[:len(b)-1] },
				func(b []byte) []byte { return append(b, '\n') },
			} {
				undo := corpustest.Damage(t, local, name, f)
				wantDamage(t, c, name)
				undo()
			}
			data, err := pipeline.ReadAll(t.Context(), local, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := local.Remove(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			if name != manifest.Name(2) { // without the newest manifest this is the corpus of the night before
				wantDamage(t, c, name)
			}
			if err := pipeline.WriteAll(t.Context(), local, name, data); err != nil {
				t.Fatal(err)
			}
			corpustest.Verified(t, c)
		})
	}
}

// Totals that do not follow from the files are found, even under a right checksum.
func TestVerifyFindsWrongTotals(t *testing.T) {
	tests := map[string]struct {
		change func(*manifest.Manifest)
		want   string
	}{
		"kept":         {func(m *manifest.Manifest) { m.Totals.Documents.Kept++ }, "kept"},
		"read, kept":   {func(m *manifest.Manifest) { m.Totals.Documents.Kept++; m.Totals.Documents.Read++ }, "kept"},
		"kinds":        {func(m *manifest.Manifest) { m.Totals.Documents.ExactDuplicates++; m.Totals.Documents.NearDuplicates-- }, "exact duplicates"},
		"reject kinds": {func(m *manifest.Manifest) { m.Totals.Documents.Filtered++; m.Totals.Documents.Rejected-- }, "filtered"},
		"of earlier":   {func(m *manifest.Manifest) { m.Totals.Documents.OfEarlier++ }, "earlier"},
		"listed":       {func(m *manifest.Manifest) { m.Totals.Files.Listed++ }, "files listed"},
		"file kinds":   {func(m *manifest.Manifest) { m.Totals.Files.Read++; m.Totals.Files.InPart-- }, "files read"},
		"input":        {func(m *manifest.Manifest) { m.Totals.InputBytes++ }, "input bytes"},
		"unread":       {func(m *manifest.Manifest) { m.Totals.UnreadBytes++ }, "unread bytes"},
		"kept bytes":   {func(m *manifest.Manifest) { m.Totals.KeptBytes++ }, "kept bytes"},
		"chars":        {func(m *manifest.Manifest) { m.Totals.Chars++ }, "chars"},
		"vocabulary":   {func(m *manifest.Manifest) { m.Totals.VocabularyChars++ }, "vocabulary chars"},
		"reason":       {func(m *manifest.Manifest) { m.Reasons.Files["binary"]++ }, "reasons of files"},
		"digest":       {func(m *manifest.Manifest) { m.Digest = strings.Repeat("0", 64) }, "run digest"},
		"kept ids":     {func(m *manifest.Manifest) { m.KeptIDs = "00" }, "kept_ids"},
		"rows":         {func(m *manifest.Manifest) { m.Shards()[0].Rows++; m.Files[slices.IndexFunc(m.Files, isShard)].Rows++ }, "rows"},
		"file dropped": {func(m *manifest.Manifest) {
			m.Files = slices.DeleteFunc(m.Files, isShard)
			m.Digest = dataset.Digest(m.Files)
		}, "shards hold 0"},
		"parent": {func(m *manifest.Manifest) { m.Parent = 7 }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			local, c := corpustest.TwoNights(t)
			if name == "parent" {
				corpustest.ChangeManifest(t, local, 2, test.change)
				wantDamage(t, c, "parent is 7")
				return
			}
			corpustest.ChangeManifest(t, local, 1, test.change)
			if err := c.Recover(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			wantDamage(t, c, test.want)
		})
	}
}

func isShard(f dataset.File) bool { return strings.HasPrefix(f.Path, pipeline.DataFolder+"/") }

func TestVerifyIdentities(t *testing.T) {
	tests := map[string]struct {
		spec []corpustest.File
		want string
	}{
		"winner that nobody kept": {[]corpustest.File{{Path: "x", Docs: []corpustest.Doc{
			{Text: "一"}, {Text: "二", OfID: [16]byte{1, 2, 3}, OfVersion: 1, Kind: ingest.KindNear, Score: 200},
		}}}, "which version 1 does not hold"},
		"winner that is a duplicate": {[]corpustest.File{{Path: "x", Docs: []corpustest.Doc{
			{Text: "一"}, {Text: "二", Of: &[2]int{0, 0}, Kind: ingest.KindNear}, {Text: "三", Of: &[2]int{0, 1}, Kind: ingest.KindNear},
		}}}, "which version 1 does not hold"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := corpustest.MakeRun(t, corpustest.NewStore(t), test.spec, corpustest.Sabotage{})
			r.MustCommit(t)
			for _, ids := range []int{0, 1} {
				_, err := verify.Corpus(t.Context(), r.Corpus, verify.Options{IDs: ids})
				if !errors.Is(err, corpus.ErrDamaged) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("verify says %v", err)
				}
			}
		})
	}
	t.Run("kept twice", func(t *testing.T) {
		// Two files of one name, which the planner would refuse, give two documents of one id.
		r := corpustest.MakeRun(t, corpustest.NewStore(t), []corpustest.File{{Path: "x", Docs: []corpustest.Doc{{Text: "一"}}}, {Path: "x", Docs: []corpustest.Doc{{Text: "二"}}}}, corpustest.Sabotage{})
		r.MustCommit(t)
		wantDamage(t, r.Corpus, "is kept twice in version 1")
	})
	t.Run("copies", func(t *testing.T) {
		// Four documents, the first of which says that it stands for the last one; by the ledger that lost to the second.
		other, _ := ingest.DocumentID(nil, "新闻", "x", int64(len("一")+1))
		r := corpustest.MakeRun(t, corpustest.NewStore(t), []corpustest.File{{Path: "x", Docs: []corpustest.Doc{
			{Text: "一"}, {Text: "二"}, {Text: "三"}, {Text: "一", Of: &[2]int{0, 0}, Kind: ingest.KindExact, Score: 256},
		}}}, corpustest.Sabotage{Verdict: func(v *ingest.Verdict) { v.WinnerID = other }})
		r.MustCommit(t)
		wantProblem(t, r.Corpus, "by the ledger")
		wantProblem(t, r.Corpus, "off by +1")
		wantProblem(t, r.Corpus, "copies of 2 documents")
		_, err := verify.Corpus(t.Context(), r.Corpus, verify.Options{IDs: 1})
		if !errors.Is(err, corpus.ErrDamaged) {
			t.Errorf("several passes: %v", err)
		}
	})
	t.Run("several passes", func(t *testing.T) {
		_, c := corpustest.TwoNights(t)
		var last, all int64
		report, err := verify.Corpus(t.Context(), c, verify.Options{IDs: 1, Workers: 3, Progress: func(done, total int64) { last, all = done, total }})
		if err != nil {
			t.Error(err)
		}
		if last != all || all != report.Bytes || report.Files != 16 || len(report.Versions) != 2 {
			t.Errorf("%d of %d bytes, report %+v", last, all, report)
		}
	})
}

// A vocabulary that counts more or less than there is, is found: of the newest version, by which readers and later versions go.
func TestVerifyVocabulary(t *testing.T) {
	for name, extra := range map[string]int64{"more": 1, "less": -1} {
		t.Run(name, func(t *testing.T) {
			local := corpustest.NewStore(t)
			corpustest.MakeRun(t, local, corpustest.FirstNight(), corpustest.Sabotage{}).MustCommit(t)
			r := corpustest.MakeRun(t, local, corpustest.SecondNight(), corpustest.Sabotage{Counted: extra})
			r.MustCommit(t)
			wantProblem(t, r.Corpus, "vocab/000002/chars.parquet counts")
		})
	}
}

// A corpus of Arrow shards is verified by digest and rows; what needs its ids is left out.
func TestVerifyArrow(t *testing.T) {
	r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{Formats: corpustest.ArrowAlone})
	m := r.MustCommit(t)
	corpustest.Verified(t, r.Corpus)
	if m.KeptIDs != "" || m.Totals.Documents.Kept != 4 || m.Totals.Chars == 0 {
		t.Errorf("manifest %+v", m)
	}
	if card := string(card.Render([]*manifest.Manifest{m}, nil)); strings.Contains(card, "data_files") || !strings.Contains(card, "pyarrow") {
		t.Errorf("card:\n%s", card)
	}
	if in, err := show.Of(r.Corpus).Inspect(t.Context(), show.InspectOptions{Documents: 3, Tokens: 3, Groups: 3}); err != nil || len(in.Documents) != 0 || in.Groups[0].Winner != nil {
		t.Errorf("inspect: %+v, %v", in, err)
	}
	f := m.In(&pipeline.ArrowTable)[0]
	corpustest.Damage(t, r.Local, f.Path, corpustest.Flip(100))
	wantDamage(t, r.Corpus, f.Path)
}

// A damaged shard of a compaction is damage of the runs whose documents it holds.
func TestVerifyCompaction(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	m, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	undo := corpustest.Damage(t, local, m.Files[0].Path, corpustest.Flip(1000))
	wantDamage(t, c, m.Files[0].Path)
	undo()
	corpustest.ChangeManifest(t, local, 3, func(m *manifest.Manifest) { m.KeptIDs = strings.Repeat("0", 32) })
	wantDamage(t, c, "kept_ids")
	corpustest.ChangeManifest(t, local, 3, func(n *manifest.Manifest) { n.KeptIDs = m.KeptIDs })
	corpustest.ChangeManifest(t, local, 2, func(m *manifest.Manifest) { m.KeptIDs = strings.Repeat("0", 32) })
	wantDamage(t, c, manifest.Name(2))
}

// What a manifest says that it removes, and whose documents its shards hold, is checked against what there is.
func TestVerifyRemoves(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	written, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20})
	if err != nil || len(written.Removes) != 2 || len(written.Holds) != 2 {
		t.Fatalf("%+v, %v", written, err)
	}
	for name, test := range map[string]struct {
		change func(m *manifest.Manifest)
		want   string
	}{
		"a shard that it took the place of is left": {func(m *manifest.Manifest) { m.Removes = m.Removes[1:] }, "4 are live, the Parquet shards hold 8"},
		"a file that is not there":                  {func(m *manifest.Manifest) { m.Removes = append(m.Removes, "data/x") }, "removes data/x"},
		"a file twice":                              {func(m *manifest.Manifest) { m.Removes = append(m.Removes, m.Removes[0]) }, "removes " + written.Removes[0]},
		"its own file":                              {func(m *manifest.Manifest) { m.Removes = append(m.Removes, m.Files[0].Path) }, "removes " + written.Files[0].Path},
		"the rows of another run":                   {func(m *manifest.Manifest) { m.Holds[0].Rows++; m.Holds[1].Rows-- }, "is of version 2, its manifest says 1"},
		"another first document":                    {func(m *manifest.Manifest) { m.Holds[0].First = 1 }, "is number 0 of version 1, its manifest says 1"},
		"a run less":                                {func(m *manifest.Manifest) { m.Holds = m.Holds[:1] }, "holds documents of [1]"},
		"a run that is not live":                    {func(m *manifest.Manifest) { m.Compacts, m.Holds[1].Version = []int{1, 7}, 7 }, "version 7, which is no live run"},
		"keys of no run":                            {func(m *manifest.Manifest) { m.Index = m.Index[1:] }, "no run of keys names index/000001"},
	} {
		t.Run(name, func(t *testing.T) {
			corpustest.ChangeManifest(t, local, 3, func(m *manifest.Manifest) { test.change(m) })
			report, err := verify.Corpus(t.Context(), c, verify.Options{})
			if !errors.Is(err, corpus.ErrDamaged) || !strings.Contains(strings.Join(report.Problems, "\n"), test.want) {
				t.Errorf("%v, %q; want %q", err, report.Problems, test.want)
			}
			corpustest.ChangeManifest(t, local, 3, func(m *manifest.Manifest) {
				m.Removes, m.Holds, m.Compacts, m.Index = written.Removes, written.Holds, written.Compacts, written.Index
			})
			corpustest.Verified(t, c)
		})
	}
}
