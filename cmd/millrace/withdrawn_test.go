package main

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/remove"
)

// withdraw takes the document at an offset of a file out of a corpus.
func withdraw(t *testing.T, out, path string, offset int64, blocks bool) {
	t.Helper()
	id, _ := ingest.DocumentID(nil, "news", path, offset)
	r := removed(t, jobOptions(t, out), remove.Params{Selection: remove.Selection{IDs: []string{hex.EncodeToString(id[:])}}, AllowAgain: !blocks})
	if r.Removed != 1 {
		t.Fatalf("%+v", r)
	}
}

// TestWithdrawnComesAgain: what equals or resembles a withdrawn document that blocks is rejected whenever it comes, also when rejects are
// asked for again; one that does not block is as if it had never been.
func TestWithdrawnComesAgain(t *testing.T) {
	t.Parallel()
	random := newRandom(17)
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	var texts, lines []string
	offsets := []int64{0}
	for i := range 6 {
		texts = append(texts, article(random, 400))
		lines = append(lines, fmt.Sprintf(`{"text":%q}`+"\n", texts[i]))
		offsets = append(offsets, offsets[i]+int64(len(lines[i])))
	}
	oldFile(t, in, "a.jsonl", strings.Join(lines, ""))
	config := settingsFile(t, out, in, "parse: {format: jsonl}")
	runs(t, exitDone, "--config", config)
	wantTotals(t, out, 6, 0, 0)
	withdraw(t, out, "a.jsonl", offsets[1], true)
	withdraw(t, out, "a.jsonl", offsets[3], false)
	verified(t, out)

	near := []rune(texts[1])
	for _, at := range []int{50, 200, 350} {
		near[at] = '鱻'
	}
	var again strings.Builder
	for _, text := range []string{
		texts[1], string(near), "……" + texts[1] + "！", // like the one that blocks
		texts[3], texts[3], // the other one, and a duplicate of it
		texts[2], article(random, 300),
	} {
		fmt.Fprintf(&again, `{"text":%q}`+"\n", text)
	}
	oldFile(t, in, "b.jsonl", again.String())
	e := runs(t, exitDone, "--config", config)
	if d := e.result.Documents; d.Read != 7 || d.Rejected != 3 || d.Kept != 2 || d.ExactDuplicates != 2 {
		t.Errorf("%+v", e.result)
	}
	wantTotals(t, out, 8, 3, 0)
	explained := execute(t, nil, "explain", out, "b.jsonl")
	if n := strings.Count(explained.stdout, "rejected, withdrawn"); n != 3 || !strings.Contains(explained.stdout, "of version 1, which is withdrawn") {
		t.Errorf("%d rejects are explained:\n%s%s", n, explained.stdout, explained.stderr)
	}

	for range 2 {
		if e := runs(t, exitDone, "--config", config, "--retry-rejected"); e.result.Version != 0 || !e.result.Barren || e.result.Documents.Rejected != 3 {
			t.Errorf("%+v, want no version", e.result)
		}
	}
	// A version that withdraws is undone by a drop, and then the document is a duplicate.
	if e := execute(t, nil, "drop", out, "2", "--later"); e.code != exitDone {
		t.Fatalf("drop: %s", e.stderr)
	}
	e = runs(t, exitDone, "--config", config)
	if d := e.result.Documents; d.Read != 7 || d.Kept != 1 || d.Rejected != 0 {
		t.Errorf("%+v", e.result)
	}
	verified(t, out)
}
