package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// goldenFile stands beside pipeline.CodeVersion.
const goldenFile = "../../pipeline/testdata/golden.json"

// golden says what the bundled sample gives: run digests, which cover every byte that readers see, by the name of the corpus.
type golden struct {
	Code    string            `json:"code"`
	Digests map[string]string `json:"digests"`
}

// goldenCorpora are made of the sample, each version by settings of its own.
var goldenCorpora = map[string][]goldenRun{
	"default": {{folders: []string{""}}},
	"many small parts": {{
		folders: []string{""}, small: true, settings: "plan: {split_bytes: 64KiB}\nsinks: {parquet: {level: 3, group_bytes: 64KiB}}",
	}},
	"Arrow and Parquet, filters, sources": {{
		folders: []string{"chars", "text", "web"},
		settings: "sinks: {use: [arrow, parquet]}\nfilter: [min_chars: 50, max_duplicate_line_share: 0.5]\ndedupe: {winner: longest}\n" +
			"sources: [{name: web, priority: 1, text_field: [title, text]}, {name: text, document: line}]",
	}},
	"web pages":        {{pages: true}},
	"web pages, whole": {{pages: true, settings: "parse: {html: page}"}},
	"nights":           {{folders: []string{"chars"}}, {folders: []string{"text"}}, {folders: []string{"web"}, settings: "sinks: {use: [arrow]}"}},
}

// goldenRun reads folders of the sample, or web pages: whole they are as code version 7 read them. Small cuts even so little text into several partitions and shards.
type goldenRun struct {
	folders  []string
	settings string
	small    bool
	pages    bool
}

// TestGolden ties pipeline.CodeVersion to the bytes. If they move, it wants another number; if the number moves, -update writes the
// digests anew. While no release has had the number, goldenFile may be removed and written once more.
func TestGolden(t *testing.T) {
	now := golden{pipeline.CodeVersion, map[string]string{}}
	for name, nights := range goldenCorpora {
		out := filepath.Join(t.TempDir(), "out")
		for _, r := range nights {
			o := optionsOf(t, r.settings)
			o.Out = out
			for _, folder := range r.folders {
				o.Paths = append(o.Paths, filepath.Join(sampleFolder, folder))
			}
			if r.pages {
				o.Paths = []string{filepath.Join("testdata", "pages")}
			}
			if r.small {
				o.PartitionBytes, o.ShardBytes = 16<<10, 8<<10
			}
			now.Digests[name] = job(t, o).Digest
		}
		verified(t, out)
		if name == "nights" {
			if e := execute(t, nil, "compact", out); e.code != exitDone {
				t.Fatalf("compact: %s", e.stderr)
			}
			now.Digests["nights, compacted"] = newest(t, out).Digest
		}
	}
	was := readGolden(t)
	if was.Code == now.Code {
		for name, digest := range was.Digests {
			if d, ok := now.Digests[name]; ok && d != digest {
				t.Errorf("%s: the digest is %s, code version %s gave %s. If it is to be so, give pipeline.CodeVersion another number", name, d, was.Code, digest)
			}
		}
	}
	switch diff := cmp.Diff(was, now); {
	case diff == "" || t.Failed():
	case *corpustest.Update:
		data, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("go test ./cmd/millrace -run '^TestGolden$' -update writes %s anew (-was +now):\n%s", goldenFile, diff)
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	data, err := os.ReadFile(goldenFile)
	if errors.Is(err, fs.ErrNotExist) {
		return g
	}
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// optionsOf are those of a run with a file of settings.
func optionsOf(t *testing.T, settings string) ingest.Options {
	t.Helper()
	c, err := config.Load("config.yaml", []byte(settings), nil)
	if err != nil {
		t.Fatalf("%s: %v", settings, err)
	}
	o, err := engineOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Log = zerolog.Nop()
	return o
}
