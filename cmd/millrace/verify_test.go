package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/stages/vocab"
)

// charRow is a row of chars.parquet as another library reads it.
type charRow struct {
	ID           int32  `parquet:"id"`
	Token        string `parquet:"token"`
	Type         string `parquet:"type"`
	Count        int64  `parquet:"count"`
	Documents    int64  `parquet:"documents"`
	NewCount     int64  `parquet:"new_count"`
	NewDocuments int64  `parquet:"new_documents"`
}

// changeChars writes the table of characters of a version anew, and its manifest so that all sums are right.
func changeChars(t *testing.T, out string, version int, change func(rows []charRow) []charRow) {
	t.Helper()
	local, err := store.NewLocal(out, store.LocalOptions{})
	pipelinetest.Must(t, err)
	defer local.Close() //nolint:errcheck // a test
	name := pipeline.VocabFolder + "/" + pipeline.VersionName(version) + "/chars.parquet"
	data, err := pipeline.ReadAll(t.Context(), local, name)
	pipelinetest.Must(t, err)
	rows, err := parquet.Read[charRow](bytes.NewReader(data), int64(len(data)))
	pipelinetest.Must(t, err)
	var file bytes.Buffer
	pipelinetest.Must(t, parquet.Write(&file, change(rows)))
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), local, name, file.Bytes()))
	sum := sha256.Sum256(file.Bytes())
	corpustest.ChangeManifest(t, local, version, func(m *manifest.Manifest) {
		f := &m.Files[slices.IndexFunc(m.Files, func(f dataset.File) bool { return f.Path == name })]
		f.Bytes, f.SHA256 = int64(file.Len()), hex.EncodeToString(sum[:])
		m.Digest = dataset.Digest(m.Files)
	})
	describe(t, local)
}

// describe writes card and description of a corpus whose manifests were changed: croissant.json names digests of tables.
func describe(t *testing.T, s pipeline.Store) {
	t.Helper()
	versions, err := openCorpus(s).Versions(t.Context())
	pipelinetest.Must(t, err)
	for _, d := range corpus.Describe(versions) {
		pipelinetest.Must(t, pipeline.WriteAll(t.Context(), s, d.Name, d.Data))
	}
}

// A table of characters that adds up, and does not count what the texts have, is found where the texts are read: of what is live,
// without what was withdrawn and what lies beside it in shards of a compaction.
func TestVerifyRecounts(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	for _, folder := range []string{"chars", "text", "web"} {
		c := config.Default()
		c.Vocab.Count, c.Vocab.Ngrams, c.Vocab.Least = []string{vocab.CountChars, vocab.CountWords, vocab.CountNgrams}, []int{2, 5}, 2
		job(t, jobOptionsOf(t, c, out, filepath.Join(sampleFolder, folder)))
	}
	sound := func(after string) {
		t.Helper()
		e := execute(t, nil, "verify", out, "--recount", "--json")
		var r verify.Report
		pipelinetest.Must(t, json.Unmarshal([]byte(e.stdout), &r))
		if e.code != exitDone || strings.Join(r.Recounted, " ") != "chars words ngrams-2 ngrams-5" || r.Uncounted != "" {
			t.Fatalf("%s: exit %d, %v counted; %s%s%q", after, e.code, r.Recounted, r.Uncounted, e.stderr, r.Problems)
		}
	}
	step := func(args ...string) {
		t.Helper()
		if e := execute(t, nil, slices.Insert(slices.Clone(args), 1, out)...); e.code != exitDone {
			t.Fatalf("%v: %s", args, e.stderr)
		}
		sound(args[0])
	}
	step("compact")
	step("remove", "--where", "offset % 3 == 1", "--reason", "x")
	step("drop", "5")
	step("remove", "--where", "offset % 3 == 2", "--reason", "x")
	at := newest(t, out).Version
	first := func(rows []charRow) int {
		return slices.IndexFunc(rows, func(r charRow) bool { return r.Type == "char" && r.Documents > 1 && r.NewDocuments == 0 })
	}
	for name, test := range map[string]struct {
		change func(rows []charRow) []charRow
		want   string
	}{
		"a count": {func(rows []charRow) []charRow {
			i := first(rows)
			rows[i].Count, rows[i+1].Count = rows[i].Count+1, rows[i+1].Count-1
			return rows
		}, "and 1 character more"},
		"documents": {func(rows []charRow) []charRow { rows[first(rows)].Documents--; return rows }, "the live documents have it"},
		"another character": {func(rows []charRow) []charRow {
			rows[first(rows)].Token = "\U000E0100"
			return rows
		}, "0 times in 0 documents, the live documents have it"},
	} {
		t.Run(name, func(t *testing.T) {
			var was []charRow
			changeChars(t, out, at, func(rows []charRow) []charRow {
				was = slices.Clone(rows)
				return test.change(rows)
			})
			if e := execute(t, nil, "verify", out); e.code != exitDone {
				t.Errorf("without the texts: %s%s", e.stdout, e.stderr)
			}
			e := execute(t, nil, "verify", out, "--recount")
			if e.code == exitDone || !strings.Contains(e.stdout, test.want) || !strings.Contains(e.stdout, "chars.parquet has") {
				t.Errorf("exit %d, %s", e.code, e.stdout)
			}
			changeChars(t, out, at, func([]charRow) []charRow { return was })
			sound(name)
		})
	}
	kinds := []string{"words", "ngrams-2"}
	for name, test := range map[string]struct {
		change func(rows []tokenRow) []tokenRow
		want   string
	}{
		"a count":          {func(rows []tokenRow) []tokenRow { rows[0].Count++; return rows }, "times in"},
		"documents":        {func(rows []tokenRow) []tokenRow { rows[len(rows)-1].Documents++; return rows }, "times in"},
		"a row more":       {func(rows []tokenRow) []tokenRow { return append(rows, tokenRow{"\U000E0100", 1, 1, 0, 0}) }, "the live documents have it 0 times in 0"},
		"a row less":       {func(rows []tokenRow) []tokenRow { return rows[1:] }, "does not have"},
		"two rows changed": {func(rows []tokenRow) []tokenRow { rows[0], rows[1] = rows[1], rows[0]; return rows }, "out of order"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range kinds {
				undo := changeTokens(t, out, at, kind, test.change)
				e := execute(t, nil, "verify", out, "--recount")
				if e.code == exitDone || !strings.Contains(e.stdout, test.want) || !strings.Contains(e.stdout, kind+".parquet") {
					t.Errorf("%s: exit %d, %s", kind, e.code, e.stdout)
				}
				undo()
			}
			sound(name)
		})
	}
}

// changeTokens writes a table of words or n-grams anew, with its footer, and its manifest so that all sums are right.
func changeTokens(t *testing.T, out string, version int, kind string, change func(rows []tokenRow) []tokenRow) (undo func()) {
	t.Helper()
	local, err := store.NewLocal(out, store.LocalOptions{})
	pipelinetest.Must(t, err)
	defer local.Close() //nolint:errcheck // a test
	name := pipeline.VocabFolder + "/" + pipeline.VersionName(version) + "/" + kind + ".parquet"
	data, err := pipeline.ReadAll(t.Context(), local, name)
	pipelinetest.Must(t, err)
	footer, err := columnar.ReadFooter(bytes.NewReader(data), int64(len(data)))
	pipelinetest.Must(t, err)
	rows, err := parquet.Read[tokenRow](bytes.NewReader(data), int64(len(data)))
	pipelinetest.Must(t, err)
	was := slices.Clone(rows)
	var file bytes.Buffer
	var options []parquet.WriterOption
	for key, value := range footer.Metadata {
		options = append(options, parquet.KeyValueMetadata(key, value))
	}
	rows = change(rows)
	pipelinetest.Must(t, parquet.Write(&file, rows, options...))
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), local, name, file.Bytes()))
	sum := sha256.Sum256(file.Bytes())
	corpustest.ChangeManifest(t, local, version, func(m *manifest.Manifest) {
		f := &m.Files[slices.IndexFunc(m.Files, func(f dataset.File) bool { return f.Path == name })]
		f.Bytes, f.Rows, f.SHA256 = int64(file.Len()), int64(len(rows)), hex.EncodeToString(sum[:])
		m.Digest = dataset.Digest(m.Files)
	})
	describe(t, local)
	return func() { changeTokens(t, out, version, kind, func([]tokenRow) []tokenRow { return was }) }
}
