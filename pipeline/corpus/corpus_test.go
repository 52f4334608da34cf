package corpus_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/ingest"
)

func TestKnown(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	k, err := c.Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	spec := corpustest.FirstNight()
	tests := []struct {
		file int
		has  bool
	}{{0, true}, {1, true}, {2, false}, {3, true}, {4, true}, {5, false}, {6, true}}
	for _, test := range tests {
		f, modTime := &spec[test.file], int64(1000+test.file)
		if got := k.Has("新闻", f.Path, f.Bytes(), modTime); got != test.has {
			t.Errorf("%s: %v", f.Path, got)
		}
		if k.Changed("新闻", f.Path, f.Bytes(), modTime) {
			t.Errorf("%s has changed", f.Path)
		}
		if k.Has("新闻", f.Path, f.Bytes()+1, modTime) || k.Has("新闻", f.Path, f.Bytes(), modTime+1) || k.Has("other", f.Path, f.Bytes(), modTime) {
			t.Errorf("%s is known in another state", f.Path)
		}
		if !k.Changed("新闻", f.Path, f.Bytes(), modTime+1) || k.Changed("新闻", f.Path+"x", 1, 1) {
			t.Errorf("%s: a change is not seen", f.Path)
		}
	}
	if !k.Has("新闻", "f/day3.jsonl", corpustest.SecondNight()[0].Bytes(), 1000) || k.Len() != 8 {
		t.Errorf("%d files known", k.Len())
	}
}

func TestForThePlanner(t *testing.T) {
	ctx := t.Context()
	empty := corpus.Open(corpustest.NewStore(t), corpustest.Tables)
	if m, err := empty.Newest(ctx); m != nil || err != nil {
		t.Errorf("empty: %v, %v", m, err)
	}
	if k, err := empty.Known(ctx); err != nil || k.Len() != 0 {
		t.Errorf("empty: %v", err)
	}
	if s, err := empty.FixedSettings(ctx); s != nil || err != nil {
		t.Errorf("empty: %s, %v", s, err)
	}
	if err := empty.Recover(ctx, nil); err != nil {
		t.Error(err)
	}
	if report, err := verify.Corpus(ctx, empty, verify.Options{}); err != nil || report.Files != 0 {
		t.Errorf("empty: %+v, %v", report, err)
	}

	local, c := corpustest.TwoNights(t)
	corpustest.TextsFound(t, c)
	history, runs, err := c.History(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range history {
		history[i].Texts = nil // their paths follow from the plans
	}
	want := []ingest.IndexVersion{
		{Version: 1, Documents: 4, Signatures: []string{"index/000001/signatures-00000-of-00001.sig"}},
		{Version: 2, Documents: 1, Signatures: []string{"index/000002/signatures-00000-of-00001.sig"}},
	}
	wantRuns := []ingest.IndexRun{
		{Versions: []int{1}, Made: 1, Entries: 1, Keys: []string{"index/000001/keys-00000-of-00001.idx"}},
		{Versions: []int{2}, Made: 2, Entries: 1, Keys: []string{"index/000002/keys-00000-of-00001.idx"}},
	}
	if diff := cmp.Diff(wantRuns, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	// Before format 2 a manifest said nothing of runs: every version has one.
	for version := range 2 {
		corpustest.ChangeManifest(t, local, version+1, func(m *manifest.Manifest) { m.Format, m.Index = 1, nil })
	}
	if _, runs, err := c.History(ctx); err != nil || !cmp.Equal(wantRuns, runs) {
		t.Errorf("runs of format 1: %+v, %v", runs, err)
	}
	if diff := cmp.Diff(want, history); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if base, err := c.BaseVocab(ctx); base != "vocab/000002/chars.parquet" || err != nil {
		t.Errorf("base vocab %q, %v", base, err)
	}
	if s, err := c.FixedSettings(ctx); string(s) != `{"threshold":0.75}` || err != nil {
		t.Errorf("settings %s, %v", s, err)
	}
	// Versions may be missing at the start, if nothing live is in them.
	if err := local.Remove(ctx, manifest.Name(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Versions(ctx); err == nil || !strings.Contains(err.Error(), manifest.Name(1)) {
		t.Errorf("a live manifest is missing: %v", err)
	}
	corpustest.ChangeManifest(t, local, 2, func(m *manifest.Manifest) { m.Live = []int{2} })
	if list, err := c.Versions(ctx); err != nil || len(list) != 1 {
		t.Errorf("%d versions, %v", len(list), err)
	}
}

func TestCard(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	card, err := pipeline.ReadAll(t.Context(), local, card.Name)
	if err != nil {
		t.Fatal(err)
	}
	corpustest.Golden(t, "card.md", corpustest.WithoutDigests(t, c, card))
	front, _, ok := strings.Cut(strings.TrimPrefix(string(card), "---\n"), "\n---\n")
	if !ok {
		t.Fatal("no front matter")
	}
	var y struct {
		Language       []string
		SizeCategories []string `yaml:"size_categories"`
		Configs        []struct {
			ConfigName string `yaml:"config_name"`
			DataFiles  []struct {
				Split string
				Path  []string
			} `yaml:"data_files"`
		}
		DatasetInfo struct {
			Features []struct{ Name, Dtype string }
		} `yaml:"dataset_info"`
	}
	if err := yaml.Unmarshal([]byte(front), &y); err != nil {
		t.Fatal(err)
	}
	if len(y.Configs) != 1 || y.Configs[0].ConfigName != "default" || y.Configs[0].DataFiles[0].Split != "train" || y.Language[0] != "zh" || y.SizeCategories[0] != "n<1K" {
		t.Errorf("front matter %+v", y)
	}
	// The card names every shard of the live versions and declares the columns that they have.
	list, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := manifest.ViewOf(list)
	live := v.Live
	for i, m := range live {
		glob := y.Configs[0].DataFiles[0].Path[i]
		if prefix, ok := strings.CutSuffix(glob, "*.parquet"); !ok || !strings.HasPrefix(m.Shards()[0].Path, prefix) {
			t.Errorf("%s is not in %s", m.Shards()[0].Path, glob)
		}
	}
	var columns []string
	for _, f := range y.DatasetInfo.Features {
		if f.Dtype != "string" {
			f.Name = "#" + f.Name
		}
		columns = append(columns, f.Name)
	}
	rows(t, c, live[0].Shards()[0].Path, columns...)
}

// openCounter counts what is opened in a store.
type openCounter struct {
	pipeline.Store
	opened map[string]int
}

func (c *openCounter) Open(ctx context.Context, name string) (pipeline.Object, error) {
	c.opened[name]++
	return c.Store.Open(ctx, name)
}

// A manifest is read once by whoever asks again and again, and a new one is seen at once.
func TestManifestsAreReadOnce(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	counter := &openCounter{Store: local, opened: map[string]int{}}
	other := corpus.Open(counter, corpustest.Tables)
	for range 3 {
		if list, err := other.Versions(t.Context()); err != nil || len(list) != 2 {
			t.Fatalf("%d versions, %v", len(list), err)
		}
	}
	m, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	newest, err := other.Newest(t.Context())
	if err != nil || newest == nil || newest.Version != m.Version {
		t.Fatalf("%+v, %v", newest, err)
	}
	want := map[string]int{manifest.Name(1): 1, manifest.Name(2): 1, manifest.Name(3): 1}
	if !maps.Equal(counter.opened, want) {
		t.Errorf("opened %v, want %v", counter.opened, want)
	}
}
