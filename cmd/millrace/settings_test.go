package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// What nobody set, what somebody wrote out at its default, and a source with nothing special about it: one digest, and no word of it
// in the manifest. So a setting that comes new, and is nowhere set, moves no digest either.
func TestDefaultsMoveNoDigest(t *testing.T) {
	t.Parallel()
	written, err := config.Default().YAML()
	if err != nil {
		t.Fatal(err)
	}
	run := func(settings string) (digest, stored string) {
		o := optionsOf(t, settings)
		o.Out, o.Paths = filepath.Join(t.TempDir(), "out"), []string{filepath.Join(sampleFolder, "text")}
		digest = job(t, o).Digest
		return digest, string(newest(t, o.Out).Settings)
	}
	const none = `{"parse":{"html":"article"}}` // its default was another one
	want, stored := run("")
	if stored != none {
		t.Errorf("defaults are stored as %s", stored)
	}
	for name, settings := range map[string]string{
		"every key at its default":         string(written),
		"a source by name":                 "sources: [{name: text}, {name: other}]",
		"a source as all others":           "sources: [{name: text, priority: 0, order: path, document: auto, csv: {header: true}}]",
		"what has no part in the result":   "workers: 3\nlimits: {max_reject_ratio: 0.5}\nalarms: {versions: 3}",
		"where a source is on this host":   "sources: [{name: text, path: /nowhere, scan: true}]",
		"an override as parse says of all": "sources: [{name: text, text_field: [text, content, raw_content, 内容, 正文, '段落[].内容', answer, sentence, abst]}]",
	} {
		if digest, stored := run(settings); digest != want || stored != none {
			t.Errorf("%s: digest %s with settings %s, want %s", name, digest, stored, want)
		}
	}
	if digest, stored := run("dedupe: {group_cap: 17}"); digest == want || stored != `{"dedupe":{"group_cap":17},"parse":{"html":"article"}}` {
		t.Errorf("another setting: digest %s with settings %s", digest, stored)
	}
}

// TestGrowOnOlderSettings: code versions up to 7 stored every setting that they knew. Such a corpus is grown, also where a key is
// new since then, and a setting that it has fixed is refused.
func TestGrowOnOlderSettings(t *testing.T) {
	inTurn(t)
	t.Parallel()
	for name, change := range map[string]func(all map[string]any){
		"as code version 7 stored them":    func(map[string]any) {},
		"a key below normalize is new":     func(all map[string]any) { all["normalize"] = map[string]any{} },
		"normalize is new":                 func(all map[string]any) { delete(all, "normalize") },
		"settings of all sections are new": func(all map[string]any) { clear(all) },
		"a source with nothing special to it": func(all map[string]any) {
			all["sources"] = []any{map[string]any{"name": "text", "order": "", "priority": 0}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := optionsOf(t, "")
			o.Out, o.Paths = filepath.Join(t.TempDir(), "out"), []string{filepath.Join(sampleFolder, "text")}
			job(t, o)
			all, err := config.Default().InEffect()
			if err != nil {
				t.Fatal(err)
			}
			change(all)
			older(t, o.Out, "7", all)
			verified(t, o.Out)

			other := optionsOf(t, "normalize: {profile: nfkc}\ndedupe: {threshold: 0.8, group_cap: 3}")
			other.Out, other.Paths = o.Out, []string{filepath.Join(sampleFolder, "web")}
			const fixed = "the corpus was made with other settings:\n  dedupe.threshold: 0.75, now 0.8\n  normalize.profile: \"zh-safe\", now \"nfkc\""
			if err := mustFail(t, other); !strings.HasSuffix(err.Error(), fixed) {
				t.Errorf("error: %v", err)
			}
			o.Paths = append(o.Paths, other.Paths...)
			if r := job(t, o); r.Version != 2 || r.Files.Read != 3 || r.Files.Skipped != 14 {
				t.Errorf("%+v, want version 2 of the new files", r)
			}
			verified(t, o.Out)
		})
	}
}

// TestChangedSettingsOfOlder: what is told of settings that changed since a version is the same, however they were stored.
func TestChangedSettingsOfOlder(t *testing.T) {
	t.Parallel()
	const night = "dedupe: {group_cap: 3}\nparse: {encoding: big5}\nsources: [{name: b, priority: 2}, {name: a, order: path, document: line}]"
	c, err := config.Load("a.yaml", []byte(night), nil)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := c.InEffect()
	if err != nil {
		t.Fatal(err)
	}
	all, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	part, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	for today, want := range map[string][]string{
		night: nil,
		"parse: {encoding: big5}\nsources: [{name: a, document: line}, {name: b, priority: 3, join_wrapped: true}]\nnormalize: {profile: none}": {
			`dedupe.group_cap: 3, now 16`, `normalize.profile: "zh-safe", now "none"`, `sources.b.join_wrapped: not set, now true`,
			`sources.b.priority: 2, now 3`,
		},
		"dedupe: {group_cap: 3}": {
			`parse.encoding: "big5", now "auto"`, `sources.a: {"document":"line"}, now not set`, `sources.b: {"priority":2}, now not set`,
		},
	} {
		o := optionsOf(t, today)
		for _, stored := range []json.RawMessage{all, part} {
			if got, err := o.Changed(stored); err != nil || !slices.Equal(got, want) {
				t.Errorf("from %s to %s: %q, %v, want %q", stored, today, got, err, want)
			}
		}
	}
}

// older makes the only version of a corpus one that a code version made which stored these settings.
func older(t *testing.T, out, code string, settings map[string]any) {
	t.Helper()
	m := newest(t, out)
	var err error
	if m.Settings, err = json.Marshal(settings); err != nil {
		t.Fatal(err)
	}
	m.Code = code
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(out, manifest.Name(m.Version))
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
