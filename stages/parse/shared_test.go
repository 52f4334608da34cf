package parse

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

var formatsOnce struct {
	sync.Once
	files map[string][]byte
}

// sharedFormats holds the files of the archive of formats by name.
func sharedFormats(t *testing.T) map[string][]byte {
	t.Helper()
	pipelinetest.Shared(t, "formats.tar.zst") // skips outside of the once, which would count as done
	formatsOnce.Do(func() {
		formatsOnce.files = map[string][]byte{}
		pipelinetest.EachShared(t, "formats.tar.zst", func(name string, data []byte) { formatsOnce.files[name] = data })
	})
	return formatsOnce.files
}

// sharedFile returns a file of the archive, by the end of its name.
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	for path, data := range sharedFormats(t) {
		if strings.HasSuffix(path, name) {
			return data
		}
	}
	t.Fatalf("no %s in the archive", name)
	return nil
}

// detected makes an input of a file as Detect takes it.
func detected(t *testing.T, name string, data []byte, cfg Config) *input {
	t.Helper()
	d := Detect(name, data[:min(len(data), HeadBytes)], cfg)
	if d.Reject != "" {
		t.Fatalf("%s: %s", name, d.Reject)
	}
	in := newInput()
	in.cfg = cfg
	in.add(ingest.File{Path: name, Format: d.Format, Document: d.Document, Compression: d.Compression, Encoding: d.Encoding, Returns: d.Returns}, newObject(data))
	return in
}

// TestSighan joins the gold files of the SIGHAN bakeoff of 2005 and compares them with their raw twins, line by line, and
// their words with the published counts.
func TestSighan(t *testing.T) {
	tests := []struct {
		gold, raw     string
		lines         int
		plain         int // lines that are equal when words are joined with nothing at all
		equal         int // lines that are equal as they are joined here, which keeps the spaces of Latin phrases
		tokens, types int
	}{
		{gold: "pku_test_gold.utf8", raw: "pku_test.utf8", lines: 1944, plain: 1944, equal: 1944, tokens: 104372, types: 13148},
		{gold: "msr_test_gold.utf8", raw: "msr_test.utf8", lines: 3985, plain: 3964, equal: 3964, tokens: 106873, types: 12923},
		{gold: "as_testing_gold.utf8", raw: "as_test.utf8", lines: 14429, plain: 14428, equal: 14428, tokens: 122610, types: 18811},
		{gold: "cityu_test_gold.utf8", raw: "cityu_test.utf8", lines: 1492, plain: 1479, equal: 1488, tokens: 40936, types: 9000},
	}
	for _, tt := range tests {
		t.Run(tt.gold, func(t *testing.T) {
			gold, raw := sharedFile(t, tt.gold), sharedFile(t, tt.raw)
			in := detected(t, tt.gold, gold, Default())
			if f := in.from.Plan.Files[0]; f.Format != Segmented || f.Document != RuleFile {
				t.Fatalf("detected as %s, %s", f.Format, f.Document)
			}
			documents, _, rejects, counters := in.documents(t)
			if len(documents) != 1 || len(rejects) > 0 {
				t.Fatalf("%d documents, rejects %v", len(documents), rejects)
			}
			got := strings.Split(documents[0].Text, "\n")
			equal, plain, lines := 0, 0, 0
			goldLines := written(gold)
			for _, line := range written(raw) {
				if lines < len(got) && got[lines] == line {
					equal++
				}
				if strings.Join(strings.Fields(goldLines[lines]), "") == line {
					plain++
				}
				lines++
			}
			if len(got) != tt.lines || lines != tt.lines || equal != tt.equal || plain != tt.plain {
				t.Errorf("%d lines of %d are equal, %d joined plainly; want %d, %d and %d", equal, lines, plain, tt.equal, tt.lines, tt.plain)
			}
			if len(counters) > 0 {
				t.Errorf("counters %v", counters)
			}
			words := bytes.FieldsFunc(bytes.TrimPrefix(gold, []byte(bom)), func(r rune) bool {
				return r == '\r' || r == '\n' || separator([]byte(string(r)), 0) > 0
			})
			tokens := len(words)
			slices.SortFunc(words, bytes.Compare)
			if types := len(slices.CompactFunc(words, bytes.Equal)); tokens != tt.tokens || types != tt.types {
				t.Errorf("%d words of %d types, want %d of %d", tokens, types, tt.tokens, tt.types)
			}
			given := givenWords(t, in)[0]
			tokens = len(given)
			slices.Sort(given)
			if types := len(slices.Compact(given)); tokens != tt.tokens || types != tt.types {
				t.Errorf("the document came in %d words of %d types, want %d of %d", tokens, types, tt.tokens, tt.types)
			}
		})
	}
}

// written lists the lines of a file that are not blank.
func written(data []byte) (lines []string) {
	for line := range strings.Lines(strings.TrimPrefix(string(data), bom)) {
		if line = strings.TrimRight(line, "\r\n"); !isBlank([]byte(line)) {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestDetectShared holds what every file of the archive is taken for, where it is UTF-8.
func TestDetectShared(t *testing.T) {
	pipelinetest.Long(t)
	files := sharedFormats(t)
	format := func(name string) string {
		switch folder, base := path.Dir(name), path.Base(name); {
		case strings.HasPrefix(folder, "sighan/gold"), strings.HasPrefix(folder, "pos"):
			return Segmented
		case strings.HasSuffix(base, ".conllu"), strings.HasSuffix(base, ".conll"):
			return CoNLL
		case strings.HasPrefix(folder, "csv"):
			return CSVFormat
		case strings.HasPrefix(folder, "jsonl"):
			return JSONL
		case strings.HasPrefix(folder, "json"):
			return JSON
		case strings.HasPrefix(folder, "sighan/testing"), strings.HasPrefix(folder, "conll") && path.Ext(base) != ".md" && path.Ext(base) != ".xml":
			return Text
		}
		return ""
	}
	n := 0
	for name, data := range files {
		want := format(name)
		if want == "" || !utf8.Valid(data) {
			continue
		}
		n++
		if d := Detect(name, data[:min(len(data), HeadBytes)], Default()); d.Format != want || d.Reject != "" {
			t.Errorf("%s: %s, %s, %s, want %s", name, d.Format, d.Why, d.Reject, want)
		}
	}
	if n < 70 {
		t.Errorf("only %d files", n)
	}
	z, err := zip.NewReader(bytes.NewReader(files["udhr.zip"]), int64(len(files["udhr.zip"])))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if d := Detect(f.Name, data, Default()); utf8.Valid(data) && (d.Format != Text || d.Reject != "") {
			t.Errorf("%s: %s, %s, %s", f.Name, d.Format, d.Why, d.Reject)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
