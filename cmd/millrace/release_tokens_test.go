package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// TestReleaseCountsBySignal: where a corpus says how many tokens its documents have, by the tokenizer of a recipe, a mixture in tokens goes by that, and gives
// the release that it gives when they are encoded for it.
func TestReleaseCountsBySignal(t *testing.T) {
	inTurn(t)
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	releaseCorpus(t, out)
	found, err := filepath.Glob(filepath.Join(out, "vocab", "*", tokenizer.JSONName))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	data, err := os.ReadFile(found[0])
	pipelinetest.Must(t, err)
	file := filepath.Join(dir, "tok.json")
	pipelinetest.Must(t, os.WriteFile(file, data, 0o600))
	recipe := "mix: {by: source, tokens: 9000, shares: {laws: .4, news: .1, web: .5}, repeat_at_most: 9}\nwrite: [{format: npy}]\nencode: {bos: <BOS>, eos: <EOS>, tokenizer: " + file + "}\n"

	// counts is the signal that a plan goes by.
	counts := func(text string) string {
		t.Helper()
		o, p := releaseJob(t, out, "planned", text)
		params, err := json.Marshal(&p)
		pipelinetest.Must(t, err)
		name := ""
		pipelinetest.Must(t, engine.Hold(t.Context(), o.Engine(), func(ctx context.Context, l *engine.Local) error {
			d, err := releaseKind(0, 0).Plan(ctx, l.Site, engine.Request{Params: params})
			if err != nil {
				return err
			}
			var body struct {
				Counts string `json:"counts"`
			}
			if err := json.Unmarshal(d.Plan.Body, &body); err != nil {
				return err
			}
			name = body.Counts
			return nil
		}))
		return name
	}
	if name := counts(recipe); name != "" {
		t.Errorf("a corpus without such a signal is counted by %s", name)
	}
	o, p := releaseJob(t, out, "encoded", recipe)
	releasedBy(t, o, p)
	want := releaseManifest(t, p.Out)

	setting := filepath.Join(dir, "signals.yaml")
	pipelinetest.Must(t, os.WriteFile(setting, []byte("signals: [text, script, {tokens: {tokenizer: "+file+"}}]\n"), 0o600))
	opened, err := tokenizer.Open(file)
	pipelinetest.Must(t, err)
	signal := "tokens_" + opened.Digest[:8]
	if code := run(t.Context(), []string{"--config", setting, "signals", out, "--add"}, stdio{out: t.Output(), err: t.Output()}); code != exitDone {
		t.Fatalf("exit %d", code)
	}
	if name := counts(recipe); name != signal {
		t.Errorf("the release is counted by %q, not by %s", name, signal)
	}
	o, p = releaseJob(t, out, "counted", recipe)
	releasedBy(t, o, p)
	got := releaseManifest(t, p.Out)
	were, are := releaseFiles(&want), releaseFiles(&got)
	for _, name := range []string{"README.md", croissant.Name} { // which name the version of the corpus
		delete(were, name)
		delete(are, name)
	}
	if !maps.Equal(were, are) || len(are) < 3 {
		t.Errorf("counted by the signal the files are %v, they were %v", are, were)
	}
	// Special tokens that are tokens count otherwise than the signal does, and so do documents that may be left out for their length.
	for _, more := range []string{"special: allowed", "longest: 400, too_long: leave_out"} {
		if name := counts(strings.Replace(recipe, "{bos", "{"+more+", bos", 1)); name != "" {
			t.Errorf("with %s it is counted by %s", more, name)
		}
	}
}
